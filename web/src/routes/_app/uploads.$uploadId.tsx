import { createFileRoute } from "@tanstack/react-router";
import { uploadQuery } from "../../features/approvals/queries";
import { UploadPage } from "../../features/approvals/upload-page";

export const Route = createFileRoute("/_app/uploads/$uploadId")({
  loader: ({ context, params }) => context.queryClient.ensureQueryData(uploadQuery(params.uploadId)),
  component: OneUploadPage,
});

function OneUploadPage() {
  return <UploadPage id={Route.useParams().uploadId} />;
}
