import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { getSetupState, listUsers } from "../../api/generated/access";

export const setupQuery = queryOptions({
  queryKey: ["setup"],
  queryFn: ({ signal }) => getSetupState({ signal }),
  staleTime: 0,
});

export const usersQuery = infiniteQueryOptions({
  queryKey: ["users"],
  queryFn: ({ pageParam, signal }) => listUsers({ cursor: pageParam }, { signal }),
  initialPageParam: undefined as string | undefined,
  getNextPageParam: (page) => page.next_cursor ?? undefined,
  staleTime: 0,
});
