import { CloseButton, NativeSelect, Tabs } from "@mantine/core";
import { useState } from "react";
import type { GraphNode } from "../../api/generated/model/graphNode";
import type { NodeRunOut } from "../../api/generated/model/nodeRunOut";
import type { ResultOut } from "../../api/generated/model/resultOut";
import { lookOf } from "../../lib/states";
import { type Fact, Facts } from "../../ui/facts";
import { Length, Moment } from "../../ui/moment";
import { StateBadge } from "../../ui/state-badge";
import { LogView } from "./log-view";
import { Outputs } from "./outputs";
import type { Spot } from "./rerun";
import { RerunButton } from "./rerun-button";
import classes from "./runs.module.css";

type Props = {
  onRerun?: (spot: Spot) => void;
  node: NodeRunOut;
  graphNode: GraphNode | undefined;
  bare?: boolean;
  onClose?: () => void;
};

const nameOf = (result: ResultOut): string =>
  [result.iteration === null ? null : `“${result.iteration}”`, `attempt ${result.attempt}`, lookOf(result.state).label]
    .filter(Boolean)
    .join(" · ");

const WHY_NONE: Partial<Record<NodeRunOut["state"], string>> = {
  waiting: "This node has not started yet.",
  skipped: "This node was skipped: no link to it fired.",
  stopped: "The run was stopped before this node started.",
};

function Result({ result, name }: { result: ResultOut; name: string }) {
  const facts: Fact[] = [
    { name: "Started", value: <Moment at={result.started_at} /> },
    { name: "Took", value: <Length from={result.started_at} to={result.ended_at} /> },
    { name: "Exit code", value: result.exit_code ?? "–" },
  ];
  return (
    <>
      {result.message ? (
        <p className={classes.message} data-bad={result.state === "errored" || undefined}>
          {result.message}
        </p>
      ) : null}
      {result.reused_from === null ? null : (
        <p className={classes.quiet}>This result was taken over from an earlier run; nothing was run here.</p>
      )}
      <Facts items={facts} />
      <Tabs defaultValue="log" keepMounted={false} mt="md">
        <Tabs.List mb="sm">
          <Tabs.Tab value="log">Log</Tabs.Tab>
          <Tabs.Tab value="outputs">Outputs</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="log">
          <LogView resultId={result.id} size={result.log_bytes} name={name} />
        </Tabs.Panel>
        <Tabs.Panel value="outputs">
          {result.ended_at === null ? (
            <p className={classes.quiet}>Outputs are here once the command has ended.</p>
          ) : (
            <Outputs resultId={result.id} />
          )}
        </Tabs.Panel>
      </Tabs>
    </>
  );
}

/** One node of a run: its state, each attempt, the log and the outputs. */
export function NodeDetail({ onRerun, node, graphNode, bare = false, onClose }: Props) {
  const [chosen, setChosen] = useState<string | null>(null);
  const newest = node.results.at(-1);
  const result = node.results.find((one) => one.id === chosen) ?? newest;
  return (
    <section className={classes.detail} data-bare={bare || undefined} aria-label={`Node ${node.name}`}>
      <div className={classes.detailHead}>
        <div>
          <h2>{node.name}</h2>
          {graphNode ? (
            <p className={classes.quiet}>
              {graphNode.connector_title} · {graphNode.command_title}
            </p>
          ) : null}
        </div>
        <StateBadge state={node.state} />
        {onClose ? <CloseButton aria-label="Close the node" onClick={onClose} /> : null}
      </div>
      {graphNode?.description ? <p className={classes.quiet}>{graphNode.description}</p> : null}
      {onRerun ? <RerunButton node={node} onRerun={onRerun} /> : null}
      {node.results.length > 1 && result ? (
        <NativeSelect
          label="Result"
          size="sm"
          mb="sm"
          data={node.results.map((one) => ({ value: one.id, label: nameOf(one) }))}
          value={result.id}
          onChange={(event) => setChosen(event.currentTarget.value === newest?.id ? null : event.currentTarget.value)}
        />
      ) : null}
      {result ? (
        <Result key={result.id} result={result} name={node.name} />
      ) : (
        <p className={classes.quiet}>{WHY_NONE[node.state] ?? "This node has no result yet."}</p>
      )}
    </section>
  );
}
