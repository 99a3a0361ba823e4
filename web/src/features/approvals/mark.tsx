import type { Look } from "../../lib/states";
import classes from "./approvals.module.css";

/** How something stands, by word and colour. */
export function Mark({ look }: { look: Look }) {
  return (
    <span className={classes.mark} data-tone={look.tone}>
      {look.label}
    </span>
  );
}
