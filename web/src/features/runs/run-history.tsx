import { IconHistory } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { RunBrief } from "../../api/generated/model/runBrief";
import { launchText } from "../../lib/states";
import { type Column, DataTable } from "../../ui/data-table";
import { EmptyState } from "../../ui/empty-state";
import { ErrorPanel } from "../../ui/error-panel";
import { LoadMore } from "../../ui/load-more";
import { LoadingRows } from "../../ui/loading";
import { Length, Moment } from "../../ui/moment";
import { Panel } from "../../ui/panel";
import { StateBadge } from "../../ui/state-badge";
import { runsQuery } from "./queries";

const COLUMNS: Column<RunBrief>[] = [
  {
    title: "Run",
    cell: (run) => (
      <Link to="/runs/$runId" params={{ runId: run.id }}>
        Run {run.id}
      </Link>
    ),
  },
  { title: "State", cell: (run) => <StateBadge state={run.state} /> },
  { title: "Started", cell: (run) => <Moment at={run.created_at} /> },
  { title: "Took", cell: (run) => <Length from={run.started_at} to={run.ended_at} none="–" /> },
  { title: "By", cell: (run) => run.user_name ?? launchText(run.launch_type) },
];

function History({ chainId }: { chainId: string }) {
  const query = useInfiniteQuery(runsQuery(chainId));
  if (query.isPending) return <LoadingRows height={40} />;
  if (query.isError) return <ErrorPanel error={query.error} onRetry={() => void query.refetch()} />;
  const runs = query.data.pages.flatMap((page) => page.items);
  if (runs.length === 0) {
    return (
      <EmptyState icon={<IconHistory size={24} />} title="No runs yet" plain>
        <p>Start the chain with Run. Every run is listed here with its result.</p>
      </EmptyState>
    );
  }
  return (
    <>
      <DataTable label="Runs" columns={COLUMNS} items={runs} keyOf={(run) => run.id} />
      <LoadMore query={query} />
    </>
  );
}

/** All runs of a chain, newest first. */
export function RunHistory({ chainId }: { chainId: string }) {
  return (
    <Panel title="Run history" flush>
      <History chainId={chainId} />
    </Panel>
  );
}
