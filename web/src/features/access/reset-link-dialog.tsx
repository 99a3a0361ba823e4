import { Button, Group, Modal, Stack } from "@mantine/core";
import { useState } from "react";
import { createResetLink } from "../../api/generated/access";
import type { PersonOut } from "../../api/generated/model/personOut";
import type { ResetLinkOut } from "../../api/generated/model/resetLinkOut";
import { personName } from "../../lib/text";
import { CodeBlock } from "../../ui/code-block";
import { ErrorPanel } from "../../ui/error-panel";
import { Moment } from "../../ui/moment";
import { useAction } from "../../ui/use-action";

type Props = { person: PersonOut; onClose: () => void };

/** Makes a one-time link for a new password and shows it once: it is gone when the dialog closes. */
export function ResetLinkDialog({ person, onClose }: Props) {
  const [link, setLink] = useState<ResetLinkOut | null>(null);
  const action = useAction(async () => setLink(await createResetLink(person.id)));
  return (
    <Modal
      opened
      onClose={onClose}
      centered
      size="lg"
      title={`Reset link for ${personName(person)}`}
      closeButtonProps={{ "aria-label": "Close" }}
    >
      <Stack>
        {link === null ? (
          <p style={{ margin: 0 }}>
            The link lets {personName(person)} set a new password, and unlocks the account. It works once; an earlier
            link stops working.
          </p>
        ) : (
          <>
            <p style={{ margin: 0 }}>
              Send this link to {personName(person)} by a safe way. It is shown only now and works once, until{" "}
              <Moment at={link.expires_at} exact />.
            </p>
            <CodeBlock text={new URL(link.url, window.location.origin).href} what="the reset link" />
          </>
        )}
        {action.error ? <ErrorPanel error={action.error} /> : null}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {link === null ? "Cancel" : "Done"}
          </Button>
          {link === null ? (
            <Button loading={action.pending} onClick={() => void action.run()}>
              Create reset link
            </Button>
          ) : null}
        </Group>
      </Stack>
    </Modal>
  );
}
