import { useQueryClient } from "@tanstack/react-query";
import { createFileRoute, useNavigate } from "@tanstack/react-router";
import type { SessionOut } from "../api/generated/model/sessionOut";
import { adopt, sessionQuery } from "../api/session";
import { InvitationPage } from "../features/access/invitation-page";
import { useFragmentToken } from "../features/access/use-fragment-token";

export const Route = createFileRoute("/invitation")({ component: Invitation });

function Invitation() {
  const token = useFragmentToken();
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const enter = async (session: SessionOut) => {
    // Whoever was signed in here before is not any more, and nothing that they saw may stay.
    queryClient.clear();
    queryClient.setQueryData(sessionQuery.queryKey, adopt(session));
    await navigate({ to: "/" });
  };
  return <InvitationPage key={token} token={token} onSignedIn={enter} />;
}
