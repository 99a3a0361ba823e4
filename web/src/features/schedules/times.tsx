import type { OccurrenceOut } from "../../api/generated/model/occurrenceOut";
import { clockText } from "./clock";
import classes from "./schedules.module.css";

type Props = { label: string; items: OccurrenceOut[] };

/** Times of a schedule on the clock of its zone, each with what is unusual about it. */
export function Times({ label, items }: Props) {
  return (
    <ul className={classes.times} aria-label={label}>
      {items.map((item) => (
        <li key={`${item.kind} ${item.at}`} data-left-out={item.kind === "holiday" || undefined}>
          <time dateTime={item.at} className="tabular">
            {clockText(item.local)}
          </time>
          {item.kind === "holiday" ? <span> left out</span> : null}
          {item.note ? <small>{item.note}</small> : null}
        </li>
      ))}
    </ul>
  );
}
