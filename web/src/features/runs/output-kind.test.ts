import { expect, test } from "vitest";
import { isTable, previewIsWhole } from "./output-kind";

const file = { file_name: null, media_type: null, preview: null, size_bytes: null };

test("a delimited file is known by its media type or its name", () => {
  expect(isTable({ ...file, media_type: "text/csv; charset=utf-8" })).toBe(true);
  expect(isTable({ ...file, file_name: "Sales.CSV", media_type: "application/octet-stream" })).toBe(true);
  expect(isTable({ ...file, file_name: "notes.txt", media_type: "text/plain" })).toBe(false);
});

test("a preview is whole when it has all of the file's bytes", () => {
  expect(previewIsWhole({ ...file, preview: "ä\n", size_bytes: 3 })).toBe(true);
  expect(previewIsWhole({ ...file, preview: "ä\n", size_bytes: 4 })).toBe(false);
});
