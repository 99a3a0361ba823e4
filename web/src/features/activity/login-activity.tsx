import { IconHistory } from "@tabler/icons-react";
import { infiniteQueryOptions, useInfiniteQuery } from "@tanstack/react-query";
import { listLoginActivity } from "../../api/generated/activity";
import type { LoginActivityOut } from "../../api/generated/model/loginActivityOut";
import { type Column, DataTable } from "../../ui/data-table";
import { EmptyState } from "../../ui/empty-state";
import { ErrorPanel } from "../../ui/error-panel";
import { LoadMore } from "../../ui/load-more";
import { LoadingRows } from "../../ui/loading";
import { Moment } from "../../ui/moment";
import { Panel } from "../../ui/panel";
import classes from "./activity.module.css";

const loginActivityQuery = infiniteQueryOptions({
  queryKey: ["login-activity"],
  queryFn: ({ pageParam, signal }) => listLoginActivity({ cursor: pageParam }, { signal }),
  initialPageParam: undefined as string | undefined,
  getNextPageParam: (page) => page.next_cursor ?? undefined,
  staleTime: 0,
});

const COLUMNS: Column<LoginActivityOut>[] = [
  { title: "When", cell: (entry) => <Moment at={entry.created_at} exact /> },
  { title: "Identity", cell: (entry) => entry.identity },
  {
    title: "Result",
    cell: (entry) => (
      <span className={classes.result} data-success={entry.success || undefined}>
        {entry.success ? "Signed in" : "Refused"}
        {entry.failure_reason ? `: ${entry.failure_reason}` : ""}
      </span>
    ),
  },
  { title: "Context", cell: (entry) => entry.context },
  { title: "Address", cell: (entry) => entry.ip || "–" },
  {
    title: "Browser",
    cell: (entry) => (
      <span className={classes.agent} title={entry.agent}>
        {entry.agent || "–"}
      </span>
    ),
  },
];

/** Every attempt to sign in, newest first. */
export function LoginActivity() {
  const query = useInfiniteQuery(loginActivityQuery);
  if (query.isPending) return <LoadingRows rows={6} height={40} />;
  if (query.isError) return <ErrorPanel error={query.error} onRetry={() => void query.refetch()} />;
  const entries = query.data.pages.flatMap((page) => page.items);
  if (entries.length === 0) {
    return (
      <EmptyState icon={<IconHistory size={24} />} title="No sign-ins yet">
        <p>Every attempt to sign in will be listed here.</p>
      </EmptyState>
    );
  }
  return (
    <>
      <Panel flush>
        <DataTable label="Login activity" columns={COLUMNS} items={entries} keyOf={(entry) => entry.id} />
      </Panel>
      <LoadMore query={query} />
    </>
  );
}
