import { useQueryClient } from "@tanstack/react-query";
import { createFileRoute, redirect, useRouter } from "@tanstack/react-router";
import type { SessionOut } from "../api/generated/model/sessionOut";
import { adopt, sessionQuery } from "../api/session";
import { setupQuery } from "../features/access/queries";
import { SignInForm } from "../features/access/sign-in-form";
import { localPath } from "../lib/text";

type Search = { next?: string; reason?: "ended" };

export const Route = createFileRoute("/sign-in")({
  validateSearch: (search: Record<string, unknown>): Search => ({
    next: typeof search.next === "string" ? search.next : undefined,
    reason: search.reason === "ended" ? "ended" : undefined,
  }),
  beforeLoad: async ({ context }) => {
    const setup = await context.queryClient.fetchQuery(setupQuery);
    if (setup.needed) throw redirect({ to: "/setup" });
  },
  component: SignInPage,
});

function SignInPage() {
  const { next, reason } = Route.useSearch();
  const queryClient = useQueryClient();
  const router = useRouter();
  const enter = async (session: SessionOut) => {
    queryClient.clear();
    queryClient.setQueryData(sessionQuery.queryKey, adopt(session));
    router.history.push(localPath(next));
  };
  return <SignInForm ended={reason === "ended"} onSignedIn={enter} />;
}
