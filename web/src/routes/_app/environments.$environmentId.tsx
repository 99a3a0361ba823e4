import { useSuspenseQuery } from "@tanstack/react-query";
import { createFileRoute, Link } from "@tanstack/react-router";
import { ChainList } from "../../features/chains/chain-list";
import { RunButton } from "../../features/runs/run-button";
import { environmentQuery } from "../../features/workspaces/queries";
import { PageHeader } from "../../ui/page-header";
import classes from "../page-grid.module.css";

export const Route = createFileRoute("/_app/environments/$environmentId")({
  loader: ({ context, params }) => context.queryClient.ensureQueryData(environmentQuery(params.environmentId)),
  component: EnvironmentPage,
});

function EnvironmentPage() {
  const { environmentId } = Route.useParams();
  const { data: environment } = useSuspenseQuery(environmentQuery(environmentId));
  return (
    <>
      <PageHeader
        title={environment.name}
        trail={[
          <Link key="home" to="/">
            Workspaces
          </Link>,
          environment.workspace.name,
        ]}
        badge={<span className={classes.color} style={{ background: environment.color }} aria-hidden="true" />}
        actions={
          <Link to="/environments/$environmentId/schedules" params={{ environmentId }}>
            Schedules
          </Link>
        }
      >
        {environment.description ? <p>{environment.description}</p> : null}
      </PageHeader>
      <ChainList
        environment={environment}
        action={(chain) => <RunButton chain={chain} place={environment.name} variant="default" />}
      />
    </>
  );
}
