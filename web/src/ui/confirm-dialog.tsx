import { Button, Group, Modal, Stack } from "@mantine/core";
import type { ReactNode } from "react";
import { ErrorPanel } from "./error-panel";
import { useAction } from "./use-action";

type Props = {
  opened: boolean;
  title: string;
  confirm: string;
  danger?: boolean;
  onConfirm: () => Promise<void>;
  onClose: () => void;
  children: ReactNode;
};

/** Asks before something that cannot be taken back. Stays open, and says why, when the server refuses. */
export function ConfirmDialog({ opened, title, confirm, danger = false, onConfirm, onClose, children }: Props) {
  const action = useAction(async () => {
    await onConfirm();
    onClose();
  });
  const close = () => {
    action.clear();
    onClose();
  };
  return (
    <Modal opened={opened} onClose={close} title={title} centered closeButtonProps={{ "aria-label": "Close" }}>
      <Stack>
        <div>{children}</div>
        {action.error ? <ErrorPanel error={action.error} /> : null}
        <Group justify="flex-end">
          <Button variant="default" onClick={close} data-autofocus>
            Cancel
          </Button>
          <Button color={danger ? "red.9" : undefined} loading={action.pending} onClick={() => void action.run()}>
            {confirm}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
