import { Button } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useState } from "react";
import type { ApiAccessOut } from "../../api/generated/model/apiAccessOut";
import { changeApiSettings, revokeApiAccess } from "../../api/generated/tokens";
import { ConfirmDialog } from "../../ui/confirm-dialog";
import { CopyButton } from "../../ui/copy-button";
import { ErrorPanel } from "../../ui/error-panel";
import { Facts } from "../../ui/facts";
import { Moment } from "../../ui/moment";
import { Panel } from "../../ui/panel";
import { useAction } from "../../ui/use-action";
import { AdvancedSettings } from "./advanced-settings";
import { daysProblem } from "./days";
import { DaysField } from "./days-field";
import { TokenTable } from "./token-table";
import classes from "./tokens.module.css";

type Props = { access: ApiAccessOut; onRevoked: () => Promise<void>; onChanged: () => Promise<void> };

function Life({ access, onChanged }: Omit<Props, "onRevoked">) {
  const [days, setDays] = useState<number | string>(access.access_token_days);
  const [saved, setSaved] = useState(false);
  const action = useAction(async () => {
    await changeApiSettings({ access_token_days: Number(days) });
    setSaved(true);
    await onChanged();
  });
  const change = (value: number | string) => {
    setDays(value);
    setSaved(false);
  };
  return (
    <>
      <DaysField value={days} max={access.max_access_token_days} onChange={change} />
      <p className={classes.hint}>Applies to access tokens issued from now on.</p>
      {action.error ? <ErrorPanel error={action.error} /> : null}
      <div className={classes.save}>
        <Button
          size="xs"
          variant="default"
          loading={action.pending}
          disabled={
            daysProblem(days, access.max_access_token_days) !== null || Number(days) === access.access_token_days
          }
          onClick={() => void action.run()}
        >
          Save
        </Button>
        <span role="status">{saved ? "Saved." : ""}</span>
      </div>
    </>
  );
}

export function AccessEnabled({ access, onRevoked, onChanged }: Props) {
  const [asking, ask] = useDisclosure(false);
  const revoke = async () => {
    await revokeApiAccess();
    await onRevoked();
  };
  return (
    <Panel title="API access is on">
      <Facts
        items={[
          {
            name: "Client id",
            wide: true,
            value: (
              <span className={classes.client}>
                <code>{access.client_id}</code>
                <CopyButton text={access.client_id ?? ""} what="client id" compact />
              </span>
            ),
          },
          { name: "Created", value: <Moment at={access.created_at} exact /> },
          {
            name: "Access token life",
            value: `${access.access_token_days} day${access.access_token_days === 1 ? "" : "s"}`,
          },
        ]}
      />
      <TokenTable access={access} />
      <div className={classes.foot}>
        <AdvancedSettings>
          <Life access={access} onChanged={onChanged} />
        </AdvancedSettings>
        <Button variant="default" className={classes.revoke} onClick={ask.open}>
          Revoke API Access
        </Button>
      </div>
      <ConfirmDialog
        opened={asking}
        title="Revoke API access?"
        confirm="Revoke API Access"
        danger
        onConfirm={revoke}
        onClose={ask.close}
      >
        Every access and refresh token of this application stops working at once. Programs that use them are refused
        until you enable API access again and give them the new tokens.
      </ConfirmDialog>
    </Panel>
  );
}
