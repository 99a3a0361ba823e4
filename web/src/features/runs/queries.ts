import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import type { RerunIn } from "../../api/generated/model/rerunIn";
import type { RunPage } from "../../api/generated/model/runPage";
import { getResultOutputs, getRun, listRuns, planRerun } from "../../api/generated/runs";
import { hasEnded } from "../../lib/states";

export const runQuery = (id: string) =>
  queryOptions({ queryKey: ["run", id], queryFn: ({ signal }) => getRun(id, { signal }), staleTime: 0 });

const anyUnderWay = (pages: RunPage[]): boolean => pages.some((page) => page.items.some((run) => !hasEnded(run.state)));

/** A chain's runs, newest first; asked again by itself only while one of them runs. */
export const runsQuery = (chainId: string) =>
  infiniteQueryOptions({
    queryKey: ["runs", chainId],
    queryFn: ({ pageParam, signal }) => listRuns(chainId, { cursor: pageParam, limit: 20 }, { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    staleTime: 0,
    refetchInterval: (query) => (query.state.data && anyUnderWay(query.state.data.pages) ? 3000 : false),
  });

export const outputsQuery = (resultId: string) =>
  queryOptions({
    queryKey: ["outputs", resultId],
    queryFn: ({ signal }) => getResultOutputs(resultId, { signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });

export const rerunPlanQuery = (runId: string, choice: RerunIn) =>
  queryOptions({
    queryKey: ["rerun-plan", runId, choice],
    queryFn: ({ signal }) => planRerun(runId, choice, { signal }),
    staleTime: 0,
    retry: false,
  });
