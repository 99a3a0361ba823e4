import { Button } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconPlayerPause, IconPlayerPlay, IconPlayerStop } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import type { RunOut } from "../../api/generated/model/runOut";
import { pauseRun, resumeRun, stopRun } from "../../api/generated/runs";
import { hasEnded } from "../../lib/states";
import { ConfirmDialog } from "../../ui/confirm-dialog";
import { runQuery } from "./queries";
import { ResumeDialog } from "./resume-dialog";

/** Pause, resume and stop, each only when it can be done, and only for people who may run the chain. */
export function RunActions({ run, may }: { run: RunOut; may: boolean }) {
  const [stopping, stop] = useDisclosure(false);
  const [resuming, resume] = useDisclosure(false);
  const [pausing, pause] = useDisclosure(false);
  const queryClient = useQueryClient();
  const act = (work: (id: string) => Promise<unknown>) => async () => {
    await work(run.id);
    await queryClient.invalidateQueries(runQuery(run.id));
  };
  if (!may || hasEnded(run.state)) return null;
  return (
    <>
      {run.state === "paused" ? (
        <Button leftSection={<IconPlayerPlay size={16} aria-hidden="true" />} onClick={resume.open}>
          Resume run
        </Button>
      ) : null}
      {run.state === "running" ? (
        <Button variant="default" leftSection={<IconPlayerPause size={16} aria-hidden="true" />} onClick={pause.open}>
          Pause run
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
        opened={pausing}
        title="Pause this run?"
        confirm="Pause run"
        onConfirm={act(pauseRun)}
        onClose={pause.close}
      >
        Commands that are running go on to their end, and no further command starts until the run is resumed.
      </ConfirmDialog>
      <ResumeDialog
        run={run}
        opened={resuming}
        onResume={(from) => act((id) => resumeRun(id, from))()}
        onClose={resume.close}
      />
    </>
  );
}
