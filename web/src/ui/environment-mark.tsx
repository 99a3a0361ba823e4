import classes from "./environment-mark.module.css";

/** An environment's name with its colour, so that nobody mistakes PROD for DEV. */
export function EnvironmentMark({ name, color }: { name: string; color: string }) {
  return (
    <span className={classes.mark}>
      <span className={classes.dot} style={{ background: color }} aria-hidden="true" />
      {name}
    </span>
  );
}
