import type { Graph } from "../../../api/generated/model/graph";
import type { GraphLink } from "../../../api/generated/model/graphLink";
import type { GraphNode } from "../../../api/generated/model/graphNode";
import type { NodeRunOut } from "../../../api/generated/model/nodeRunOut";
import { nodeHasEnded } from "../../../lib/states";
import { CARD, type Places } from "./layout";

/** The only translator from a graph and the states of a run to what the canvas draws. */
export type CardData = { node: GraphNode; run: NodeRunOut | null; isStart: boolean; selected: boolean };
export type LinkData = { when: GraphLink["when"]; fate: Fate };
/** open: not decided yet, or no run at all · taken: it fired · passed: its condition did not match */
export type Fate = "open" | "taken" | "passed";
export type CardNode = {
  id: string;
  type: "card";
  position: { x: number; y: number };
  width: number;
  height: number;
  data: CardData;
};
export type LinkEdge = { id: string; type: "link"; source: string; target: string; data: LinkData };

const OUTCOME: Record<string, GraphLink["when"]> = { succeeded: "success", warned: "warning", errored: "failure" };

/** What became of a link, by the result of the node it leaves. */
export function fateOf(link: GraphLink, source: NodeRunOut | undefined): Fate {
  if (source === undefined || !nodeHasEnded(source.state)) return "open";
  const outcome = OUTCOME[source.state];
  if (outcome === undefined) return "passed";
  return link.when === "any" || link.when === outcome ? "taken" : "passed";
}

export function toCards(
  graph: Graph,
  places: Places,
  runs: readonly NodeRunOut[],
  selected: string | null,
): CardNode[] {
  const byNode = new Map(runs.map((run) => [run.node_id, run]));
  return graph.nodes.map((node) => ({
    id: node.id,
    type: "card",
    position: places.get(node.id) ?? { x: 0, y: 0 },
    ...CARD,
    data: {
      node,
      run: byNode.get(node.id) ?? null,
      isStart: node.id === graph.start,
      selected: node.key === selected,
    },
  }));
}

export function toLinks(graph: Graph, runs: readonly NodeRunOut[]): LinkEdge[] {
  const byNode = new Map(runs.map((run) => [run.node_id, run]));
  return graph.links.map((link) => ({
    id: link.id,
    type: "link",
    source: link.source,
    target: link.target,
    data: { when: link.when, fate: fateOf(link, byNode.get(link.source)) },
  }));
}
