import { Button } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { copyText } from "../lib/clipboard";

type Props = { text: string; what: string; compact?: boolean };

/** Copies `text`; `what` names it for those who hear the button: "Copy access token". */
export function CopyButton({ text, what, compact = false }: Props) {
  const [outcome, setOutcome] = useState<"idle" | "copied" | "refused">("idle");
  useEffect(() => {
    if (outcome === "idle") return;
    const timer = setTimeout(() => setOutcome("idle"), 2500);
    return () => clearTimeout(timer);
  }, [outcome]);
  const copy = async () => setOutcome((await copyText(text)) ? "copied" : "refused");
  const words = { idle: "Copy", copied: "Copied", refused: "Select it by hand" }[outcome];
  const Icon = outcome === "copied" ? IconCheck : IconCopy;
  return (
    <>
      <Button
        size={compact ? "compact-xs" : "xs"}
        variant="default"
        leftSection={<Icon size={14} aria-hidden="true" />}
        aria-label={`Copy ${what}`}
        onClick={() => void copy()}
      >
        {words}
      </Button>
      <span className="visually-hidden" role="status">
        {outcome === "copied" ? `Copied ${what}` : ""}
      </span>
    </>
  );
}
