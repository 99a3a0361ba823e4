import { Radio, Stack } from "@mantine/core";
import { useState } from "react";
import type { ResumeIn } from "../../api/generated/model/resumeIn";
import type { RunOut } from "../../api/generated/model/runOut";
import { ConfirmDialog } from "../../ui/confirm-dialog";
import { failedSpots } from "./rerun";

type Props = {
  run: RunOut;
  opened: boolean;
  onResume: (from: ResumeIn | undefined) => Promise<void>;
  onClose: () => void;
};

const AS_IS = "";

/** Lets a paused run go on: from where it stands, or once more from a node that has failed. */
export function ResumeDialog({ run, opened, onResume, onClose }: Props) {
  const [start, setStart] = useState(AS_IS);
  const spots = failedSpots(run);
  const resume = () => {
    const spot = spots.find((one) => one.node === start);
    return onResume(spot ? { start: spot.node, group_pass: spot.group_pass } : undefined);
  };
  return (
    <ConfirmDialog opened={opened} title="Resume this run?" confirm="Resume run" onConfirm={resume} onClose={onClose}>
      {spots.length === 0 ? (
        "The run goes on where it paused. Work that has been done is not repeated."
      ) : (
        <Radio.Group label="Go on from" value={start} onChange={setStart}>
          <Stack gap={6} mt={6}>
            <Radio value={AS_IS} label="Where it stands: the links decide what follows the failure" />
            {spots.map((spot) => (
              <Radio
                key={spot.node}
                value={spot.node}
                label={`${spot.name}: it runs once more, with all that follows it`}
              />
            ))}
          </Stack>
        </Radio.Group>
      )}
    </ConfirmDialog>
  );
}
