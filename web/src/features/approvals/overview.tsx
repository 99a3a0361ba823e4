import { IconChecklist } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ApprovalBrief } from "../../api/generated/model/approvalBrief";
import type { UploadOut } from "../../api/generated/model/uploadOut";
import { type Column, DataTable } from "../../ui/data-table";
import { EmptyState } from "../../ui/empty-state";
import { ErrorPanel } from "../../ui/error-panel";
import { LoadMore } from "../../ui/load-more";
import { LoadingRows } from "../../ui/loading";
import { Moment } from "../../ui/moment";
import { Panel } from "../../ui/panel";
import classes from "./approvals.module.css";
import { listed, stateLook } from "./looks";
import { Mark } from "./mark";
import { approvalsQuery, uploadsQuery } from "./queries";

const APPROVALS: Column<ApprovalBrief>[] = [
  {
    title: "Approval",
    cell: (one) => (
      <Link to="/approvals/$approvalId" params={{ approvalId: one.id }}>
        {one.title}
      </Link>
    ),
  },
  { title: "State", cell: (one) => <Mark look={stateLook(one.state)} /> },
  { title: "Chain", cell: (one) => one.chain_name },
  { title: "Asked by", cell: (one) => listed(one.requesters) || "–" },
  { title: "Asked", cell: (one) => <Moment at={one.opened_at} /> },
  { title: "Due", cell: (one) => <Moment at={one.due_at} none="–" /> },
];

const UPLOADS: Column<UploadOut>[] = [
  {
    title: "Request",
    cell: (one) => (
      <Link to="/uploads/$uploadId" params={{ uploadId: one.id }}>
        {one.title}
      </Link>
    ),
  },
  { title: "State", cell: (one) => <Mark look={stateLook(one.state)} /> },
  { title: "Chain", cell: (one) => one.chain_name },
  { title: "Asked of", cell: (one) => listed(one.people) },
  { title: "Asked", cell: (one) => <Moment at={one.opened_at} /> },
  { title: "Due", cell: (one) => <Moment at={one.state === "open" ? one.due_at : null} none="–" /> },
];

/** Every approval and every request for files that the caller may see, newest first. */
export function Overview() {
  const approvals = useInfiniteQuery(approvalsQuery(false));
  const uploads = useInfiniteQuery(uploadsQuery(false));
  if (approvals.isPending || uploads.isPending) return <LoadingRows rows={5} height={44} />;
  if (approvals.isError) return <ErrorPanel error={approvals.error} onRetry={() => void approvals.refetch()} />;
  if (uploads.isError) return <ErrorPanel error={uploads.error} onRetry={() => void uploads.refetch()} />;
  const asked = approvals.data.pages.flatMap((page) => page.items);
  const wanted = uploads.data.pages.flatMap((page) => page.items);
  if (asked.length + wanted.length === 0) {
    return (
      <EmptyState icon={<IconChecklist size={24} />} title="Nobody was asked yet">
        <p>A chain asks people with the events Approval and Runtime File Upload.</p>
      </EmptyState>
    );
  }
  return (
    <div className={classes.column}>
      {asked.length > 0 ? (
        <Panel title="Approvals" flush>
          <DataTable label="Approvals" columns={APPROVALS} items={asked} keyOf={(one) => one.id} />
          <LoadMore query={approvals} />
        </Panel>
      ) : null}
      {wanted.length > 0 ? (
        <Panel title="Files" flush>
          <DataTable label="Files" columns={UPLOADS} items={wanted} keyOf={(one) => one.id} />
          <LoadMore query={uploads} />
        </Panel>
      ) : null}
    </div>
  );
}
