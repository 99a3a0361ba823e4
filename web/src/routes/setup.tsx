import { Anchor } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { createFileRoute, Link, useNavigate } from "@tanstack/react-router";
import type { SessionOut } from "../api/generated/model/sessionOut";
import { adopt, sessionQuery } from "../api/session";
import { Entrance } from "../features/access/entrance";
import { setupQuery } from "../features/access/queries";
import { SetupForm } from "../features/access/setup-form";
import { useFragmentToken } from "../features/access/use-fragment-token";

export const Route = createFileRoute("/setup")({
  loader: ({ context }) => context.queryClient.fetchQuery(setupQuery),
  component: SetupPage,
});

function SetupPage() {
  const { needed } = Route.useLoaderData();
  const token = useFragmentToken();
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  if (!needed) {
    return (
      <Entrance title="OneCloud is set up" lead="There is an administrator already, so the setup link no longer works.">
        <Anchor component={Link} to="/sign-in">
          Go to sign-in
        </Anchor>
      </Entrance>
    );
  }
  if (token === "") {
    return (
      <Entrance
        title="Open the setup link"
        lead="This server has no administrator yet. When it started it printed a one-time setup link on its console: open that link to create the first administrator."
      />
    );
  }
  const enter = async (session: SessionOut) => {
    queryClient.setQueryData(sessionQuery.queryKey, adopt(session));
    await navigate({ to: "/" });
  };
  return <SetupForm token={token} onSignedIn={enter} />;
}
