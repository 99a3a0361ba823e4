import { Button } from "@mantine/core";
import type { RunOut } from "../../api/generated/model/runOut";
import { lookOf } from "../../lib/states";
import { StateIcon } from "../../ui/state-badge";
import classes from "./runs.module.css";

type Props = { run: RunOut; onChoose: (key: string) => void };

/**
 * Why a live run is where it is, or what went wrong with one that has ended, in one sentence, and the way to the node
 * that says more. Nothing for a run that ended without trouble.
 */
export function Outcome({ run, onChoose }: Props) {
  const text = run.why ?? (run.state === "all_succeeded" ? "" : run.result_text);
  if (text === "") return null;
  const culprit =
    run.nodes.find((node) => node.state === "errored") ?? run.nodes.find((node) => node.state === "paused");
  return (
    <div className={classes.outcome} data-tone={lookOf(run.state).tone}>
      <StateIcon state={run.state} size={20} />
      <p>{text}</p>
      {culprit ? (
        <Button size="xs" variant="default" onClick={() => onChoose(culprit.key)}>
          Show {culprit.name}
        </Button>
      ) : null}
    </div>
  );
}
