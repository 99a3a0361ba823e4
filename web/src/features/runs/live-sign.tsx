import classes from "./runs.module.css";
import type { Liveness } from "./use-live-run";

const TEXTS: Record<Liveness, string> = {
  ended: "",
  stream: "Live",
  polling: "Checking every 2 s",
};

/** Whether what is shown is fresh, and how. */
export function LiveSign({ liveness }: { liveness: Liveness }) {
  if (liveness === "ended") return null;
  return (
    <span className={classes.live} data-liveness={liveness}>
      {TEXTS[liveness]}
    </span>
  );
}
