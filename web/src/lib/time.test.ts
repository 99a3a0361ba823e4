import { describe, expect, test } from "vitest";
import { duration, elapsed, exactTime, relativeTime } from "./time";

const now = new Date("2026-11-24T12:00:00Z");

describe("relativeTime", () => {
  test.each([
    ["2026-11-24T11:59:30Z", "just now"],
    ["2026-11-24T11:55:00Z", "5 min ago"],
    ["2026-11-24T09:00:00Z", "3 h ago"],
    ["2026-11-23T12:00:00Z", "1 day ago"],
    ["2026-11-10T12:00:00Z", "14 days ago"],
    ["2026-11-24T13:00:00Z", "in 1 h"],
    ["2026-01-05T12:00:00Z", "5 Jan 2026"],
  ])("%s is said as %s", (value, text) => {
    expect(relativeTime(value, now, "UTC")).toBe(text);
  });

  test("a text that is no time gives nothing", () => {
    expect(relativeTime("soon", now)).toBe("");
  });
});

describe("exactTime", () => {
  test("is told in the person's zone", () => {
    expect(exactTime("2026-11-24T12:00:03Z", "Asia/Tokyo")).toContain("24 Nov 2026, 21:00:03");
  });

  test("falls back to the browser's zone when the zone is unknown", () => {
    expect(exactTime("2026-11-24T12:00:03Z", "Mars/Olympus")).toContain("12:00:03");
  });
});

describe("duration", () => {
  test.each([
    [0, "0.0 s"],
    [420, "0.4 s"],
    [9_949, "9.9 s"],
    [12_400, "12 s"],
    [59_499, "59 s"],
    [59_500, "1 min 00 s"],
    [185_000, "3 min 05 s"],
    [7_440_000, "2 h 04 min"],
    [266_400_000, "3 d 2 h"],
  ])("%i ms is said as %s", (milliseconds, text) => {
    expect(duration(milliseconds)).toBe(text);
  });
});

describe("elapsed", () => {
  test("runs on while there is no end", () => {
    expect(elapsed("2026-11-24T11:59:00Z", null, now)).toBe(60_000);
  });

  test("is never negative when clocks differ", () => {
    expect(elapsed("2026-11-24T12:00:05Z", null, now)).toBe(0);
  });

  test("is unknown before the start", () => {
    expect(elapsed(null, null, now)).toBeNull();
  });
});
