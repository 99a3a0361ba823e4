import { createFileRoute } from "@tanstack/react-router";
import { LinkPage } from "../features/approvals/link-page";
import { useLinkToken } from "../features/approvals/use-link-token";

export const Route = createFileRoute("/approve")({ component: ApprovePage });

function ApprovePage() {
  const token = useLinkToken();
  return <LinkPage key={token} token={token} />;
}
