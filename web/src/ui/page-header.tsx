import { Children, type ReactNode } from "react";
import classes from "./page-header.module.css";

type Props = { title: string; trail?: ReactNode; badge?: ReactNode; actions?: ReactNode; children?: ReactNode };

/** A page's one h1, where it lies, what can be done. Focus goes to the h1 when the page changes. */
export function PageHeader({ title, trail, badge, actions, children }: Props) {
  return (
    <header className={classes.header}>
      <title>{`${title} · OneCloud`}</title>
      {trail ? (
        <nav aria-label="Breadcrumb">
          <ol className={classes.trail}>
            {Children.map(trail, (step) => (
              <li>{step}</li>
            ))}
          </ol>
        </nav>
      ) : null}
      <div className={classes.row}>
        <div className={classes.heading}>
          <h1 className={classes.title} tabIndex={-1}>
            {title}
          </h1>
          {badge}
        </div>
        {actions ? <div className={classes.actions}>{actions}</div> : null}
      </div>
      {children ? <div className={classes.about}>{children}</div> : null}
    </header>
  );
}
