import { Button } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconPlayerPlay } from "@tabler/icons-react";
import type { ChainListItem } from "../../api/generated/model/chainListItem";
import { StartDialog } from "./start-dialog";

export type Runnable = Pick<ChainListItem, "id" | "name" | "disabled" | "published" | "runtime_inputs" | "permissions">;

type Props = {
  chain: Runnable;
  place: string;
  text?: string;
  given?: Record<string, unknown>;
  variant?: "filled" | "default";
};

/**
 * Opens the start dialog. Not there for a chain that cannot run (the reason stands beside it instead), nor for people
 * who may not run it.
 */
export function RunButton({ chain, place, text = "Run", given, variant = "filled" }: Props) {
  const [opened, dialog] = useDisclosure(false);
  if (chain.published === null || chain.disabled || !chain.permissions.includes("execute")) return null;
  return (
    <>
      <Button
        size="sm"
        variant={variant}
        leftSection={<IconPlayerPlay size={16} aria-hidden="true" />}
        aria-label={`${text} ${chain.name}`}
        onClick={dialog.open}
      >
        {text}
      </Button>
      <StartDialog chain={chain} given={given} place={place} opened={opened} onClose={dialog.close} />
    </>
  );
}
