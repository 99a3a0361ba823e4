import type { ReactNode } from "react";
import classes from "./empty-state.module.css";

type Props = { icon: ReactNode; title: string; plain?: boolean; children: ReactNode };

/** What stands where nothing is yet: what would be here, and the next step to get it. `plain` is for inside a panel. */
export function EmptyState({ icon, title, plain = false, children }: Props) {
  return (
    <div className={classes.empty} data-plain={plain || undefined}>
      <div className={classes.icon} aria-hidden="true">
        {icon}
      </div>
      <h2 className={classes.title}>{title}</h2>
      <div className={classes.body}>{children}</div>
    </div>
  );
}
