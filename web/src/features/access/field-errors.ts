import { isApiError, type ProblemItem } from "../../api/problem";

export type FieldErrors = { fields: Readonly<Record<string, string>>; rest: unknown };

const sentence = (problem: ProblemItem): string => [problem.message, problem.mend].filter(Boolean).join(" ");

/** A refusal, parted by the form's fields; `rest` is the error when something of it belongs to none of them. */
export function byField(error: unknown, names: readonly string[]): FieldErrors {
  if (!isApiError(error) || error.problems.length === 0) return { fields: {}, rest: error };
  const fields: Record<string, string> = {};
  let whole = true;
  for (const problem of error.problems) {
    const name = problem.where.replace(/^body\./, "");
    if (names.includes(name)) fields[name] = [fields[name], sentence(problem)].filter(Boolean).join(" ");
    else whole = false;
  }
  return { fields, rest: whole ? null : error };
}
