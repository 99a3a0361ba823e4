import "@xyflow/react/dist/base.css";
import { Background, Controls, MarkerType, ReactFlow, ReactFlowProvider, useReactFlow } from "@xyflow/react";
import { useEffect, useMemo } from "react";
import type { Graph } from "../../../api/generated/model/graph";
import type { NodeRunOut } from "../../../api/generated/model/nodeRunOut";
import classes from "./graph.module.css";
import { LinkLine } from "./link-line";
import { ChooseContext, NodeCard } from "./node-card";
import { toCards, toLinks } from "./to-flow";
import { usePlaces } from "./use-places";

const NODE_TYPES = { card: NodeCard };
const EDGE_TYPES = { link: LinkLine };
const EDGE_DEFAULTS = { markerEnd: { type: MarkerType.ArrowClosed, width: 16, height: 16, color: "var(--oc-arrow)" } };
const FIT = { padding: 0.08, maxZoom: 1, minZoom: 0.4 };
const NO_RUNS: readonly NodeRunOut[] = [];

type Props = {
  graph: Graph;
  runs?: readonly NodeRunOut[];
  selected?: string | null;
  onChoose?: (key: string) => void;
};

function Drawing({ graph, runs = NO_RUNS, selected = null, onChoose }: Props) {
  const places = usePlaces(graph);
  const flow = useReactFlow();
  const nodes = useMemo(() => (places ? toCards(graph, places, runs, selected) : []), [graph, places, runs, selected]);
  const edges = useMemo(() => (places ? toLinks(graph, runs) : []), [graph, places, runs]);
  useEffect(() => {
    if (places) void flow.fitView(FIT);
  }, [places, flow]);
  return (
    <ChooseContext value={onChoose ?? null}>
      <ReactFlow
        className={classes.canvas}
        aria-label="Graph of the chain"
        nodes={nodes}
        edges={edges}
        nodeTypes={NODE_TYPES}
        edgeTypes={EDGE_TYPES}
        defaultEdgeOptions={EDGE_DEFAULTS}
        nodesDraggable={false}
        nodesConnectable={false}
        nodesFocusable={false}
        edgesFocusable={false}
        elementsSelectable={false}
        onlyRenderVisibleElements={graph.nodes.length > 80}
        minZoom={0.1}
        maxZoom={1.6}
        preventScrolling={false}
        zoomOnScroll={false}
        fitView
        fitViewOptions={FIT}
      >
        <Background gap={20} size={1.2} />
        <Controls position="top-right" orientation="horizontal" showInteractive={false} fitViewOptions={FIT} />
      </ReactFlow>
    </ChooseContext>
  );
}

/** The graph of a chain or of a run. Loaded only by the pages that show one. */
export default function Canvas(props: Props) {
  return (
    <ReactFlowProvider>
      <Drawing {...props} />
    </ReactFlowProvider>
  );
}
