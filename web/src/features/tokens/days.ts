/** What is wrong with a number of days, as a sentence; null when it is right. */
export function daysProblem(value: number | string, max: number): string | null {
  const days = typeof value === "number" ? value : Number(value.trim() || Number.NaN);
  return Number.isInteger(days) && days >= 1 && days <= max ? null : `Give a whole number from 1 to ${max}.`;
}
