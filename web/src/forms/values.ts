/** The values of a runtime-input form: how it starts, what is wrong with it, what is sent. Product facts 2.14. */
import type { RuntimeInputOut } from "../api/generated/model/runtimeInputOut";

export type FieldValue = string | number | boolean;
export type FormValues = Record<string, FieldValue>;
export type FormErrors = Record<string, string>;

const isEmpty = (value: FieldValue | undefined): boolean => value === undefined || value === "";

function initialValue(input: RuntimeInputOut, given: unknown = input.default): FieldValue {
  if (input.type === "boolean") return given === true || given === "true";
  if (given === null || given === undefined) return "";
  if (input.type === "number") return typeof given === "number" ? given : Number(given);
  return typeof given === "string" ? given : JSON.stringify(given);
}

/** `given` holds values that stand in for the defaults, such as those of an earlier run. */
export const initialValues = (inputs: RuntimeInputOut[], given: Record<string, unknown> = {}): FormValues =>
  Object.fromEntries(inputs.map((input) => [input.name, initialValue(input, given[input.name])]));

/** Cheap checks before the server's own: only what is plain to see. */
export function errorsOf(inputs: RuntimeInputOut[], values: FormValues): FormErrors {
  const errors: FormErrors = {};
  for (const input of inputs) {
    if (input.required && isEmpty(values[input.name])) errors[input.name] = `Give a value for ${labelOf(input)}.`;
  }
  return errors;
}

/** What is sent: an optional field left empty is not sent, unless emptying it took a default away. */
export function payloadOf(inputs: RuntimeInputOut[], values: FormValues): Record<string, FieldValue | null> {
  const sent: Record<string, FieldValue | null> = {};
  for (const input of inputs) {
    const value = values[input.name];
    if (value !== undefined && !isEmpty(value)) sent[input.name] = value;
    else if (!isEmpty(initialValue(input))) sent[input.name] = input.type === "text" ? "" : null;
  }
  return sent;
}

/** The server's problems that belong to a field, by the last step of their place ("inputs.period"). */
export function serverErrors(inputs: RuntimeInputOut[], problems: readonly { where: string; message: string }[]) {
  const names = new Set(inputs.map((input) => input.name));
  const errors: FormErrors = {};
  for (const problem of problems) {
    const name = problem.where.split(/[./]/).at(-1) ?? "";
    if (names.has(name)) errors[name] = problem.message;
  }
  return errors;
}

export const labelOf = (input: RuntimeInputOut): string => input.label || input.name;
