import { expect, test } from "vitest";
import { append, blocks, EMPTY_LOG, MAX_LINES, matches, pieces, shown } from "./log-lines";

test("a line may come in several parts", () => {
  const log = append(append(EMPTY_LOG, "one\ntw"), "o\r\nthree");
  expect(shown(log)).toEqual(["one", "two", "three"]);
  expect(log.lines).toEqual(["one", "two"]);
});

test("terminal colours are taken out", () => {
  expect(shown(append(EMPTY_LOG, "\u001b[31mred\u001b[0m\n"))).toEqual(["red"]);
});

test("only the newest lines are kept, and the loss is counted", () => {
  const log = append(EMPTY_LOG, "x\n".repeat(MAX_LINES + 3));
  expect([log.lines.length, log.dropped]).toEqual([MAX_LINES, 3]);
});

test("a search ignores case, and an empty word finds nothing", () => {
  expect(matches(["Error a", "fine", "an ERROR"], " error ")).toEqual([0, 2]);
  expect(matches(["a"], " ")).toEqual([]);
});

test("every second piece of a line is a match, and the signs of patterns are plain text", () => {
  expect(pieces("a.b A.B", "a.b")).toEqual(["", "a.b", " ", "A.B", ""]);
  expect(pieces("axb", "a.b")).toEqual(["axb"]);
  expect(pieces("line", "")).toEqual(["line"]);
});

test("blocks hold every line once", () => {
  const lines = Array.from({ length: 450 }, (_, at) => String(at));
  const made = blocks(lines);
  expect(made.map((block) => block.from)).toEqual([0, 200, 400]);
  expect(made.flatMap((block) => block.lines)).toEqual(lines);
});
