import { ConfirmDialog } from "../../ui/confirm-dialog";
import { switchOn } from "./change-schedules";

type Props = { chainId: string; name: string; opened: boolean; onDone: () => Promise<void>; onClose: () => void };

/** Asks before a schedule is switched on that the published version has switched off: that takes a publish. */
export function SwitchOn({ chainId, name, opened, onDone, onClose }: Props) {
  const confirm = async () => {
    await switchOn(chainId, name);
    await onDone();
  };
  return (
    <ConfirmDialog
      opened={opened}
      title={`Switch ${name} on?`}
      confirm="Switch on and publish"
      onConfirm={confirm}
      onClose={onClose}
    >
      The schedule is switched off in the published version. This makes a new version of the chain, in which it is
      switched on and nothing else is different.
    </ConfirmDialog>
  );
}
