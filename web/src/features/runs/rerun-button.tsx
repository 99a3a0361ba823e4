import { Button } from "@mantine/core";
import { IconRotateClockwise } from "@tabler/icons-react";
import type { NodeRunOut } from "../../api/generated/model/nodeRunOut";
import { type Spot, spotOf } from "./rerun";

type Props = { node: NodeRunOut; onRerun: (spot: Spot) => void };

/** Asks for the plan of a re-run from a node. */
export function RerunButton({ node, onRerun }: Props) {
  return (
    <Button
      size="xs"
      mb="sm"
      variant="default"
      leftSection={<IconRotateClockwise size={14} aria-hidden="true" />}
      onClick={() => onRerun(spotOf(node))}
    >
      Run again from here
    </Button>
  );
}
