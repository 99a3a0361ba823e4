import type { ApiAccessOut } from "../../api/generated/model/apiAccessOut";
import type { TokenFacts } from "../../api/generated/model/tokenFacts";
import { type Column, DataTable } from "../../ui/data-table";
import { Moment } from "../../ui/moment";
import classes from "./tokens.module.css";

type Row = { kind: string; facts: TokenFacts };

function LastUse({ facts }: { facts: TokenFacts }) {
  if (facts.last_used_at === null) return <>Not used yet</>;
  const where = [facts.last_used_ip, facts.last_used_agent].filter(Boolean).join(", ");
  return (
    <>
      <Moment at={facts.last_used_at} />
      {where ? <small className={classes.where}>{where}</small> : null}
    </>
  );
}

const COLUMNS: Column<Row>[] = [
  { title: "Token", cell: (row) => row.kind },
  { title: "Hint", cell: (row) => <code>{row.facts.hint}</code> },
  { title: "Created", cell: (row) => <Moment at={row.facts.created_at} /> },
  { title: "Expires", cell: (row) => <Moment at={row.facts.expires_at} /> },
  { title: "Last used", cell: (row) => <LastUse facts={row.facts} /> },
];

/** What may be told of the tokens after their first sight. */
export function TokenTable({ access }: { access: ApiAccessOut }) {
  const rows: Row[] = [];
  if (access.access_token) rows.push({ kind: "Access token", facts: access.access_token });
  if (access.refresh_token) rows.push({ kind: "Refresh token", facts: access.refresh_token });
  if (rows.length === 0) return null;
  return (
    <div className={classes.table}>
      <DataTable label="Tokens" columns={COLUMNS} items={rows} keyOf={(row) => row.kind} />
    </div>
  );
}
