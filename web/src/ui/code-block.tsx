import classes from "./code-block.module.css";
import { CopyButton } from "./copy-button";

type Props = { text: string; what: string };

/** A command or value to copy, in a scrollable block. `what` names it: "the command". */
export function CodeBlock({ text, what }: Props) {
  return (
    <div className={classes.block}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <section className={classes.scroll} aria-label={what} tabIndex={0}>
        <pre className={classes.text}>{text}</pre>
      </section>
      <div className={classes.copy}>
        <CopyButton text={text} what={what} compact />
      </div>
    </div>
  );
}
