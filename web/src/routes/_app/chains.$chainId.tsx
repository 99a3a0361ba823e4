import { useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { createFileRoute, Link } from "@tanstack/react-router";
import { ChainFacts } from "../../features/chains/chain-facts";
import { chainQuery } from "../../features/chains/queries";
import { WhyNotRunnable } from "../../features/chains/why-not-runnable";
import { GraphPanel } from "../../features/runs/graph-panel";
import { RunButton } from "../../features/runs/run-button";
import { RunHistory } from "../../features/runs/run-history";
import { environmentQuery } from "../../features/workspaces/queries";
import { EnvironmentMark } from "../../ui/environment-mark";
import { PageHeader } from "../../ui/page-header";
import classes from "../page-grid.module.css";

export const Route = createFileRoute("/_app/chains/$chainId")({
  loader: ({ context, params }) => context.queryClient.ensureQueryData(chainQuery(params.chainId)),
  component: ChainPage,
});

function ChainPage() {
  const { chainId } = Route.useParams();
  const { data: chain } = useSuspenseQuery(chainQuery(chainId));
  const { data: environment } = useQuery(environmentQuery(chain.environment_id));
  return (
    <>
      <PageHeader
        title={chain.name}
        trail={[
          <Link key="home" to="/">
            Workspaces
          </Link>,
          environment?.workspace.name ?? "…",
          <Link key="environment" to="/environments/$environmentId" params={{ environmentId: chain.environment_id }}>
            {environment ? <EnvironmentMark name={environment.name} color={environment.color} /> : "…"}
          </Link>,
        ]}
        actions={
          <>
            <Link to="/chains/$chainId/schedules" params={{ chainId: chain.id }}>
              Schedules
            </Link>
            <RunButton chain={chain} place={environment?.name ?? ""} />
          </>
        }
      >
        {chain.description ? <p>{chain.description}</p> : null}
        <WhyNotRunnable chain={chain} />
      </PageHeader>
      <div className={classes.stack}>
        <ChainFacts chain={chain} />
        <div className={classes.halves}>
          <RunHistory chainId={chain.id} />
          {chain.graph ? <GraphPanel graph={chain.graph} title="Graph" /> : null}
        </div>
      </div>
    </>
  );
}
