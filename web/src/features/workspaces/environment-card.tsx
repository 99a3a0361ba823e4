import { IconChevronRight } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import type { EnvironmentBrief } from "../../api/generated/model/environmentBrief";
import { counted } from "../../lib/text";
import classes from "./workspaces.module.css";

export function EnvironmentCard({ environment }: { environment: EnvironmentBrief }) {
  return (
    <Link to="/environments/$environmentId" params={{ environmentId: environment.id }} className={classes.card}>
      <span className={classes.color} style={{ background: environment.color }} aria-hidden="true" />
      <span className={classes.text}>
        <strong>{environment.name}</strong>
        <span>{counted(environment.chains_count, "chain")}</span>
        {environment.description ? <small>{environment.description}</small> : null}
      </span>
      <IconChevronRight size={18} aria-hidden="true" />
    </Link>
  );
}
