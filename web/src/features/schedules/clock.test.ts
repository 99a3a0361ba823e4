import { expect, test } from "vitest";
import { clockText } from "./clock";

test("a time is shown as the clock of its zone has it", () => {
  expect(clockText("2026-03-08T03:30:00-04:00")).toBe("Sun 2026-03-08 03:30 (-04:00)");
  expect(clockText("2026-03-09T00:00:00+00:00")).toBe("Mon 2026-03-09 00:00 (UTC)");
  expect(clockText("soon")).toBe("soon");
});
