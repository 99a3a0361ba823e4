import { createFileRoute } from "@tanstack/react-router";
import { WorkspaceList } from "../../features/workspaces/workspace-list";
import { PageHeader } from "../../ui/page-header";

export const Route = createFileRoute("/_app/")({ component: Home });

function Home() {
  return (
    <>
      <PageHeader title="Workspaces" />
      <WorkspaceList />
    </>
  );
}
