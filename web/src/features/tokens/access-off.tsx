import { Button } from "@mantine/core";
import { IconKey } from "@tabler/icons-react";
import { useState } from "react";
import type { ApiAccessOut } from "../../api/generated/model/apiAccessOut";
import type { ApiTokensOut } from "../../api/generated/model/apiTokensOut";
import { enableApiAccess } from "../../api/generated/tokens";
import { ErrorPanel } from "../../ui/error-panel";
import { Panel } from "../../ui/panel";
import { useAction } from "../../ui/use-action";
import { AdvancedSettings } from "./advanced-settings";
import { daysProblem } from "./days";
import { DaysField } from "./days-field";
import classes from "./tokens.module.css";

type Props = { access: ApiAccessOut; onEnabled: (tokens: ApiTokensOut) => Promise<void> };

export function AccessOff({ access, onEnabled }: Props) {
  const [days, setDays] = useState<number | string>(access.access_token_days);
  const problem = daysProblem(days, access.max_access_token_days);
  const action = useAction(async () => onEnabled(await enableApiAccess({ access_token_days: Number(days) })));
  return (
    <Panel title="API access is off">
      <p className={classes.text}>
        Programs call OneCloud with an access token that acts in your name. Enabling API access creates one API
        application for you, with an access token and a refresh token. Both are shown once, right after you press the
        button.
      </p>
      {action.error ? <ErrorPanel error={action.error} title="API access was not enabled" /> : null}
      <div className={classes.foot}>
        <AdvancedSettings>
          <DaysField value={days} max={access.max_access_token_days} onChange={setDays} />
        </AdvancedSettings>
        <Button
          leftSection={<IconKey size={16} aria-hidden="true" />}
          loading={action.pending}
          disabled={problem !== null}
          onClick={() => void action.run()}
        >
          Enable API Access
        </Button>
      </div>
    </Panel>
  );
}
