import { Button, PasswordInput, Stack, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { signIn } from "../../api/generated/access";
import type { SessionOut } from "../../api/generated/model/sessionOut";
import { ErrorPanel } from "../../ui/error-panel";
import { useAction } from "../../ui/use-action";
import classes from "./access.module.css";
import { Entrance } from "./entrance";

type Props = { ended: boolean; onSignedIn: (session: SessionOut) => Promise<void> };

export function SignInForm({ ended, onSignedIn }: Props) {
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const action = useAction(async () => onSignedIn(await signIn({ email: email.trim(), password })));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void action.run();
  };
  return (
    <Entrance title="Sign in" lead="Automate your data, chain by chain.">
      {ended && !action.error ? (
        <p className={classes.notice} role="status">
          Your session has ended, because you were away for a while or signed out elsewhere. Sign in to go on where you
          were.
        </p>
      ) : null}
      <form onSubmit={submit}>
        <Stack>
          {action.error ? <ErrorPanel error={action.error} /> : null}
          <TextInput
            label="Email"
            type="email"
            name="email"
            required
            withAsterisk={false}
            autoComplete="username"
            autoFocus
            value={email}
            onChange={(event) => setEmail(event.currentTarget.value)}
          />
          <PasswordInput
            label="Password"
            name="password"
            required
            withAsterisk={false}
            autoComplete="current-password"
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
            visibilityToggleButtonProps={{ "aria-label": "Show the password" }}
          />
          <Button type="submit" fullWidth loading={action.pending}>
            Sign in
          </Button>
        </Stack>
      </form>
      <p className={classes.foot}>Forgot your password? Ask an administrator for a reset link.</p>
    </Entrance>
  );
}
