/** Times as people read them. Input is RFC 3339 text; `now` comes in, so that every rule here can be tested. */
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const plural = (count: number, word: string): string => `${count} ${word}${count === 1 ? "" : "s"}`;

/** "just now", "5 min ago", "in 3 h", "2 days ago"; a date once it is more than 30 days away. */
export function relativeTime(value: string, now: Date, zone?: string): string {
  const difference = new Date(value).getTime() - now.getTime();
  const distance = Math.abs(difference);
  if (Number.isNaN(distance)) return "";
  if (distance < 45_000) return "just now";
  if (distance >= 30 * DAY) return dateOnly(value, zone);
  const amount = amountOf(distance);
  return difference > 0 ? `in ${amount}` : `${amount} ago`;
}

function amountOf(distance: number): string {
  if (distance < HOUR) return `${Math.max(1, Math.round(distance / MINUTE))} min`;
  if (distance < DAY) return `${Math.round(distance / HOUR)} h`;
  return plural(Math.round(distance / DAY), "day");
}

/** The whole moment with its zone, to the second: "24 Nov 2026, 14:03:09 GMT+1". */
export function exactTime(value: string, zone?: string): string {
  return format(value, zone, {
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hour12: false,
    timeZoneName: "short",
  });
}

/** "24 Nov 2026" */
export function dateOnly(value: string, zone?: string): string {
  return format(value, zone, { day: "numeric", month: "short", year: "numeric" });
}

function format(value: string, zone: string | undefined, options: Intl.DateTimeFormatOptions): string {
  const moment = new Date(value);
  if (Number.isNaN(moment.getTime())) return "";
  try {
    return new Intl.DateTimeFormat("en-GB", { ...options, timeZone: zone }).format(moment);
  } catch {
    // A zone name this browser does not know: its own zone is better than no time.
    return new Intl.DateTimeFormat("en-GB", options).format(moment);
  }
}

/** A length of time: "0.4 s", "12 s", "3 min 05 s", "2 h 04 min", "3 d 2 h". */
export function duration(milliseconds: number): string {
  if (milliseconds < 0 || Number.isNaN(milliseconds)) return "";
  if (milliseconds < 9_950) return `${(milliseconds / 1000).toFixed(1)} s`;
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${two(seconds % 60)} s`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ${two(Math.floor((seconds % 3600) / 60))} min`;
  return `${Math.floor(seconds / 86_400)} d ${Math.floor((seconds % 86_400) / 3600)} h`;
}

const two = (value: number): string => String(value).padStart(2, "0");

/** Milliseconds from `start` to `end`, or to `now` while it has not ended; null before it started. */
export function elapsed(start: string | null, end: string | null, now: Date): number | null {
  if (start === null) return null;
  const from = new Date(start).getTime();
  const until = end === null ? now.getTime() : new Date(end).getTime();
  return Math.max(0, until - from);
}
