import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { getChain } from "../../api/generated/chains";
import type { ChainPage } from "../../api/generated/model/chainPage";
import { listChains } from "../../api/generated/runs";
import { hasEnded } from "../../lib/states";

const anyUnderWay = (pages: ChainPage[]): boolean =>
  pages.some((page) => page.items.some((chain) => chain.last_run !== null && !hasEnded(chain.last_run.state)));

/** The chains of an environment; asked again by itself only while one of them runs. */
export const chainsQuery = (environmentId: string) =>
  infiniteQueryOptions({
    queryKey: ["chains", environmentId],
    queryFn: ({ pageParam, signal }) => listChains(environmentId, { cursor: pageParam }, { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    staleTime: 0,
    refetchInterval: (query) => (query.state.data && anyUnderWay(query.state.data.pages) ? 3000 : false),
  });

export const chainQuery = (id: string) =>
  queryOptions({ queryKey: ["chain", id], queryFn: ({ signal }) => getChain(id, { signal }) });
