import type { ScheduleSpec } from "../../api/generated/model/scheduleSpec";
import { ScheduleSpecDaysOfWeekItem } from "../../api/generated/model/scheduleSpecDaysOfWeekItem";
import type { ScheduleSpecInputs } from "../../api/generated/model/scheduleSpecInputs";

/** How often, as a person chooses it: one of the units, or a cron text. */
export type Kind = "minute" | "hour" | "day" | "week" | "month" | "cron";

export type Form = {
  name: string;
  zone: string;
  kind: Kind;
  interval: number;
  at: string;
  stop_at: string;
  days_of_week: string[];
  days_of_month: string;
  cron: string;
  start_on: string;
  end_on: string;
  once: boolean;
};

export const WEEKDAYS = Object.values(ScheduleSpecDaysOfWeekItem);
export const KINDS: Record<Kind, string> = {
  minute: "Minutes",
  hour: "Hours",
  day: "Days",
  week: "Weeks",
  month: "Months",
  cron: "As a cron text says",
};

export const emptyForm = (zone: string): Form => ({
  name: "",
  zone,
  kind: "day",
  interval: 1,
  at: "06:00",
  stop_at: "",
  days_of_week: [],
  days_of_month: "",
  cron: "",
  start_on: "",
  end_on: "",
  once: false,
});

const listed = (text: string): string[] => text.split(/[\s,]+/).filter(Boolean);

/** The schedule that a form describes: what is empty, or does not belong to the chosen kind, is left out. */
export function specOf(form: Form, inputs: ScheduleSpecInputs = {}): ScheduleSpec {
  const { kind } = form;
  const spec: ScheduleSpec = { name: form.name.trim(), zone: form.zone };
  if (kind === "cron") spec.cron = form.cron.trim();
  else {
    spec.every = kind;
    spec.interval = form.interval;
    spec.at = form.at;
    if ((kind === "minute" || kind === "hour") && form.stop_at) spec.stop_at = form.stop_at;
    if (kind !== "month" && form.days_of_week.length > 0) {
      spec.days_of_week = WEEKDAYS.filter((day) => form.days_of_week.includes(day));
    }
    if (kind === "month" && form.days_of_month) spec.days_of_month = listed(form.days_of_month);
  }
  if (form.start_on) spec.start_on = form.start_on;
  if (form.end_on) spec.end_on = form.end_on;
  if (form.once) spec.missed = "once";
  if (Object.keys(inputs).length > 0) spec.inputs = inputs;
  return spec;
}

/** Whether there is enough of a schedule to ask the server what it would do. */
export const isWhole = (form: Form): boolean => form.zone !== "" && (form.kind !== "cron" || form.cron.trim() !== "");

const named = (days: readonly string[] | undefined): string =>
  (days ?? []).map((day) => `${day[0]?.toUpperCase()}${day.slice(1, 3)}`).join(", ");

/** A schedule in words: "Every day at 06:30, on Mon, Tue". */
export function wordsOf(spec: ScheduleSpec): string {
  if (spec.cron) return `Cron ${spec.cron}`;
  const count = spec.interval ?? 1;
  const unit = count === 1 ? spec.every : `${count} ${spec.every}s`;
  const at = spec.at ?? "00:00";
  const when = spec.stop_at ? `from ${at} to ${spec.stop_at}` : `at ${at}`;
  const parts = [`Every ${unit} ${when}`];
  if (spec.days_of_week?.length) parts.push(`on ${named(spec.days_of_week)}`);
  if (spec.days_of_month?.length)
    parts.push(`on ${spec.days_of_month.map((day) => (day === "last" ? "the last day" : `day ${day}`)).join(" and ")}`);
  if (spec.start_on) parts.push(`from ${spec.start_on}`);
  if (spec.end_on) parts.push(`until ${spec.end_on}`);
  return parts.join(", ");
}

type Problem = { where: string; message: string; mend: string };

/** The problems that belong to fields of the form, and those that do not. */
export function faultsOf(problems: readonly Problem[]): { fields: Record<string, string>; rest: string[] } {
  const names = [
    "name",
    "zone",
    "interval",
    "at",
    "stop_at",
    "days_of_week",
    "days_of_month",
    "cron",
    "start_on",
    "end_on",
  ];
  const fields: Record<string, string> = {};
  const rest: string[] = [];
  for (const problem of problems) {
    const sentence = [problem.message, problem.mend].filter(Boolean).join(" ");
    // A runtime input may have the name of a field.
    const ofInput = /\.inputs\b/.test(problem.where);
    const name = ofInput ? undefined : problem.where.split(/[.[\]]+/).findLast((step) => names.includes(step));
    if (name) fields[name] ??= sentence;
    else rest.push(sentence);
  }
  return { fields, rest };
}
