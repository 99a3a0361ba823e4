import type { ReactNode } from "react";
import classes from "./entrance.module.css";
import { LogoMark } from "./logo";

type Props = { title: string; lead?: ReactNode; wide?: boolean; children?: ReactNode };

/** The frame of the pages that need nobody to be signed in. */
export function Entrance({ title, lead, wide = false, children }: Props) {
  return (
    <main className={classes.entrance}>
      <title>{`${title} · OneCloud`}</title>
      <div className={classes.brand}>
        <LogoMark size={36} />
        <span>OneCloud</span>
      </div>
      <div className={classes.card} data-wide={wide || undefined}>
        <h1>{title}</h1>
        {lead ? <p className={classes.lead}>{lead}</p> : null}
        {children}
      </div>
    </main>
  );
}
