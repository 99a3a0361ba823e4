import { expect, test } from "vitest";
import { counted, localPath, personName, valueText } from "./text";

test.each([
  ["/runs/5?node=a", "/runs/5?node=a"],
  [undefined, "/"],
  ["https://evil.example", "/"],
  ["//evil.example", "/"],
  ["/\\evil.example", "/"],
  ["/sign-in?next=/", "/"],
])("after signing in %j leads to %s", (path, expected) => {
  expect(localPath(path)).toBe(expected);
});

test("a person without a name goes by the email", () => {
  expect(personName({ first_name: null, last_name: "", email: "a@b.c" })).toBe("a@b.c");
  expect(personName({ first_name: "Ada", last_name: null, email: "a@b.c" })).toBe("Ada");
});

test("one is not many", () => {
  expect([counted(0, "chain"), counted(1, "chain"), counted(1200, "chain")]).toEqual([
    "0 chains",
    "1 chain",
    "1,200 chains",
  ]);
});

test("a value of any kind becomes text", () => {
  expect([valueText(null), valueText("a"), valueText(3), valueText({ a: 1 })]).toEqual([
    "",
    "a",
    "3",
    '{\n  "a": 1\n}',
  ]);
});
