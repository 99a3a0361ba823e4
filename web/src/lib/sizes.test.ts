import { expect, test } from "vitest";
import { bytes } from "./sizes";

test.each([
  [0, "0 B"],
  [999, "999 B"],
  [1_400, "1.4 kB"],
  [9_960, "10 kB"],
  [999_400, "999 kB"],
  [999_600, "1.0 MB"],
  [23_000_000, "23 MB"],
  [1_500_000_000_000, "1.5 TB"],
  [4_000_000_000_000_000, "4000 TB"],
])("%i bytes are said as %s", (count, text) => {
  expect(bytes(count)).toBe(text);
});
