import { Switch } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ChainOut } from "../../api/generated/model/chainOut";
import type { ScheduleOut } from "../../api/generated/model/scheduleOut";
import { pauseSchedule, resumeSchedule } from "../../api/generated/schedules";
import { ErrorPanel } from "../../ui/error-panel";
import { Moment } from "../../ui/moment";
import { Panel } from "../../ui/panel";
import { useAction } from "../../ui/use-action";
import { schedulesQuery } from "./queries";
import classes from "./schedules.module.css";
import { wordsOf } from "./spec";
import { SwitchOn } from "./switch-on";
import { Times } from "./times";

type Props = { chain: ChainOut; standing: ScheduleOut };

/** One schedule: how often, what comes next or why nothing does, what became of the last time, and its switch. */
export function ScheduleCard({ chain, standing }: Props) {
  const { schedule, upcoming, last_fire: last, paused, hindrances } = standing;
  const queryClient = useQueryClient();
  const enabled = schedule.enabled !== false;
  const [asking, ask] = useDisclosure(false);
  const refresh = () => queryClient.invalidateQueries(schedulesQuery(chain.id));
  // To hold one back takes the right to run the chain; one that a version has switched off takes a new version.
  const may = chain.permissions.includes(enabled ? "execute" : "write");
  const turn = useAction(async () => {
    const name = encodeURIComponent(schedule.name);
    await (paused ? resumeSchedule(chain.id, name) : pauseSchedule(chain.id, name));
    await refresh();
  });
  return (
    <Panel
      title={schedule.name}
      aside={
        <Switch
          label="Starts runs"
          aria-label={`${schedule.name} starts runs`}
          checked={enabled && paused === null}
          disabled={!may || turn.pending}
          onChange={() => (enabled ? void turn.run() : ask.open())}
        />
      }
    >
      <p className={classes.words}>
        {wordsOf(schedule)}, in {schedule.zone}
      </p>
      <SwitchOn chainId={chain.id} name={schedule.name} opened={asking} onDone={refresh} onClose={ask.close} />
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
