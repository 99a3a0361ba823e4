import { createFileRoute } from "@tanstack/react-router";
import { ApprovalPage } from "../../features/approvals/approval-page";
import { approvalQuery } from "../../features/approvals/queries";

export const Route = createFileRoute("/_app/approvals/$approvalId")({
  loader: ({ context, params }) => context.queryClient.ensureQueryData(approvalQuery(params.approvalId)),
  component: OneApprovalPage,
});

function OneApprovalPage() {
  return <ApprovalPage id={Route.useParams().approvalId} />;
}
