import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { getEnvironment, listWorkspaces } from "../../api/generated/workspaces";

export const workspacesQuery = infiniteQueryOptions({
  queryKey: ["workspaces"],
  queryFn: ({ pageParam, signal }) => listWorkspaces({ cursor: pageParam }, { signal }),
  initialPageParam: undefined as string | undefined,
  getNextPageParam: (page) => page.next_cursor ?? undefined,
});

export const environmentQuery = (id: string) =>
  queryOptions({
    queryKey: ["environment", id],
    queryFn: ({ signal }) => getEnvironment(id, { signal }),
  });
