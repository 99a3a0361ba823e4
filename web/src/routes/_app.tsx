import { useSuspenseQuery } from "@tanstack/react-query";
import { createFileRoute, Outlet, redirect } from "@tanstack/react-router";
import { isApiError } from "../api/problem";
import { sessionQuery } from "../api/session";
import { Shell } from "../app/shell";
import { CrashAlone } from "../ui/fallback-pages";
import { ZoneContext } from "../ui/zone";

export const Route = createFileRoute("/_app")({
  beforeLoad: async ({ context, location }) => {
    try {
      return { session: await context.queryClient.ensureQueryData(sessionQuery) };
    } catch (error) {
      if (isApiError(error) && error.status === 401) {
        throw redirect({ to: "/sign-in", search: location.href === "/" ? {} : { next: location.href } });
      }
      throw error;
    }
  },
  component: SignedIn,
  errorComponent: CrashAlone,
});

function SignedIn() {
  const { data: session } = useSuspenseQuery(sessionQuery);
  return (
    <ZoneContext value={session.user.time_zone ?? undefined}>
      <Shell session={session}>
        <Outlet />
      </Shell>
    </ZoneContext>
  );
}
