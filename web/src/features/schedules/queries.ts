import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { getDraft } from "../../api/generated/chains";
import type { ScheduleSpec } from "../../api/generated/model/scheduleSpec";
import { listChainSchedules, listEnvironmentSchedules, previewSchedule } from "../../api/generated/schedules";

export const schedulesQuery = (chainId: string) =>
  queryOptions({
    queryKey: ["schedules", chainId],
    queryFn: ({ signal }) => listChainSchedules(chainId, { upcoming: 5 }, { signal }),
    staleTime: 0,
  });

export const draftQuery = (chainId: string) =>
  queryOptions({ queryKey: ["draft", chainId], queryFn: ({ signal }) => getDraft(chainId, { signal }), staleTime: 0 });

/** What a schedule that is being written would do. Its name does not matter for that. */
export const previewQuery = (spec: ScheduleSpec, environmentId: string) => {
  const schedule = { ...spec, name: spec.name || "schedule" };
  return queryOptions({
    queryKey: ["schedule-preview", environmentId, schedule],
    queryFn: ({ signal }) => previewSchedule({ schedule, environment_id: environmentId, count: 8 }, { signal }),
    staleTime: 60_000,
    retry: false,
  });
};

const DAYS = 7;

/** The next seven days of an environment, from today's beginning in UTC. */
export const calendarQuery = (environmentId: string, today: string) =>
  infiniteQueryOptions({
    queryKey: ["schedule-calendar", environmentId, today],
    queryFn: ({ pageParam, signal }) => {
      const from = new Date(`${today}T00:00:00Z`);
      const to = new Date(from.getTime() + DAYS * 86_400_000);
      const span = { from: from.toISOString(), to: to.toISOString(), cursor: pageParam };
      return listEnvironmentSchedules(environmentId, span, { signal });
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    staleTime: 0,
  });
