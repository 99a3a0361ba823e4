import { Button, Stack, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { setUp } from "../../api/generated/access";
import type { SessionOut } from "../../api/generated/model/sessionOut";
import { ErrorPanel } from "../../ui/error-panel";
import { useAction } from "../../ui/use-action";
import classes from "./access.module.css";
import { Entrance } from "./entrance";
import { NewPassword } from "./new-password";
import { isAcceptable } from "./password";

type Props = { token: string; onSignedIn: (session: SessionOut) => Promise<void> };

/** Creates the first administrator. */
export function SetupForm({ token, onSignedIn }: Props) {
  const [person, setPerson] = useState({ email: "", first_name: "", last_name: "", password: "" });
  const action = useAction(async () => onSignedIn(await setUp({ token, ...person, email: person.email.trim() })));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void action.run();
  };
  const change = (part: Partial<typeof person>) => setPerson({ ...person, ...part });
  return (
    <Entrance title="Set up OneCloud" lead="Create the first administrator. This link works once.">
      <form onSubmit={submit}>
        <Stack>
          {action.error ? <ErrorPanel error={action.error} /> : null}
          <TextInput
            label="Email"
            type="email"
            required
            autoFocus
            autoComplete="username"
            value={person.email}
            onChange={(event) => change({ email: event.currentTarget.value })}
          />
          <div className={classes.names}>
            <TextInput
              label="First name"
              autoComplete="given-name"
              value={person.first_name}
              onChange={(event) => change({ first_name: event.currentTarget.value })}
            />
            <TextInput
              label="Last name"
              autoComplete="family-name"
              value={person.last_name}
              onChange={(event) => change({ last_name: event.currentTarget.value })}
            />
          </div>
          <NewPassword label="Password" value={person.password} onChange={(password) => change({ password })} />
          <Button type="submit" fullWidth loading={action.pending} disabled={!isAcceptable(person.password)}>
            Create administrator
          </Button>
        </Stack>
      </form>
    </Entrance>
  );
}
