import { expect, test } from "vitest";
import type { Graph } from "../../../api/generated/model/graph";
import { CARD, column, layoutKey, layoutOf, toElk, viewOf } from "./layout";

const node = (id: string) => ({
  id,
  key: id,
  name: id,
  description: "",
  command: "files.create",
  connector_title: "",
  command_title: "",
  kind: "command" as const,
  group: null,
  starts: [],
  iterates: false,
  color: "",
});
const graph: Graph = {
  start: "a",
  nodes: [node("a"), node("b")],
  links: [
    { id: "ab", source: "a", target: "b", when: "success" },
    { id: "ax", source: "a", target: "gone", when: "any" },
  ],
};

test("every node becomes a card, and a link to nowhere is left out", () => {
  const question = toElk(graph);
  expect(question.children).toEqual([
    { id: "a", ...CARD },
    { id: "b", ...CARD },
  ]);
  expect(question.edges).toEqual([{ id: "ab", sources: ["a"], targets: ["b"] }]);
});

test("the answer's places are found by node", () => {
  const { places, ...size } = layoutOf({
    id: "chain",
    width: 300,
    height: 200,
    children: [{ id: "a", x: 3, y: 4 }, { id: "b" }],
  });
  expect(size).toEqual({ width: 300, height: 200 });
  expect(places.get("a")).toEqual({ x: 3, y: 4 });
  expect(places.get("b")).toEqual({ x: 0, y: 0 });
});

test("a new name keeps the layout, a new link does not", () => {
  const renamed = { ...graph, nodes: graph.nodes.map((one) => ({ ...one, name: "other" })) };
  const relinked = { ...graph, links: graph.links.slice(1) };
  expect(layoutKey(renamed)).toBe(layoutKey(graph));
  expect(layoutKey(relinked)).not.toBe(layoutKey(graph));
});

test("without the engine no two cards share a place", () => {
  const places = [...column(graph).places.values()].map((place) => `${place.x},${place.y}`);
  expect(new Set(places).size).toBe(2);
});

test("a layout is shown whole and in the middle, never larger than natural", () => {
  const layout = { places: new Map(), width: 400, height: 200 };
  expect(viewOf(layout, "a", 1000, 500)).toEqual({ x: 300, y: 150, zoom: 1 });
  expect(viewOf(layout, "a", 240, 500)).toEqual({ x: 20, y: 200, zoom: 0.5 });
});

test("a layout that is too large to be read whole is shown from its start", () => {
  const layout = { places: new Map([["a", { x: 884, y: 50 }]]), width: 4000, height: 10_000 };
  expect(viewOf(layout, "a", 480, 500)).toEqual({ x: -160, y: 0, zoom: 0.4 });
  expect(viewOf(layout, "unknown", 480, 500)).toEqual({ x: -560, y: 20, zoom: 0.4 });
});
