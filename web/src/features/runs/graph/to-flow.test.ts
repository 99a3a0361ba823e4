import { describe, expect, test } from "vitest";
import type { Graph } from "../../../api/generated/model/graph";
import type { GraphLink } from "../../../api/generated/model/graphLink";
import type { NodeRunOut } from "../../../api/generated/model/nodeRunOut";
import { fateOf, toCards, toLinks } from "./to-flow";

const ran = (id: string, state: NodeRunOut["state"]): NodeRunOut => ({
  id: `run-${id}`,
  node_id: id,
  key: id,
  name: id,
  state,
  started_at: null,
  ended_at: null,
  message: "",
  passes: null,
  results: [],
});
const link = (when: GraphLink["when"]): GraphLink => ({ id: `a-b-${when}`, source: "a", target: "b", when });

describe("the fate of a link", () => {
  test.each([
    ["success", "succeeded", "taken"],
    ["success", "warned", "passed"],
    ["warning", "warned", "taken"],
    ["failure", "errored", "taken"],
    ["failure", "succeeded", "passed"],
    ["any", "errored", "taken"],
    ["any", "skipped", "passed"],
    ["any", "stopped", "passed"],
    ["success", "active", "open"],
    ["success", "paused", "open"],
  ] as const)("on %s after a node that is %s: %s", (when, state, fate) => {
    expect(fateOf(link(when), ran("a", state))).toBe(fate);
  });

  test("is open where there is no run", () => {
    expect(fateOf(link("any"), undefined)).toBe("open");
  });
});

const node = {
  id: "a",
  key: "read",
  name: "Read",
  description: "",
  command: "files.create",
  connector_title: "",
  command_title: "",
  kind: "command" as const,
  group: null,
  starts: [],
  iterates: false,
  color: "",
};
const graph: Graph = { start: "a", nodes: [node, { ...node, id: "b", key: "next" }], links: [link("success")] };

test("a card knows its place, its run, and whether it is the start or chosen", () => {
  const cards = toCards(graph, new Map([["a", { x: 1, y: 2 }]]), [ran("a", "active")], "next");
  expect(cards[0]).toMatchObject({ id: "a", position: { x: 1, y: 2 }, data: { isStart: true, selected: false } });
  expect(cards[0]?.data.run?.state).toBe("active");
  expect(cards[1]).toMatchObject({ position: { x: 0, y: 0 }, data: { isStart: false, selected: true, run: null } });
});

test("a link carries its condition and its fate", () => {
  expect(toLinks(graph, [ran("a", "succeeded")])).toEqual([
    { id: "a-b-success", type: "link", source: "a", target: "b", data: { when: "success", fate: "taken" } },
  ]);
});
