import { expect, test } from "vitest";
import { isAcceptable } from "./password";

test.each([
  ["correct-horse-1", true],
  ["correcthorse1", false],
  ["correct-horse-x", false],
  ["short-1", false],
  [`1-${"x".repeat(126)}`, true],
  [`1-${"x".repeat(127)}`, false],
])("%s: %s", (password, acceptable) => {
  expect(isAcceptable(password)).toBe(acceptable);
});
