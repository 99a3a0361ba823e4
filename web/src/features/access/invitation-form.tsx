import { Button, Stack, TextInput } from "@mantine/core";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { acceptInvitation } from "../../api/generated/access";
import type { InvitationState } from "../../api/generated/model/invitationState";
import type { SessionOut } from "../../api/generated/model/sessionOut";
import { ErrorPanel } from "../../ui/error-panel";
import { useAction } from "../../ui/use-action";
import classes from "./access.module.css";
import { Entrance } from "./entrance";
import { byField } from "./field-errors";
import { NewPassword } from "./new-password";

type Props = { token: string; invited: InvitationState; onSignedIn: (session: SessionOut) => Promise<void> };

/** Gives an invited person a name and a password, and lets them in. */
export function InvitationForm({ token, invited, onSignedIn }: Props) {
  const [person, setPerson] = useState({ first_name: invited.first_name, last_name: invited.last_name, password: "" });
  const action = useAction(async () => onSignedIn(await acceptInvitation({ token, ...person })));
  const { fields, rest } = byField(action.error, Object.keys(person));
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    if (action.error) form.current?.querySelector<HTMLInputElement>('[aria-invalid="true"]')?.focus();
  }, [action.error]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void action.run();
  };
  const change = (part: Partial<typeof person>) => setPerson({ ...person, ...part });
  return (
    <Entrance title="Welcome to OneCloud" lead="Say how you are called and choose a password. This link works once.">
      <form onSubmit={submit} ref={form}>
        <Stack>
          {rest ? <ErrorPanel error={rest} /> : null}
          <TextInput label="Email" type="email" readOnly autoComplete="username" value={invited.email} />
          <div className={classes.names}>
            <TextInput
              label="First name"
              autoFocus
              autoComplete="given-name"
              error={fields.first_name}
              value={person.first_name}
              onChange={(event) => change({ first_name: event.currentTarget.value })}
            />
            <TextInput
              label="Last name"
              autoComplete="family-name"
              error={fields.last_name}
              value={person.last_name}
              onChange={(event) => change({ last_name: event.currentTarget.value })}
            />
          </div>
          <NewPassword
            label="Password"
            value={person.password}
            error={fields.password}
            onChange={(password) => change({ password })}
          />
          <Button type="submit" fullWidth loading={action.pending}>
            Come in
          </Button>
        </Stack>
      </form>
    </Entrance>
  );
}
