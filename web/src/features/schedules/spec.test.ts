import { expect, test } from "vitest";
import { emptyForm, faultsOf, isWhole, specOf, wordsOf } from "./spec";

const form = { ...emptyForm("Europe/Berlin"), name: " mornings " };

test("a form gives the schedule with what was filled in", () => {
  expect(specOf(form)).toEqual({ name: "mornings", zone: "Europe/Berlin", every: "day", interval: 1, at: "06:00" });
  const weekdays = {
    ...form,
    days_of_week: ["friday", "monday"],
    stop_at: "18:00",
    start_on: "2026-01-01",
    once: true,
  };
  expect(specOf(weekdays, { kind: "daily" })).toMatchObject({
    days_of_week: ["monday", "friday"],
    start_on: "2026-01-01",
    missed: "once",
    inputs: { kind: "daily" },
  });
  expect(specOf(weekdays)).not.toHaveProperty("stop_at");
  expect(specOf({ ...weekdays, kind: "hour" })).toMatchObject({ every: "hour", stop_at: "18:00" });
});

test("of a month the days are listed, and a cron text stands alone", () => {
  const monthly = { ...form, kind: "month" as const, days_of_month: "1, 15 last", days_of_week: ["monday"] };
  expect(specOf(monthly)).toMatchObject({ days_of_month: ["1", "15", "last"] });
  expect(specOf(monthly)).not.toHaveProperty("days_of_week");
  expect(specOf({ ...monthly, kind: "cron", cron: " 0 6 * * * " })).toEqual({
    name: "mornings",
    zone: "Europe/Berlin",
    cron: "0 6 * * *",
  });
  expect(isWhole({ ...form, kind: "cron" })).toBe(false);
  expect(isWhole(form)).toBe(true);
});

test("a schedule is told in words", () => {
  const base = { name: "a", zone: "UTC" };
  expect(wordsOf({ ...base, cron: "0 6 * * *" })).toBe("Cron 0 6 * * *");
  expect(wordsOf({ ...base, every: "day", at: "06:30", days_of_week: ["monday", "tuesday"] })).toBe(
    "Every day at 06:30, on Mon, Tue",
  );
  expect(wordsOf({ ...base, every: "minute", interval: 15, at: "08:00", stop_at: "18:00", end_on: "2026-12-31" })).toBe(
    "Every 15 minutes from 08:00 to 18:00, until 2026-12-31",
  );
  expect(wordsOf({ ...base, every: "month", days_of_month: ["last"] })).toBe("Every month at 00:00, on the last day");
  expect(wordsOf({ ...base, every: "month", days_of_month: ["1", "15", "last"] })).toContain(
    "on day 1 and day 15 and the last day",
  );
});

test("problems stand at their fields", () => {
  const found = faultsOf([
    { where: "schedule.cron", message: "No cron text.", mend: "Write five fields." },
    { where: "schedules[1].days_of_month[0]", message: "No day.", mend: "" },
    { where: "schedules[1].inputs.at", message: "An input.", mend: "" },
    { where: "nodes.a", message: "Other.", mend: "" },
  ]);
  expect(found).toEqual({
    fields: { cron: "No cron text. Write five fields.", days_of_month: "No day." },
    rest: ["An input.", "Other."],
  });
});
