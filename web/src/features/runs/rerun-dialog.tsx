import { Button, Checkbox, Group, Modal, Radio, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import type { RunOut } from "../../api/generated/model/runOut";
import { rerunRun } from "../../api/generated/runs";
import { ErrorPanel } from "../../ui/error-panel";
import { LoadingRows } from "../../ui/loading";
import { useAction } from "../../ui/use-action";
import { rerunPlanQuery } from "./queries";
import { namesOf, type Spot } from "./rerun";
import { RerunPlan } from "./rerun-plan";

type Props = { run: RunOut; spot: Spot; onClose: () => void };

/** Runs a past run again from a node, once the plan has been seen. */
export function RerunDialog({ run, spot, onClose }: Props) {
  const [published, setPublished] = useState(false);
  const [only, setOnly] = useState(false);
  const navigate = useNavigate();
  const choice = { node: spot.node, group_pass: spot.group_pass, only, published };
  const plan = useQuery(rerunPlanQuery(run.id, choice));
  const action = useAction(async () => {
    const made = await rerunRun(run.id, choice);
    onClose();
    await navigate({ to: "/runs/$runId", params: { runId: made.id } });
  });
  return (
    <Modal
      opened
      onClose={onClose}
      title={`Run again from ${spot.name}`}
      size="lg"
      centered
      closeButtonProps={{ "aria-label": "Close" }}
    >
      <Stack>
        <Radio.Group
          label="Version"
          value={published ? "published" : "same"}
          onChange={(value) => setPublished(value === "published")}
        >
          <Stack gap={6} mt={6}>
            <Radio value="same" label={`Version ${run.version}, as this run had it`} />
            <Radio value="published" label="The version that is published now" />
          </Stack>
        </Radio.Group>
        <Checkbox
          label="Run this node alone"
          checked={only}
          onChange={(event) => setOnly(event.currentTarget.checked)}
        />
        {plan.isPending ? <LoadingRows /> : null}
        {plan.isError ? <ErrorPanel error={plan.error} title="This cannot be run again" /> : null}
        {plan.data ? <RerunPlan plan={plan.data} nameOf={namesOf(run)} /> : null}
        {action.error ? <ErrorPanel error={action.error} title="The run was not started" /> : null}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button disabled={!plan.data} loading={action.pending} onClick={() => void action.run()}>
            Run again
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
