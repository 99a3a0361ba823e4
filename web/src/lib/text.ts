/** "Ada Lovelace", or the email where no name is known. */
export function personName(person: { first_name: string | null; last_name: string | null; email: string }): string {
  return [person.first_name, person.last_name].filter(Boolean).join(" ").trim() || person.email;
}

/** "1 chain", "4 chains" */
export const counted = (count: number, word: string): string =>
  `${count.toLocaleString("en")} ${word}${count === 1 ? "" : "s"}`;

/** A value of any JSON type as one readable text. */
export function valueText(value: unknown): string {
  if (value === null || value === undefined) return "";
  return typeof value === "string" ? value : JSON.stringify(value, null, 2);
}

/** A path within this app to go to after signing in; anything that could lead elsewhere becomes "/". */
export function localPath(path: string | undefined): string {
  return path?.startsWith("/") && !/^\/[/\\]/.test(path) && !path.startsWith("/sign-in") ? path : "/";
}
