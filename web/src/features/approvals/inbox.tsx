import { Button } from "@mantine/core";
import { IconChecklist } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { ApprovalBrief } from "../../api/generated/model/approvalBrief";
import type { UploadOut } from "../../api/generated/model/uploadOut";
import { EmptyState } from "../../ui/empty-state";
import { ErrorPanel } from "../../ui/error-panel";
import { LoadMore } from "../../ui/load-more";
import { LoadingRows } from "../../ui/loading";
import { Moment } from "../../ui/moment";
import { Panel } from "../../ui/panel";
import classes from "./approvals.module.css";
import { listed } from "./looks";
import { approvalsQuery, uploadsQuery } from "./queries";

type RowProps = { title: ReactNode; chain: string; from: string; due: string | null; action: ReactNode };

function Row({ title, chain, from, due, action }: RowProps) {
  return (
    <li className={classes.row}>
      <div className={classes.about}>
        <strong>{title}</strong>
        <small>
          {chain}
          {from ? `, asked by ${from}` : ""}
        </small>
      </div>
      <small className={classes.due}>
        due <Moment at={due} />
      </small>
      {action}
    </li>
  );
}

const ApprovalRow = ({ approval }: { approval: ApprovalBrief }) => (
  <Row
    title={
      <Link to="/approvals/$approvalId" params={{ approvalId: approval.id }}>
        {approval.title}
      </Link>
    }
    chain={approval.chain_name}
    from={listed(approval.requesters)}
    due={approval.due_at}
    action={
      <Button
        size="xs"
        aria-label={`Answer: ${approval.title}`}
        renderRoot={(props) => <Link {...props} to="/approvals/$approvalId" params={{ approvalId: approval.id }} />}
      >
        Answer
      </Button>
    }
  />
);

const UploadRow = ({ upload }: { upload: UploadOut }) => (
  <Row
    title={
      <Link to="/uploads/$uploadId" params={{ uploadId: upload.id }}>
        {upload.title}
      </Link>
    }
    chain={upload.chain_name}
    from=""
    due={upload.due_at}
    action={
      <Button
        size="xs"
        aria-label={`Upload files: ${upload.title}`}
        renderRoot={(props) => <Link {...props} to="/uploads/$uploadId" params={{ uploadId: upload.id }} />}
      >
        Upload
      </Button>
    }
  />
);

/** What waits for the caller: approvals to answer and files to give. */
export function Inbox() {
  const approvals = useInfiniteQuery(approvalsQuery(true));
  const uploads = useInfiniteQuery(uploadsQuery(true));
  if (approvals.isPending || uploads.isPending) return <LoadingRows />;
  if (approvals.isError) return <ErrorPanel error={approvals.error} onRetry={() => void approvals.refetch()} />;
  if (uploads.isError) return <ErrorPanel error={uploads.error} onRetry={() => void uploads.refetch()} />;
  const asked = approvals.data.pages.flatMap((page) => page.items);
  const wanted = uploads.data.pages.flatMap((page) => page.items);
  if (asked.length + wanted.length === 0) {
    return (
      <EmptyState icon={<IconChecklist size={24} />} title="Nothing waits for you">
        <p>When a run needs your approval or a file from you, it stands here, and you get a mail.</p>
      </EmptyState>
    );
  }
  return (
    <div className={classes.column}>
      {asked.length > 0 ? (
        <Panel title="Your approval is asked" flush>
          <ul className={classes.rows}>
            {asked.map((approval) => (
              <ApprovalRow key={approval.id} approval={approval} />
            ))}
          </ul>
          <LoadMore query={approvals} />
        </Panel>
      ) : null}
      {wanted.length > 0 ? (
        <Panel title="Files are asked of you" flush>
          <ul className={classes.rows}>
            {wanted.map((upload) => (
              <UploadRow key={upload.id} upload={upload} />
            ))}
          </ul>
          <LoadMore query={uploads} />
        </Panel>
      ) : null}
    </div>
  );
}
