import { createFileRoute } from "@tanstack/react-router";
import { ResetForm } from "../features/access/reset-form";
import { useFragmentToken } from "../features/access/use-fragment-token";

export const Route = createFileRoute("/reset")({ component: ResetPage });

function ResetPage() {
  return <ResetForm token={useFragmentToken()} />;
}
