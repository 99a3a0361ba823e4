const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

/** A time as its zone's clock shows it: "2026-03-08T03:30:00-04:00" is "Sun 2026-03-08 03:30 (-04:00)". */
export function clockText(local: string): string {
  const [, day = "", time = "", offset = ""] = /^([\d-]+)T(\d\d:\d\d)(?::[\d.]+)?(.*)$/.exec(local) ?? [];
  if (day === "") return local;
  const weekday = DAYS[new Date(`${day}T00:00:00Z`).getUTCDay()];
  return `${weekday} ${day} ${time} (${offset === "Z" || offset === "+00:00" ? "UTC" : offset})`;
}
