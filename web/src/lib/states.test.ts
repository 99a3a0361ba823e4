import { expect, test } from "vitest";
import { type AnyState, hasEnded, lookOf, nodeHasEnded, type RunState } from "./states";

const RUNS: RunState[] = ["enqueueing", "running", "paused", "errored", "warned", "all_succeeded", "stopped"];

test("a run has ended in exactly four of its states", () => {
  expect(RUNS.filter(hasEnded)).toEqual(["errored", "warned", "all_succeeded", "stopped"]);
});

test("a waiting, active or paused node has not ended", () => {
  expect((["waiting", "active", "paused"] as const).some(nodeHasEnded)).toBe(false);
  expect((["skipped", "errored", "warned", "succeeded", "stopped"] as const).every(nodeHasEnded)).toBe(true);
});

test("success is said the same for a run and for a node", () => {
  expect(lookOf("all_succeeded")).toEqual(lookOf("succeeded"));
});

test("an unknown state is shown by its own name", () => {
  expect(lookOf("dreaming" as AnyState)).toEqual({ label: "dreaming", tone: "neutral" });
});
