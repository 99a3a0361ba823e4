import { expect, test } from "vitest";
import type { NodeRunOut } from "../../api/generated/model/nodeRunOut";
import type { ResultOut } from "../../api/generated/model/resultOut";
import type { RunOut } from "../../api/generated/model/runOut";
import { failedSpots, namesOf, passesText, spotOf } from "./rerun";

const result = (state: string, group_pass: number | null) => ({ state, group_pass }) as ResultOut;
const node = (key: string, state: string, results: ResultOut[] = []) =>
  ({ key, name: `Node ${key}`, state, results }) as NodeRunOut;
const run = (...nodes: NodeRunOut[]) => ({ nodes }) as RunOut;

test("a node of a repeating group is taken in the pass that failed last", () => {
  const results = [result("errored", 1), result("errored", 3), result("succeeded", 4)];
  expect(spotOf(node("a", "errored", results)).group_pass).toBe(3);
  expect(spotOf(node("a", "succeeded", [result("succeeded", 4)])).group_pass).toBe(4);
  expect(spotOf(node("a", "errored", [result("errored", null)])).group_pass).toBeNull();
  expect(spotOf(node("a", "waiting")).group_pass).toBeNull();
});

test("a paused run can go on from what has failed", () => {
  const found = failedSpots(
    run(node("a", "succeeded"), node("b", "errored"), node("c", "waiting"), node("d", "paused")),
  );
  expect(found.map((spot) => spot.node)).toEqual(["b", "d"]);
});

test("nodes go by their names, and those that the run did not have by their keys", () => {
  const name = namesOf(run(node("a", "succeeded")));
  expect([name("a"), name("new")]).toEqual(["Node a", "new"]);
});

test("passes that are taken over are told in a sentence", () => {
  const plan = { version: 1, begins: "a", may_run: [], reused: [], reused_inside: [] };
  expect(passesText({ ...plan, reused_passes: 0 })).toBe("");
  expect(passesText({ ...plan, reused_passes: 1 })).toBe("One pass of the group is taken over.");
  expect(passesText({ ...plan, reused_passes: 2 })).toBe("2 passes of the group are taken over.");
});
