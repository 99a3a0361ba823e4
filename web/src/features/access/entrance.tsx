import type { ReactNode } from "react";
import { LogoMark } from "../../ui/logo";
import classes from "./access.module.css";

type Props = { title: string; lead?: ReactNode; children?: ReactNode };

/** The frame of the pages before signing in. */
export function Entrance({ title, lead, children }: Props) {
  return (
    <main className={classes.entrance}>
      <title>{`${title} · OneCloud`}</title>
      <div className={classes.brand}>
        <LogoMark size={36} />
        <span>OneCloud</span>
      </div>
      <div className={classes.card}>
        <h1>{title}</h1>
        {lead ? <p className={classes.lead}>{lead}</p> : null}
        {children}
      </div>
    </main>
  );
}
