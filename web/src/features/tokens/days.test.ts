import { expect, test } from "vitest";
import { daysProblem } from "./days";

test.each([
  [1, true],
  [30, true],
  ["7", true],
  [0, false],
  [31, false],
  [1.5, false],
  ["", false],
  ["x", false],
])("%j days with a limit of 30: %s", (value, right) => {
  expect(daysProblem(value, 30) === null).toBe(right);
});
