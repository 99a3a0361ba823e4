import { PasswordInput } from "@mantine/core";
import { IconCheck, IconPoint } from "@tabler/icons-react";
import classes from "./access.module.css";
import { passwordRules } from "./password";

type Props = { label: string; value: string; onChange: (value: string) => void; error?: string };

/** A field for a new password that shows which rules it meets so far. */
export function NewPassword({ label, value, onChange, error }: Props) {
  return (
    <div>
      <PasswordInput
        label={label}
        required
        autoComplete="new-password"
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
        error={error}
        errorProps={{ id: "password-error" }}
        aria-describedby={error ? "password-error password-rules" : "password-rules"}
        visibilityToggleButtonProps={{ "aria-label": "Show the password" }}
      />
      <ul id="password-rules" className={classes.rules}>
        {passwordRules(value).map((rule) => (
          <li key={rule.text} data-met={rule.met || undefined}>
            {rule.met ? <IconCheck size={14} aria-hidden="true" /> : <IconPoint size={14} aria-hidden="true" />}
            {rule.text}
            {rule.met ? <span className="visually-hidden"> (met)</span> : null}
          </li>
        ))}
      </ul>
    </div>
  );
}
