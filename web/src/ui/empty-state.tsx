import type { ReactNode } from "react";
import classes from "./empty-state.module.css";

type Props = { icon: ReactNode; title: string; children: ReactNode };

/** What stands where nothing is yet: what would be here, and the next step to get it. */
export function EmptyState({ icon, title, children }: Props) {
  return (
    <div className={classes.empty}>
      <div className={classes.icon} aria-hidden="true">
        {icon}
      </div>
      <h2 className={classes.title}>{title}</h2>
      <div className={classes.body}>{children}</div>
    </div>
  );
}
