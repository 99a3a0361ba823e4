import { elapsed, exactTime, duration as lengthText, relativeTime } from "../lib/time";
import { useNow } from "./use-now";
import { useZone } from "./zone";

type MomentProps = { at: string | null; none?: string; exact?: boolean };

/** A moment as "5 min ago" with the exact time on hover, or the exact time itself. */
export function Moment({ at, none = "never", exact = false }: MomentProps) {
  const zone = useZone();
  const now = useNow(30_000);
  if (at === null) return <span>{none}</span>;
  const full = exactTime(at, zone);
  return (
    <time dateTime={at} title={full} className="tabular">
      {exact ? full : relativeTime(at, now, zone)}
    </time>
  );
}

type LengthProps = { from: string | null; to: string | null; none?: string };

/** How long something took, or has been taking until now. */
export function Length({ from, to, none = "" }: LengthProps) {
  const now = useNow(from !== null && to === null ? 1000 : null);
  const length = elapsed(from, to, now);
  return <span className="tabular">{length === null ? none : lengthText(length)}</span>;
}
