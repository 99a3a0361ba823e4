import { Anchor } from "@mantine/core";
import { queryOptions, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { lookAtInvitation } from "../../api/generated/access";
import type { SessionOut } from "../../api/generated/model/sessionOut";
import { isApiError } from "../../api/problem";
import { ErrorPanel } from "../../ui/error-panel";
import { LoadingRows } from "../../ui/loading";
import { Entrance } from "./entrance";
import { InvitationForm } from "./invitation-form";

// The token is a secret: nothing of it outlives the page, and this cache is never stored.
const lookQuery = (token: string) =>
  queryOptions({
    queryKey: ["invitation", token],
    queryFn: ({ signal }) => lookAtInvitation({ token }, { signal }),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    retry: false,
  });

const ToSignIn = () => (
  <Anchor component={Link} to="/sign-in">
    Go to sign-in
  </Anchor>
);

type Props = { token: string; onSignedIn: (session: SessionOut) => Promise<void> };

/** Takes an invitation by the link of a mail. Opening the page spends nothing. */
export function InvitationPage({ token, onSignedIn }: Props) {
  const look = useQuery({ ...lookQuery(token), enabled: token !== "" });
  if (token === "") {
    return (
      <Entrance
        title="This link is not complete"
        lead="An invitation works once and carries a token. Open the link again as you received it, or ask an administrator for a new invitation."
      >
        <ToSignIn />
      </Entrance>
    );
  }
  if (look.isPending) {
    return (
      <Entrance title="Welcome to OneCloud">
        <LoadingRows />
      </Entrance>
    );
  }
  if (look.isError) {
    const dead = isApiError(look.error) && look.error.code === "invitation.link_dead";
    if (!dead) {
      return (
        <Entrance title="The invitation cannot be opened">
          <ErrorPanel error={look.error} onRetry={() => void look.refetch()} />
        </Entrance>
      );
    }
    return (
      <Entrance
        title="This invitation is used or expired"
        lead="An invitation works once, within 7 days, and a newer one ends it. If you have taken it already, sign in with your password; if not, ask an administrator for a new invitation."
      >
        <ToSignIn />
      </Entrance>
    );
  }
  return <InvitationForm token={token} invited={look.data} onSignedIn={onSignedIn} />;
}
