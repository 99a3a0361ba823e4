import { IconLayoutGrid } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import type { WorkspaceOut } from "../../api/generated/model/workspaceOut";
import { CodeBlock } from "../../ui/code-block";
import { EmptyState } from "../../ui/empty-state";
import { ErrorPanel } from "../../ui/error-panel";
import { LoadMore } from "../../ui/load-more";
import { LoadingRows } from "../../ui/loading";
import { EnvironmentCard } from "./environment-card";
import { workspacesQuery } from "./queries";
import classes from "./workspaces.module.css";

const FIRST_CHAIN = "onecloud chain apply chain.yaml --workspace Finance --environment DEV --publish";

function FirstSteps() {
  return (
    <EmptyState icon={<IconLayoutGrid size={24} />} title="No workspaces yet">
      <p>
        A workspace holds environments such as DEV and PROD, and those hold chains. Describe a chain in a YAML file and
        apply it on the server: the workspace and the environment are created with it.
      </p>
      <CodeBlock text={FIRST_CHAIN} what="the command that applies a chain" />
    </EmptyState>
  );
}

function Workspace({ workspace }: { workspace: WorkspaceOut }) {
  return (
    <section className={classes.workspace} aria-label={workspace.name}>
      <h2 className={classes.name}>{workspace.name}</h2>
      {workspace.description ? <p className={classes.description}>{workspace.description}</p> : null}
      {workspace.environments.length > 0 ? (
        <ul className={classes.environments}>
          {workspace.environments.map((environment) => (
            <li key={environment.id}>
              <EnvironmentCard environment={environment} />
            </li>
          ))}
        </ul>
      ) : (
        <p className={classes.description}>This workspace has no environments yet.</p>
      )}
    </section>
  );
}

export function WorkspaceList() {
  const query = useInfiniteQuery(workspacesQuery);
  if (query.isPending) return <LoadingRows height={110} />;
  if (query.isError) return <ErrorPanel error={query.error} onRetry={() => void query.refetch()} />;
  const workspaces = query.data.pages.flatMap((page) => page.items);
  if (workspaces.length === 0) return <FirstSteps />;
  return (
    <>
      {workspaces.map((workspace) => (
        <Workspace key={workspace.id} workspace={workspace} />
      ))}
      <LoadMore query={query} />
    </>
  );
}
