/** How approvals, approvers and uploads stand, in the words and tones that people see. */
import type { ApprovalBriefState } from "../../api/generated/model/approvalBriefState";
import type { ApprovalBriefType } from "../../api/generated/model/approvalBriefType";
import type { ApproverOut } from "../../api/generated/model/approverOut";
import type { ApproverOutStanding } from "../../api/generated/model/approverOutStanding";
import type { UploadOutState } from "../../api/generated/model/uploadOutState";
import type { Look } from "../../lib/states";

const STATES: Record<ApprovalBriefState | UploadOutState, Look> = {
  open: { label: "Open", tone: "busy" },
  approved: { label: "Approved", tone: "good" },
  completed: { label: "Uploaded", tone: "good" },
  rejected: { label: "Rejected", tone: "bad" },
  declined: { label: "Declined", tone: "bad" },
  expired: { label: "Expired", tone: "warn" },
  cancelled: { label: "Withdrawn", tone: "muted" },
};

const STANDINGS: Record<ApproverOutStanding, Look> = {
  waiting: { label: "Later", tone: "neutral" },
  asked: { label: "Asked", tone: "busy" },
  accepted: { label: "Accepted", tone: "good" },
  rejected: { label: "Rejected", tone: "bad" },
  skipped: { label: "Skipped", tone: "muted" },
  overdue: { label: "No answer in time", tone: "warn" },
};

const TYPES: Record<ApprovalBriefType, string> = {
  sequential: "One after another",
  flat: "All at once, and all must accept",
  single: "One approver",
};

/** A state that a newer server may add is shown by its own name. */
export const stateLook = (state: ApprovalBriefState | UploadOutState): Look =>
  STATES[state] ?? { label: state, tone: "neutral" };

export const standingLook = (standing: ApproverOutStanding): Look =>
  STANDINGS[standing] ?? { label: standing, tone: "neutral" };

export const typeText = (type: ApprovalBriefType): string => TYPES[type] ?? type;

/** "Ada", "Ada and Bob", "Ada, Bob and Cleo" */
export function listed(people: readonly { name: string }[]): string {
  const names = people.map((person) => person.name);
  return names.length < 2 ? (names[0] ?? "") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

/** Approvers whom an administrator can still take out: those who have not answered and are not passed over. */
export const skippable = (approvers: readonly ApproverOut[]): ApproverOut[] =>
  approvers.filter((approver) => approver.standing === "waiting" || approver.standing === "asked");

/** The emails in a text with commas, blanks or line breaks between them. */
export const emailsIn = (text: string): string[] => text.split(/[\s,;]+/).filter((part) => part !== "");
