import { IconInfoCircle } from "@tabler/icons-react";
import type { ChainListItem } from "../../api/generated/model/chainListItem";
import classes from "./chains.module.css";

type Props = { chain: Pick<ChainListItem, "disabled" | "published"> };

/** One sentence on why a chain cannot run and what to do; nothing when it can. */
export function WhyNotRunnable({ chain }: Props) {
  if (chain.published !== null && !chain.disabled) return null;
  return (
    <p className={classes.why}>
      <IconInfoCircle size={16} aria-hidden="true" />
      {chain.published === null
        ? "Not published yet, so it cannot run. Apply its file once more with --publish."
        : "Execution is switched off for this chain, so it cannot run."}
    </p>
  );
}
