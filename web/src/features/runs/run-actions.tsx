import { Button } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconPlayerPlay, IconPlayerStop } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import type { RunOut } from "../../api/generated/model/runOut";
import { resumeRun, stopRun } from "../../api/generated/runs";
import { hasEnded } from "../../lib/states";
import { ConfirmDialog } from "../../ui/confirm-dialog";
import { runQuery } from "./queries";

/** Stop and resume, each only when it can be done. */
export function RunActions({ run }: { run: RunOut }) {
  const [stopping, stop] = useDisclosure(false);
  const [resuming, resume] = useDisclosure(false);
  const queryClient = useQueryClient();
  const act = (work: (id: string) => Promise<unknown>) => async () => {
    await work(run.id);
    await queryClient.invalidateQueries(runQuery(run.id));
  };
  if (hasEnded(run.state)) return null;
  return (
    <>
      {run.state === "paused" ? (
        <Button leftSection={<IconPlayerPlay size={16} aria-hidden="true" />} onClick={resume.open}>
          Resume run
        </Button>
      ) : null}
      <Button variant="default" leftSection={<IconPlayerStop size={16} aria-hidden="true" />} onClick={stop.open}>
        Stop run
      </Button>
      <ConfirmDialog
        opened={stopping}
        title="Stop this run?"
        confirm="Stop run"
        danger
        onConfirm={act(stopRun)}
        onClose={stop.close}
      >
        Commands that are running are cancelled, and no further command starts. A stopped run cannot be resumed.
      </ConfirmDialog>
      <ConfirmDialog
        opened={resuming}
        title="Resume this run?"
        confirm="Resume run"
        onConfirm={act(resumeRun)}
        onClose={resume.close}
      >
        The run goes on where it paused. Work that has been done is not repeated.
      </ConfirmDialog>
    </>
  );
}
