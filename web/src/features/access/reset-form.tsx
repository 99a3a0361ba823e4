import { Anchor, Button, Stack } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { resetPassword } from "../../api/generated/access";
import { ErrorPanel } from "../../ui/error-panel";
import { useAction } from "../../ui/use-action";
import { Entrance } from "./entrance";
import { NewPassword } from "./new-password";
import { isAcceptable } from "./password";

/** Sets a new password by a one-time link. */
export function ResetForm({ token }: { token: string }) {
  const [password, setPassword] = useState("");
  const [done, setDone] = useState(false);
  const action = useAction(async () => {
    await resetPassword({ token, password });
    setDone(true);
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void action.run();
  };
  if (token === "") {
    return (
      <Entrance
        title="This link is not complete"
        lead="A reset link works once and carries a token. Open it again as you received it, or ask an administrator for a new one."
      >
        <Anchor component={Link} to="/sign-in">
          Go to sign-in
        </Anchor>
      </Entrance>
    );
  }
  if (done) {
    return (
      <Entrance title="Your password is set" lead="You are signed out everywhere. Sign in with the new password.">
        <Button component={Link} to="/sign-in" fullWidth>
          Go to sign-in
        </Button>
      </Entrance>
    );
  }
  return (
    <Entrance title="Set a new password" lead="This link works once.">
      <form onSubmit={submit}>
        <Stack>
          {action.error ? <ErrorPanel error={action.error} /> : null}
          <NewPassword label="New password" value={password} onChange={setPassword} />
          <Button type="submit" fullWidth loading={action.pending} disabled={!isAcceptable(password)}>
            Set password
          </Button>
        </Stack>
      </form>
    </Entrance>
  );
}
