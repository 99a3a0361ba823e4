import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { ChainListItem } from "../../api/generated/model/chainListItem";
import { Moment } from "../../ui/moment";
import { StateBadge } from "../../ui/state-badge";
import classes from "./chains.module.css";
import { WhyNotRunnable } from "./why-not-runnable";

function LastRun({ chain }: { chain: ChainListItem }) {
  if (chain.last_run === null) return <span className={classes.quiet}>Has not run yet</span>;
  return (
    <Link to="/runs/$runId" params={{ runId: chain.last_run.id }}>
      <span className="visually-hidden">Last run of {chain.name}: </span>
      <StateBadge state={chain.last_run.state} />
      <span className={classes.quiet}>
        <Moment at={chain.last_run.created_at} />
      </span>
    </Link>
  );
}

export function ChainRow({ chain, action }: { chain: ChainListItem; action: ReactNode }) {
  return (
    <li className={classes.row}>
      <div className={classes.about}>
        <Link to="/chains/$chainId" params={{ chainId: chain.id }} className={classes.name}>
          {chain.name}
        </Link>
        {chain.description ? <p className={classes.quiet}>{chain.description}</p> : null}
        <WhyNotRunnable chain={chain} />
      </div>
      <div className={classes.last}>
        <LastRun chain={chain} />
      </div>
      <div className={classes.action}>{action}</div>
    </li>
  );
}
