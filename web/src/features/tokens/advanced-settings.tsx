import { Button } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconChevronDown, IconChevronUp } from "@tabler/icons-react";
import { type ReactNode, useId } from "react";
import classes from "./tokens.module.css";

/** The drop-down at the bottom left of the card. */
export function AdvancedSettings({ children }: { children: ReactNode }) {
  const [opened, panel] = useDisclosure(false);
  const id = useId();
  const Icon = opened ? IconChevronUp : IconChevronDown;
  return (
    <div className={classes.advanced}>
      <Button
        variant="subtle"
        size="sm"
        className={classes.toggle}
        rightSection={<Icon size={16} aria-hidden="true" />}
        aria-expanded={opened}
        aria-controls={id}
        onClick={panel.toggle}
      >
        Advanced settings
      </Button>
      <div id={id} hidden={!opened} className={classes.settings}>
        {children}
      </div>
    </div>
  );
}
