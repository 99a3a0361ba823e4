import { useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { createFileRoute, Link } from "@tanstack/react-router";
import { chainQuery } from "../../features/chains/queries";
import { AddSchedule, ScheduleList } from "../../features/schedules/schedule-list";
import { environmentQuery } from "../../features/workspaces/queries";
import { EnvironmentMark } from "../../ui/environment-mark";
import { PageHeader } from "../../ui/page-header";

export const Route = createFileRoute("/_app/chains/$chainId_/schedules")({
  loader: ({ context, params }) => context.queryClient.ensureQueryData(chainQuery(params.chainId)),
  component: SchedulesPage,
});

function SchedulesPage() {
  const { chainId } = Route.useParams();
  const { data: chain } = useSuspenseQuery(chainQuery(chainId));
  const { data: environment } = useQuery(environmentQuery(chain.environment_id));
  return (
    <>
      <PageHeader
        title={`Schedules of ${chain.name}`}
        trail={[
          <Link key="home" to="/">
            Workspaces
          </Link>,
          environment?.workspace.name ?? "…",
          <Link key="environment" to="/environments/$environmentId" params={{ environmentId: chain.environment_id }}>
            {environment ? <EnvironmentMark name={environment.name} color={environment.color} /> : "…"}
          </Link>,
          <Link key="chain" to="/chains/$chainId" params={{ chainId }}>
            {chain.name}
          </Link>,
        ]}
        actions={<AddSchedule chain={chain} />}
      />
      <ScheduleList chain={chain} />
    </>
  );
}
