import { Switch } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ScheduleOut } from "../../api/generated/model/scheduleOut";
import { pauseSchedule, resumeSchedule } from "../../api/generated/schedules";
import { ErrorPanel } from "../../ui/error-panel";
import { Moment } from "../../ui/moment";
import { Panel } from "../../ui/panel";
import { useAction } from "../../ui/use-action";
import { schedulesQuery } from "./queries";
import classes from "./schedules.module.css";
import { wordsOf } from "./spec";
import { Times } from "./times";

type Props = { chainId: string; standing: ScheduleOut };

/** One schedule: how often, what comes next or why nothing does, what became of the last time, and its switch. */
export function ScheduleCard({ chainId, standing }: Props) {
  const { schedule, upcoming, last_fire: last, paused, hindrances } = standing;
  const queryClient = useQueryClient();
  const enabled = schedule.enabled !== false;
  const turn = useAction(async () => {
    const name = encodeURIComponent(schedule.name);
    await (paused ? resumeSchedule(chainId, name) : pauseSchedule(chainId, name));
    await queryClient.invalidateQueries(schedulesQuery(chainId));
  });
  return (
    <Panel
      title={schedule.name}
      aside={
        <Switch
          label="Starts runs"
          aria-label={`${schedule.name} starts runs`}
          checked={enabled && paused === null}
          disabled={!enabled || turn.pending}
          onChange={() => void turn.run()}
        />
      }
    >
      <p className={classes.words}>
        {wordsOf(schedule)}, in {schedule.zone}
      </p>
      {turn.error ? <ErrorPanel error={turn.error} /> : null}
      {hindrances.length > 0 ? (
        <ul className={classes.hindrances} aria-label={`Why ${schedule.name} will not fire`}>
          {hindrances.map((one) => (
            <li key={one.code}>{one.message}</li>
          ))}
        </ul>
      ) : (
        <Times label={`Next times of ${schedule.name}`} items={upcoming} />
      )}
      {last ? (
        <p className={classes.quiet}>
          Last: <Moment at={last.planned_at} />
          {last.run_id === null ? null : (
            <>
              ,{" "}
              <Link to="/runs/$runId" params={{ runId: last.run_id }}>
                run {last.run_id}
              </Link>
            </>
          )}
          {last.detail ? ` – ${last.detail}` : null}
        </p>
      ) : null}
    </Panel>
  );
}
