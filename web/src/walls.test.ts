import { globSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import { expect, test } from "vitest";

/** The architecture of the app, as far as imports show it: what may know what. */
const ROOT = import.meta.dirname;
const FLOORS = ["app", "routes", "features", "forms", "ui", "api", "lib"];
const MAY_IMPORT: Record<string, string[]> = {
  app: ["app", "routes", "ui", "api", "lib"],
  routes: ["routes", "app", "features", "ui", "api", "lib"],
  features: ["features", "forms", "ui", "api", "lib"],
  forms: ["forms", "ui", "api", "lib"],
  ui: ["ui", "api", "lib"],
  api: ["api", "lib"],
  lib: ["lib"],
};

type Import = { from: string; to: string };

const files = globSync("**/*.{ts,tsx}", { cwd: ROOT }).filter((file) => !/generated|\.gen\.|\.test\./.test(file));
const imports: Import[] = files.flatMap((from) => {
  const text = readFileSync(join(ROOT, from), "utf8");
  const found = text.matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g);
  return [...found].map(([, to = ""]) => ({
    from,
    to: to.startsWith(".") ? relative(ROOT, normalize(join(ROOT, dirname(from), to))) : to,
  }));
});
const floorOf = (path: string): string => path.split("/", 1)[0] ?? "";
const roomOf = (path: string): string => path.split("/").slice(0, 2).join("/");
const told = (found: Import[]): string[] => found.map(({ from, to }) => `${from} imports ${to}`);

test("the walls are looked at: enough files and imports are seen", () => {
  expect(files.length).toBeGreaterThan(80);
  expect(imports.length).toBeGreaterThan(300);
});

test("imports only point down", () => {
  const wrong = imports.filter(({ from, to }) => {
    const allowed = MAY_IMPORT[floorOf(from)] ?? [];
    return FLOORS.includes(floorOf(to)) && !to.startsWith("app/route-tree") && !allowed.includes(floorOf(to));
  });
  expect(told(wrong)).toEqual([]);
});

test("features do not know each other", () => {
  const wrong = imports.filter(
    ({ from, to }) => floorOf(from) === "features" && floorOf(to) === "features" && roomOf(from) !== roomOf(to),
  );
  expect(told(wrong)).toEqual([]);
});

test("only the canvas and what it draws know the graph library", () => {
  const doors = ["canvas.tsx", "node-card.tsx", "link-line.tsx"].map((name) => `features/runs/graph/${name}`);
  const wrong = imports.filter(({ from, to }) => to.startsWith("@xyflow/") && !doors.includes(from));
  expect(told(wrong)).toEqual([]);
  expect(imports.filter(({ to }) => to === "@xyflow/react")).toHaveLength(doors.length);
});

test("no file re-exports a folder, and none is longer than it should be", () => {
  expect(files.filter((file) => /(^|\/)index\.ts$/.test(file))).toEqual([]);
  expect(files.filter((file) => readFileSync(join(ROOT, file), "utf8").split("\n").length > 250)).toEqual([]);
});

test("every part of Mantine that is used has its style sheet", () => {
  const sheet = readFileSync(join(ROOT, "app/mantine.css"), "utf8");
  const used = files.flatMap((file) => {
    const found = /import \{([^}]+)\} from "@mantine\/core"/s.exec(readFileSync(join(ROOT, file), "utf8"));
    return (found?.[1] ?? "").split(",").map((name) => name.trim());
  });
  const sheets = globSync("*.css", { cwd: join(ROOT, "../node_modules/@mantine/core/styles") });
  const needed = [...new Set(used)].filter((name) => sheets.includes(`${name}.css`));
  expect(needed.length).toBeGreaterThan(10);
  expect(needed.filter((name) => !sheet.includes(`/${name}.css"`))).toEqual([]);
});
