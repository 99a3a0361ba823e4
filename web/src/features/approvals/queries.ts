import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { getApproval, getUpload, listApprovals, listUploads } from "../../api/generated/approvals";

const LOOK_AGAIN_MS = 15_000;

/** Approvals: those that wait for me, or all that I may see. */
export const approvalsQuery = (waiting: boolean) =>
  infiniteQueryOptions({
    queryKey: ["approvals", waiting ? "waiting" : "all"],
    queryFn: ({ pageParam, signal }) =>
      listApprovals({ cursor: pageParam, ...(waiting ? { state: "open", mine: true } : {}) }, { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    staleTime: 0,
    refetchInterval: waiting ? LOOK_AGAIN_MS : false,
  });

/** Requests for files: those that wait for me, or all that I may see. */
export const uploadsQuery = (waiting: boolean) =>
  infiniteQueryOptions({
    queryKey: ["uploads", waiting ? "waiting" : "all"],
    queryFn: ({ pageParam, signal }) =>
      listUploads({ cursor: pageParam, ...(waiting ? { state: "open", mine: true } : {}) }, { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    staleTime: 0,
    refetchInterval: waiting ? LOOK_AGAIN_MS : false,
  });

/** One approval; looked at again while others may answer. */
export const approvalQuery = (id: string) =>
  queryOptions({
    queryKey: ["approval", id],
    queryFn: ({ signal }) => getApproval(id, { signal }),
    staleTime: 0,
    refetchInterval: (query) => (query.state.data?.state === "open" ? LOOK_AGAIN_MS : false),
  });

/** One request for files; looked at again while others may give some. */
export const uploadQuery = (id: string) =>
  queryOptions({
    queryKey: ["upload", id],
    queryFn: ({ signal }) => getUpload(id, { signal }),
    staleTime: 0,
    refetchInterval: (query) => (query.state.data?.state === "open" ? LOOK_AGAIN_MS : false),
  });
