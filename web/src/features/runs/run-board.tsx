import { Drawer } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useState } from "react";
import type { RunOut } from "../../api/generated/model/runOut";
import { hasEnded } from "../../lib/states";
import { GraphPanel } from "./graph-panel";
import { NodeDetail } from "./node-detail";
import { NodeList } from "./node-list";
import { Outcome } from "./outcome";
import type { Spot } from "./rerun";
import { RerunDialog } from "./rerun-dialog";
import { RunSummary } from "./run-summary";
import classes from "./runs.module.css";

type Props = { run: RunOut; may: boolean; selected: string | null; onChoose: (key: string | null) => void };

/**
 * The run: graph and nodes on one side, the chosen node or the run's facts on the other. `may`: whether the person may
 * run the chain.
 */
export function RunBoard({ run, may, selected, onChoose }: Props) {
  const narrow = useMediaQuery("(max-width: 1100px)", false, { getInitialValueInEffect: false });
  const node = run.nodes.find((one) => one.key === selected);
  const graphNode = run.graph.nodes.find((one) => one.id === node?.node_id);
  const [spot, setSpot] = useState<Spot | null>(null);
  const onRerun = may && hasEnded(run.state) ? setSpot : undefined;
  const detail = node ? { key: node.id, node, graphNode, onRerun } : null;
  return (
    <>
      <Outcome run={run} onChoose={onChoose} />
      <div className={classes.board}>
        <div className={classes.column}>
          <GraphPanel graph={run.graph} title="Graph" runs={run.nodes} selected={selected} onChoose={onChoose} />
          <NodeList nodes={run.nodes} graphNodes={run.graph.nodes} selected={selected} onChoose={onChoose} />
        </div>
        <div className={classes.side}>
          {detail && !narrow ? (
            <NodeDetail {...detail} key={detail.key} onClose={() => onChoose(null)} />
          ) : (
            <RunSummary run={run} />
          )}
        </div>
      </div>
      <Drawer
        opened={Boolean(detail && narrow) && spot === null}
        onClose={() => onChoose(null)}
        position="bottom"
        size="92%"
        title="Node"
        closeButtonProps={{ "aria-label": "Close the node" }}
      >
        {detail ? <NodeDetail {...detail} key={detail.key} bare /> : null}
      </Drawer>
      {spot ? <RerunDialog run={run} spot={spot} onClose={() => setSpot(null)} /> : null}
    </>
  );
}
