import type { ElkNode } from "elkjs/lib/elk-api";
import type { Graph } from "../../../api/generated/model/graph";

/** Sizes and places of the cards, in pixels. Pure: a graph in, the layout engine's question out, and its answer back. */
export const CARD = { width: 232, height: 60 };

const ORDERED_NODES = 80;

export type Place = { x: number; y: number };
export type Places = ReadonlyMap<string, Place>;
/** Where every card lies, and the size of all of it. */
export type Layout = { places: Places; width: number; height: number };

/** Two graphs with the same key have the same layout: states may change without moving a card. */
export const layoutKey = (graph: Graph): string =>
  JSON.stringify([graph.nodes.map((node) => node.id), graph.links.map((link) => [link.source, link.target])]);

export function toElk(graph: Graph): ElkNode {
  const known = new Set(graph.nodes.map((node) => node.id));
  return {
    id: "chain",
    layoutOptions: {
      "elk.algorithm": "layered",
      "elk.direction": "DOWN",
      "elk.spacing.nodeNode": "22",
      "elk.layered.spacing.nodeNodeBetweenLayers": "46",
      "elk.layered.nodePlacement.strategy": "BRANDES_KOEPF",
      "elk.layered.nodePlacement.bk.fixedAlignment": "BALANCED",
      // The order of the document reads best, but keeping it costs seconds where there are hundreds of nodes.
      ...(graph.nodes.length <= ORDERED_NODES ? { "elk.layered.considerModelOrder.strategy": "NODES_AND_EDGES" } : {}),
    },
    children: graph.nodes.map((node) => ({ id: node.id, ...CARD })),
    edges: graph.links
      .filter((link) => known.has(link.source) && known.has(link.target))
      .map((link) => ({ id: link.id, sources: [link.source], targets: [link.target] })),
  };
}

export const layoutOf = (answer: ElkNode): Layout => ({
  places: new Map((answer.children ?? []).map((child) => [child.id, { x: child.x ?? 0, y: child.y ?? 0 }])),
  width: answer.width ?? CARD.width,
  height: answer.height ?? CARD.height,
});

/** Cards one under another, for when the layout engine cannot run. */
export const column = (graph: Graph): Layout => ({
  places: new Map(graph.nodes.map((node, row) => [node.id, { x: 0, y: row * (CARD.height + 40) }])),
  width: CARD.width,
  height: graph.nodes.length * (CARD.height + 40),
});

export type View = { x: number; y: number; zoom: number };

const MARGIN = 20;
/** Smaller than this nothing can be read: the graph is shown from its start instead, to be moved by hand. */
const LEAST_ZOOM = 0.4;

/** The view that shows the whole layout in the middle of a frame, at most at its natural size. */
export function viewOf(layout: Layout, start: string, width: number, height: number): View {
  const fitting = Math.min((width - 2 * MARGIN) / layout.width, (height - 2 * MARGIN) / layout.height, 1);
  const zoom = Math.max(fitting, LEAST_ZOOM);
  const first = layout.places.get(start);
  if (fitting < LEAST_ZOOM && first) {
    return { x: width / 2 - (first.x + CARD.width / 2) * zoom, y: MARGIN - first.y * zoom, zoom };
  }
  return { x: (width - layout.width * zoom) / 2, y: Math.max(MARGIN, (height - layout.height * zoom) / 2), zoom };
}
