import type { ApproverOut } from "../../api/generated/model/approverOut";
import { Moment } from "../../ui/moment";
import classes from "./approvals.module.css";
import { standingLook } from "./looks";
import { Mark } from "./mark";

const VIA = { web: "", mail: " by mail", api: " through the API" };

function When({ approver }: { approver: ApproverOut }) {
  if (approver.at === null) return null;
  if (approver.due_at !== null) {
    return (
      <>
        until <Moment at={approver.due_at} exact />
      </>
    );
  }
  return (
    <>
      <Moment at={approver.at} exact />
      {approver.via ? VIA[approver.via] : ""}
    </>
  );
}

/** Who is asked, in order, and what each has said. */
export function ApproverList({ approvers }: { approvers: readonly ApproverOut[] }) {
  return (
    <ol className={classes.approvers}>
      {approvers.map((approver) => (
        <li key={approver.number}>
          <div className={classes.approver}>
            <span>
              <strong>{approver.name}</strong> <small>{approver.name === approver.email ? "" : approver.email}</small>
            </span>
            <Mark look={standingLook(approver.standing)} />
          </div>
          <small>
            <When approver={approver} />
          </small>
          {approver.comment ? <blockquote className={classes.comment}>{approver.comment}</blockquote> : null}
        </li>
      ))}
    </ol>
  );
}
