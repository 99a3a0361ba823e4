import "@xyflow/react/dist/base.css";
import { Background, Controls, MarkerType, ReactFlow, ReactFlowProvider, useReactFlow, useStore } from "@xyflow/react";
import { useEffect, useMemo } from "react";
import type { Graph } from "../../../api/generated/model/graph";
import type { NodeRunOut } from "../../../api/generated/model/nodeRunOut";
import classes from "./graph.module.css";
import { type Layout, viewOf } from "./layout";
import { LinkLine } from "./link-line";
import { ChooseContext, NodeCard } from "./node-card";
import { toCards, toLinks } from "./to-flow";
import { useLayout } from "./use-layout";

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

function Drawing({ graph, layout, runs = NO_RUNS, selected = null, onChoose }: Props & { layout: Layout | null }) {
  const places = layout?.places;
  const flow = useReactFlow();
  const width = useStore((state) => state.width);
  const height = useStore((state) => state.height);
  const nodes = useMemo(() => (places ? toCards(graph, places, runs, selected) : []), [graph, places, runs, selected]);
  const edges = useMemo(() => (places ? toLinks(graph, runs) : []), [graph, places, runs]);
  useEffect(() => {
    if (layout && width > 0 && height > 0) void flow.setViewport(viewOf(layout, graph.start, width, height));
  }, [layout, graph.start, width, height, flow]);
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
      >
        <Background gap={20} size={1.2} />
        <Controls position="top-right" orientation="horizontal" showInteractive={false} fitViewOptions={FIT} />
      </ReactFlow>
    </ChooseContext>
  );
}

/** The graph of a chain or of a run. Loaded only by the pages that show one. */
export default function Canvas(props: Props) {
  const layout = useLayout(props.graph);
  return (
    <div className={classes.frame} style={layout ? shapeOf(layout) : undefined}>
      <ReactFlowProvider>
        <Drawing {...props} layout={layout} />
      </ReactFlowProvider>
    </div>
  );
}

/** As high as the graph needs at the width there is, never higher than at its natural size. */
const shapeOf = ({ width, height }: Layout) => ({
  aspectRatio: `${width + 60} / ${height + 60}`,
  maxHeight: `min(66vh, 640px, ${height + 110}px)`,
});
