import { IconCalendarClock } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { DayOut } from "../../api/generated/model/dayOut";
import type { PlannedOut } from "../../api/generated/model/plannedOut";
import { type Column, DataTable } from "../../ui/data-table";
import { EmptyState } from "../../ui/empty-state";
import { ErrorPanel } from "../../ui/error-panel";
import { LoadMore } from "../../ui/load-more";
import { LoadingRows } from "../../ui/loading";
import { useNow } from "../../ui/use-now";
import { calendarQuery } from "./queries";
import classes from "./schedules.module.css";

const MOST_TIMES = 3;

function dayText(day: DayOut): string {
  if (day.holiday) return `left out: ${day.holiday}`;
  const times = day.times.slice(0, MOST_TIMES).map((time) => time.local.slice(11, 16));
  const more = day.count - times.length;
  return times.join(", ") + (more > 0 ? ` and ${more} more` : "");
}

const COLUMNS: Column<PlannedOut>[] = [
  {
    title: "Chain",
    cell: (one) => (
      <Link to="/chains/$chainId/schedules" params={{ chainId: one.chain_id }}>
        {one.chain_name}
      </Link>
    ),
  },
  { title: "Schedule", cell: (one) => one.name },
  { title: "Time zone", cell: (one) => one.zone },
  { title: "In force", cell: (one) => (one.in_force ? "Yes" : "No") },
  {
    title: "Days",
    cell: (one) => (
      <ul className={classes.days}>
        {one.days.map((day) => (
          <li key={day.on}>
            <span className="tabular">{day.on}</span>: {dayText(day)}
          </li>
        ))}
        {one.days.length === 0 ? <li>Not in these days</li> : null}
        {one.calendar_problem ? <li>{one.calendar_problem}</li> : null}
      </ul>
    ),
  },
];

/** Every schedule of an environment in the next seven days, each on its own clock. */
export function ScheduleCalendar({ environmentId }: { environmentId: string }) {
  const today = useNow(null).toISOString().slice(0, 10);
  const query = useInfiniteQuery(calendarQuery(environmentId, today));
  if (query.isPending) return <LoadingRows />;
  if (query.isError) return <ErrorPanel error={query.error} onRetry={() => void query.refetch()} />;
  const items = query.data.pages.flatMap((page) => page.items);
  if (items.length === 0) {
    return (
      <EmptyState icon={<IconCalendarClock size={28} />} title="No schedules">
        No published chain of this environment has a schedule.
      </EmptyState>
    );
  }
  return (
    <>
      <DataTable label="Schedules" columns={COLUMNS} items={items} keyOf={(one) => `${one.chain_id} ${one.name}`} />
      <LoadMore query={query} />
    </>
  );
}
