import { useSuspenseQuery } from "@tanstack/react-query";
import { createFileRoute, Link } from "@tanstack/react-router";
import { ScheduleCalendar } from "../../features/schedules/calendar";
import { environmentQuery } from "../../features/workspaces/queries";
import { PageHeader } from "../../ui/page-header";

export const Route = createFileRoute("/_app/environments/$environmentId_/schedules")({
  loader: ({ context, params }) => context.queryClient.ensureQueryData(environmentQuery(params.environmentId)),
  component: CalendarPage,
});

function CalendarPage() {
  const { environmentId } = Route.useParams();
  const { data: environment } = useSuspenseQuery(environmentQuery(environmentId));
  return (
    <>
      <PageHeader
        title={`Schedules of ${environment.name}`}
        trail={[
          <Link key="home" to="/">
            Workspaces
          </Link>,
          environment.workspace.name,
          <Link key="environment" to="/environments/$environmentId" params={{ environmentId }}>
            {environment.name}
          </Link>,
        ]}
      >
        <p>The next seven days, each schedule on the clock of its own time zone.</p>
      </PageHeader>
      <ScheduleCalendar environmentId={environmentId} />
    </>
  );
}
