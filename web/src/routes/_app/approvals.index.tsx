import { createFileRoute } from "@tanstack/react-router";
import { Inbox } from "../../features/approvals/inbox";
import { Overview } from "../../features/approvals/overview";
import { Views } from "../../features/approvals/views";
import { PageHeader } from "../../ui/page-header";

type Search = { view?: "all" };

export const Route = createFileRoute("/_app/approvals/")({
  validateSearch: (search: Record<string, unknown>): Search => (search.view === "all" ? { view: "all" } : {}),
  component: ApprovalsPage,
});

function ApprovalsPage() {
  const all = Route.useSearch().view === "all";
  return (
    <>
      <PageHeader title="Approvals" />
      <Views all={all} />
      {all ? <Overview /> : <Inbox />}
    </>
  );
}
