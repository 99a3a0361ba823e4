import { Button } from "@mantine/core";
import type { RunOut } from "../../api/generated/model/runOut";
import { lookOf } from "../../lib/states";
import { StateIcon } from "../../ui/state-badge";
import classes from "./runs.module.css";

type Props = { run: RunOut; onChoose: (key: string) => void };

/** What went wrong in one sentence, and the way to the node that says more. Nothing for a run without trouble. */
export function Outcome({ run, onChoose }: Props) {
  if (run.result_text === "" || run.state === "all_succeeded") return null;
  const culprit =
    run.nodes.find((node) => node.state === "errored") ?? run.nodes.find((node) => node.state === "paused");
  return (
    <div className={classes.outcome} data-tone={lookOf(run.state).tone}>
      <StateIcon state={run.state} size={20} />
      <p>{run.result_text}</p>
      {culprit ? (
        <Button size="xs" variant="default" onClick={() => onChoose(culprit.key)}>
          Show {culprit.name}
        </Button>
      ) : null}
    </div>
  );
}
