import { useQuery } from "@tanstack/react-query";
import { createFileRoute, Link } from "@tanstack/react-router";
import { chainQuery } from "../../features/chains/queries";
import { LiveSign } from "../../features/runs/live-sign";
import { runQuery } from "../../features/runs/queries";
import { RunActions } from "../../features/runs/run-actions";
import { RunBoard } from "../../features/runs/run-board";
import { RunButton } from "../../features/runs/run-button";
import { useLiveRun } from "../../features/runs/use-live-run";
import { environmentQuery } from "../../features/workspaces/queries";
import { hasEnded } from "../../lib/states";
import { EnvironmentMark } from "../../ui/environment-mark";
import { PageHeader } from "../../ui/page-header";
import { StateBadge } from "../../ui/state-badge";

type Search = { node?: string };

export const Route = createFileRoute("/_app/runs/$runId")({
  validateSearch: (search: Record<string, unknown>): Search => ({
    node: typeof search.node === "string" ? search.node : undefined,
  }),
  loader: ({ context, params }) => context.queryClient.ensureQueryData(runQuery(params.runId)),
  component: RunPage,
});

function RunPage() {
  const { runId } = Route.useParams();
  const { node = null } = Route.useSearch();
  const navigate = Route.useNavigate();
  const { run, liveness } = useLiveRun(runId);
  const { data: chain } = useQuery(chainQuery(run.chain_id));
  const { data: environment } = useQuery(environmentQuery(run.environment_id));
  const may = chain?.permissions.includes("execute") ?? false;
  const choose = (key: string | null) =>
    void navigate({ search: { node: key ?? undefined }, replace: true, resetScroll: false });
  return (
    <>
      <PageHeader
        title={`${run.chain_name}, run ${run.id}`}
        trail={[
          <Link key="home" to="/">
            Workspaces
          </Link>,
          environment?.workspace.name ?? "…",
          <Link key="environment" to="/environments/$environmentId" params={{ environmentId: run.environment_id }}>
            {environment ? <EnvironmentMark name={environment.name} color={environment.color} /> : "…"}
          </Link>,
          <Link key="chain" to="/chains/$chainId" params={{ chainId: run.chain_id }}>
            {run.chain_name}
          </Link>,
        ]}
        badge={
          <>
            <span role="status">
              <StateBadge state={run.state} />
            </span>
            <LiveSign liveness={liveness} />
          </>
        }
        actions={
          <>
            <RunActions run={run} may={may} />
            {chain && hasEnded(run.state) ? (
              <RunButton chain={chain} place={environment?.name ?? ""} text="Run again" given={run.inputs} />
            ) : null}
          </>
        }
      />
      <RunBoard run={run} may={may} selected={node} onChoose={choose} />
    </>
  );
}
