import { describe, expect, test } from "vitest";
import { csvRecords, csvTable, guessDelimiter } from "./csv";

describe("guessDelimiter", () => {
  test.each([
    ["a,b,c\n1,2,3", ","],
    ["a;b;c\n1,5;2;3", ";"],
    ["a\tb\n", "\t"],
    ["a|b|c", "|"],
    ['"x;y;z",b', ","],
    ["alone", ","],
  ])("%j is split by %j", (text, delimiter) => {
    expect(guessDelimiter(text)).toBe(delimiter);
  });
});

describe("csvRecords", () => {
  test("keeps delimiters, quotes and line ends within quotes", () => {
    expect(csvRecords('a,"b, ""c""\nd"\r\n1,2\r\n', ",", true)).toEqual([
      ["a", 'b, "c"\nd'],
      ["1", "2"],
    ]);
  });

  test("leaves out the last record of a text that was cut off", () => {
    expect(csvRecords("a,b\n1,2\n3,", ",", false)).toEqual([
      ["a", "b"],
      ["1", "2"],
    ]);
  });

  test("takes the last record of a whole text without a final line end", () => {
    expect(csvRecords("a,b\n1,2", ",", true)).toEqual([
      ["a", "b"],
      ["1", "2"],
    ]);
  });

  test("leaves out an open quoted field that was cut off", () => {
    expect(csvRecords('a\n"torn', ",", false)).toEqual([["a"]]);
  });
});

describe("csvTable", () => {
  test("pads short rows and forgets a byte order mark", () => {
    expect(csvTable("\uFEFFa,b,c\n1,2\n", true)).toEqual({ header: ["a", "b", "c"], rows: [["1", "2", ""]] });
  });

  test("widens the header for a longer row", () => {
    expect(csvTable("a\n1,2\n", true)).toEqual({ header: ["a", ""], rows: [["1", "2"]] });
  });

  test("shows no more rows than asked for", () => {
    expect(csvTable("a\n1\n2\n3\n", true, 2).rows).toHaveLength(2);
  });

  test("an empty text is an empty table", () => {
    expect(csvTable("", true)).toEqual({ header: [], rows: [] });
  });
});
