import { Button } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useEffect, useRef } from "react";
import type { ApiTokensOut } from "../../api/generated/model/apiTokensOut";
import { CopyButton } from "../../ui/copy-button";
import { Moment } from "../../ui/moment";
import classes from "./tokens.module.css";

type Props = { tokens: ApiTokensOut; onSaved: () => void };

function Secret({ name, what, text }: { name: string; what: string; text: string }) {
  const id = `once-${what.replace(/ /g, "-")}`;
  return (
    <div className={classes.secret}>
      <label htmlFor={id}>{name}</label>
      <div>
        {/* No name and no form around it: nothing here may be offered to a browser's memory of fields. */}
        <input id={id} readOnly value={text} autoComplete="off" spellCheck={false} onFocus={(e) => e.target.select()} />
        <CopyButton text={text} what={what} />
      </div>
    </div>
  );
}

/** The tokens, once. */
export function TokensOnce({ tokens, onSaved }: Props) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <section className={classes.once} aria-labelledby="once-title">
      <div className={classes.warning}>
        <IconAlertTriangle size={20} aria-hidden="true" />
        <div>
          <h2 id="once-title" ref={heading} tabIndex={-1}>
            Copy these tokens now
          </h2>
          <p>
            They are shown only this once and are gone as soon as you leave this page. Keep them like a password: who
            has them acts in your name.
          </p>
        </div>
      </div>
      <Secret name="Access token" what="access token" text={tokens.access_token} />
      <Secret name="Refresh token" what="refresh token" text={tokens.refresh_token} />
      <Secret name="Client id" what="client id of the new tokens" text={tokens.client_id} />
      <p className={classes.hint}>
        The access token expires on <Moment at={tokens.expires_at} exact />. The refresh token works once: each refresh
        gives a new pair.
      </p>
      <Button variant="default" onClick={onSaved}>
        I have saved the tokens
      </Button>
    </section>
  );
}
