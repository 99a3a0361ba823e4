import { memo } from "react";
import classes from "./log.module.css";
import { pieces } from "./log-lines";

type Props = { from: number; lines: readonly string[]; word: string; current: number | undefined };

function sameBlock(before: Props, after: Props): boolean {
  const last = after.lines.length - 1;
  const within = (at: number | undefined, props: Props) =>
    at !== undefined && at >= props.from && at < props.from + props.lines.length ? at : undefined;
  return (
    before.from === after.from &&
    before.word === after.word &&
    before.lines.length === after.lines.length &&
    before.lines[0] === after.lines[0] &&
    before.lines[last] === after.lines[last] &&
    within(before.current, before) === within(after.current, after)
  );
}

/** Some lines of a log, drawn again only when they or their matches change. */
export const LogBlock = memo(function LogBlock({ from, lines, word, current }: Props) {
  return (
    <div className={classes.block}>
      {lines.map((line, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a line of a log has no other name than its number
        <div key={from + index} className={classes.line} data-line={from + index}>
          {pieces(line, word).map((piece, at) =>
            at % 2 === 1 ? (
              // biome-ignore lint/suspicious/noArrayIndexKey: pieces have no other name
              <mark key={at} data-current={from + index === current || undefined}>
                {piece}
              </mark>
            ) : (
              piece
            ),
          )}
          {"\n"}
        </div>
      ))}
    </div>
  );
}, sameBlock);
