import { expect, test } from "vitest";
import { refusalOf, wantedText } from "./files";

const there = (name: string) => ({ id: "1", name, size_bytes: 1, by: { email: "", name: "" }, at: "" });
const upload = { endings: [".csv", ".tar.gz"], most_files: 2, most_bytes: 1_048_576, files: [there("a.csv")] };

test("a file that is wanted is taken", () => {
  expect(refusalOf({ name: "B.CSV", size: 1_048_576 }, upload)).toBe("");
  expect(refusalOf({ name: "x.tar.gz", size: 0 }, upload)).toBe("");
  expect(refusalOf({ name: "anything", size: 1 }, { ...upload, endings: [] })).toBe("");
});

test("a file that is not wanted says why", () => {
  expect(refusalOf({ name: "b.gz", size: 1 }, upload)).toBe("b.gz does not end in .csv or .tar.gz.");
  expect(refusalOf({ name: "A.csv", size: 1 }, upload)).toBe("A file A.csv is there already.");
  expect(refusalOf({ name: "b.csv", size: 1_048_577 }, upload)).toBe("b.csv has 1.0 MB; at most 1 MB.");
  expect(refusalOf({ name: "b.csv", size: 1 }, { ...upload, most_files: 1 })).toBe("At most 1 file may be given.");
});

test("what is wanted is said in a sentence", () => {
  expect(wantedText(upload)).toBe("Files that end in .csv or .tar.gz, at most 2 files, each up to 1 MB.");
  expect(wantedText({ ...upload, endings: [] })).toBe("Files of any kind, at most 2 files, each up to 1 MB.");
});
