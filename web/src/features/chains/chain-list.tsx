import { IconSitemap } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { ChainListItem } from "../../api/generated/model/chainListItem";
import type { EnvironmentOut } from "../../api/generated/model/environmentOut";
import { CodeBlock } from "../../ui/code-block";
import { EmptyState } from "../../ui/empty-state";
import { ErrorPanel } from "../../ui/error-panel";
import { LoadMore } from "../../ui/load-more";
import { LoadingRows } from "../../ui/loading";
import { ChainRow } from "./chain-row";
import classes from "./chains.module.css";
import { chainsQuery } from "./queries";

type Props = { environment: EnvironmentOut; action: (chain: ChainListItem) => ReactNode };

const quoted = (name: string): string => (/^[\w.-]+$/.test(name) ? name : `"${name}"`);

function FirstChain({ environment }: { environment: EnvironmentOut }) {
  const place = `--workspace ${quoted(environment.workspace.name)} --environment ${quoted(environment.name)}`;
  return (
    <EmptyState icon={<IconSitemap size={24} />} title="No chains here yet">
      <p>Describe a chain in a YAML file and apply it to this environment on the server.</p>
      <CodeBlock text={`onecloud chain apply chain.yaml ${place} --publish`} what="the command that applies a chain" />
    </EmptyState>
  );
}

/** The chains of one environment with their last run. `action` places the button of each row. */
export function ChainList({ environment, action }: Props) {
  const query = useInfiniteQuery(chainsQuery(environment.id));
  if (query.isPending) return <LoadingRows height={72} />;
  if (query.isError) return <ErrorPanel error={query.error} onRetry={() => void query.refetch()} />;
  const chains = query.data.pages.flatMap((page) => page.items);
  if (chains.length === 0) return <FirstChain environment={environment} />;
  return (
    <>
      <ul className={classes.list} aria-label="Chains">
        {chains.map((chain) => (
          <ChainRow key={chain.id} chain={chain} action={action(chain)} />
        ))}
      </ul>
      <LoadMore query={query} />
    </>
  );
}
