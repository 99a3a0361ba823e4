import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { ApiTokensOut } from "../../api/generated/model/apiTokensOut";
import { ErrorPanel } from "../../ui/error-panel";
import { LoadingRows } from "../../ui/loading";
import { AccessEnabled } from "./access-enabled";
import { AccessOff } from "./access-off";
import { FirstCall } from "./first-call";
import { apiAccessQuery } from "./queries";
import classes from "./tokens.module.css";
import { TokensOnce } from "./tokens-once";
import { useShownOnce } from "./use-shown-once";

/** Admin → API, product facts 9.1: enable, see the tokens once, set their life, revoke. */
export function ApiAccess() {
  const query = useQuery(apiAccessQuery);
  const queryClient = useQueryClient();
  const [tokens, setTokens] = useShownOnce<ApiTokensOut>();
  if (query.isPending) return <LoadingRows rows={2} height={160} />;
  if (query.isError) return <ErrorPanel error={query.error} onRetry={() => void query.refetch()} />;
  const refresh = () => queryClient.invalidateQueries(apiAccessQuery);
  const enabled = async (made: ApiTokensOut) => {
    setTokens(made);
    await refresh();
  };
  const revoked = async () => {
    setTokens(null);
    await refresh();
  };
  return (
    <div className={classes.page}>
      {tokens ? <TokensOnce tokens={tokens} onSaved={() => setTokens(null)} /> : null}
      {query.data.enabled ? (
        <AccessEnabled access={query.data} onRevoked={revoked} onChanged={refresh} />
      ) : (
        <AccessOff access={query.data} onEnabled={enabled} />
      )}
      <FirstCall enabled={query.data.enabled} clientId={query.data.client_id} />
    </div>
  );
}
