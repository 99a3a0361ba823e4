import type { ReactNode } from "react";
import classes from "./panel.module.css";

type Props = { title?: string; level?: 2 | 3; aside?: ReactNode; flush?: boolean; children: ReactNode };

/** A bordered part of a page with its own heading. `flush` lets lists and tables touch the border. */
export function Panel({ title, level = 2, aside, flush = false, children }: Props) {
  const Heading = level === 2 ? "h2" : "h3";
  return (
    <section className={classes.panel}>
      {title ? (
        <div className={classes.head}>
          <Heading className={classes.title}>{title}</Heading>
          {aside}
        </div>
      ) : null}
      <div className={classes.body} data-flush={flush || undefined}>
        {children}
      </div>
    </section>
  );
}
