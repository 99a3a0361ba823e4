import { Handle, type Node, type NodeProps, Position } from "@xyflow/react";
import { createContext, memo, useContext } from "react";
import { lookOf } from "../../../lib/states";
import { StateIcon } from "../../../ui/state-badge";
import { CommandIcon } from "./command-icon";
import classes from "./graph.module.css";
import type { CardData } from "./to-flow";

/** Called with a node's key when its card is chosen; null where cards are only looked at. */
export const ChooseContext = createContext<((key: string) => void) | null>(null);

function Face({ data }: { data: CardData }) {
  const { node, run } = data;
  return (
    <>
      <span className={classes.sign}>
        <CommandIcon command={node.command} />
      </span>
      <span className={classes.words} title={node.name}>
        <strong>{node.name}</strong>
        <small>{node.command_title}</small>
      </span>
      {run ? (
        <>
          <StateIcon state={run.state} size={20} />
          <span className="visually-hidden">, {lookOf(run.state).label}</span>
        </>
      ) : null}
    </>
  );
}

export const NodeCard = memo(function NodeCard({ data }: NodeProps<Node<CardData, "card">>) {
  const choose = useContext(ChooseContext);
  const tone = data.run ? lookOf(data.run.state).tone : "none";
  const dim = data.run?.state === "skipped" || data.run?.state === "waiting";
  return (
    <>
      <Handle type="target" position={Position.Top} isConnectable={false} className={classes.port} />
      {data.isStart ? <span className={classes.start}>Start</span> : null}
      {choose ? (
        <button
          type="button"
          className={`${classes.card} nopan`}
          data-tone={tone}
          data-dim={dim || undefined}
          aria-pressed={data.selected}
          onClick={() => choose(data.node.key)}
        >
          <Face data={data} />
        </button>
      ) : (
        <div className={classes.card} data-tone={tone}>
          <Face data={data} />
        </div>
      )}
      <Handle type="source" position={Position.Bottom} isConnectable={false} className={classes.port} />
    </>
  );
});
