import { BaseEdge, type Edge, EdgeLabelRenderer, type EdgeProps, getSmoothStepPath } from "@xyflow/react";
import { memo } from "react";
import classes from "./graph.module.css";
import type { LinkData } from "./to-flow";

/** A link, drawn by its condition; a success link needs no words, as it is the usual one. */
export const LinkLine = memo(function LinkLine(props: EdgeProps<Edge<LinkData, "link">>) {
  const { id, sourceX, sourceY, targetX, targetY, data, markerEnd } = props;
  const [path, labelX, labelY] = getSmoothStepPath({ sourceX, sourceY, targetX, targetY, borderRadius: 10 });
  const when = data?.when ?? "success";
  return (
    <>
      <g className={classes.link} data-when={when} data-fate={data?.fate}>
        <BaseEdge id={id} path={path} markerEnd={markerEnd} />
      </g>
      {when === "success" ? null : (
        <EdgeLabelRenderer>
          <span
            className={classes.when}
            data-when={when}
            style={{ transform: `translate(-50%, -50%) translate(${labelX}px, ${labelY}px)` }}
          >
            {when}
          </span>
        </EdgeLabelRenderer>
      )}
    </>
  );
});
