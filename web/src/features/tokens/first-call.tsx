import { CodeBlock } from "../../ui/code-block";
import { Panel } from "../../ui/panel";
import classes from "./tokens.module.css";

type Props = { enabled: boolean; clientId: string | null };

/** How to use the tokens. Double quotes and single lines, because they work in a Unix shell and in Windows' alike. */
export function FirstCall({ enabled, clientId }: Props) {
  const origin = window.location.origin;
  const call = `curl -H "Authorization: Bearer YOUR_ACCESS_TOKEN" ${origin}/api/v1/metadata/workspace`;
  const refresh = `curl -d grant_type=refresh_token -d client_id=${clientId ?? "YOUR_CLIENT_ID"} -d refresh_token=YOUR_REFRESH_TOKEN ${origin}/oauth/token`;
  return (
    <Panel title="The first call">
      <p className={classes.text}>{enabled ? "List the workspaces:" : "With an access token, list the workspaces:"}</p>
      <CodeBlock text={call} what="the first call" />
      <p className={classes.text}>Get a new pair of tokens before the access token expires:</p>
      <CodeBlock text={refresh} what="the refresh call" />
    </Panel>
  );
}
