import { Button } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconCalendarClock, IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import type { ChainOut } from "../../api/generated/model/chainOut";
import { EmptyState } from "../../ui/empty-state";
import { ErrorPanel } from "../../ui/error-panel";
import { LoadingRows } from "../../ui/loading";
import { schedulesQuery } from "./queries";
import { ScheduleCard } from "./schedule-card";
import { ScheduleDialog } from "./schedule-dialog";
import classes from "./schedules.module.css";

/** Opens the dialog for a new schedule; not there for those who may not change the chain. */
export function AddSchedule({ chain }: { chain: ChainOut }) {
  const [opened, dialog] = useDisclosure(false);
  if (!chain.permissions.includes("write")) return null;
  return (
    <>
      <Button leftSection={<IconPlus size={16} aria-hidden="true" />} onClick={dialog.open}>
        Add schedule
      </Button>
      {opened ? <ScheduleDialog chain={chain} onClose={dialog.close} /> : null}
    </>
  );
}

/** The schedules of a chain's published version. */
export function ScheduleList({ chain }: { chain: ChainOut }) {
  const schedules = useQuery(schedulesQuery(chain.id));
  if (schedules.isPending) return <LoadingRows />;
  if (schedules.isError) return <ErrorPanel error={schedules.error} onRetry={() => void schedules.refetch()} />;
  if (schedules.data.items.length === 0) {
    return (
      <EmptyState icon={<IconCalendarClock size={28} />} title="No schedule starts this chain">
        {chain.unpublished_changes
          ? "The published version has none; the draft has changes that are not published."
          : "Add one, and the chain starts by the clock."}
      </EmptyState>
    );
  }
  return (
    <div className={classes.cards}>
      {schedules.data.items.map((standing) => (
        <ScheduleCard key={standing.schedule.name} chain={chain} standing={standing} />
      ))}
    </div>
  );
}
