import { useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { send } from "../../api/client";
import { answerApproval, getDownloadApprovalAttachmentUrl } from "../../api/generated/approvals";
import type { AnswerInVerdict } from "../../api/generated/model/answerInVerdict";
import type { ApprovalOut } from "../../api/generated/model/approvalOut";
import { type Fact, Facts } from "../../ui/facts";
import { Moment } from "../../ui/moment";
import { Panel } from "../../ui/panel";
import { AnswerForm } from "./answer-form";
import classes from "./approvals.module.css";
import { ApproverList } from "./approver-list";
import { listed, typeText } from "./looks";
import { approvalQuery } from "./queries";
import { Question } from "./question";

function factsOf(approval: ApprovalOut): Fact[] {
  const facts: Fact[] = [
    {
      name: "Chain",
      value: approval.may_read_chain ? (
        <Link to="/chains/$chainId" params={{ chainId: approval.chain_id }}>
          {approval.chain_name}
        </Link>
      ) : (
        approval.chain_name
      ),
    },
    {
      name: "Run",
      value: approval.may_read_chain ? (
        <Link to="/runs/$runId" params={{ runId: approval.run_id }}>
          {approval.run_id}
        </Link>
      ) : (
        approval.run_id
      ),
    },
    { name: "Type", value: typeText(approval.type), wide: true },
    { name: "Asked by", value: listed(approval.requesters) || "The run", wide: true },
    { name: "Asked", value: <Moment at={approval.opened_at} exact />, wide: true },
  ];
  if (approval.settled_at !== null) {
    facts.push({ name: "Settled", value: <Moment at={approval.settled_at} exact />, wide: true });
  }
  return facts;
}

/** One approval: what is asked, the caller's answer, and how everybody stands. */
export function ApprovalView({ approval }: { approval: ApprovalOut }) {
  const queryClient = useQueryClient();
  const answer = async (verdict: AnswerInVerdict, comment: string) => {
    const after = await answerApproval(approval.id, { verdict, comment });
    queryClient.setQueryData(approvalQuery(approval.id).queryKey, after);
    await queryClient.invalidateQueries({ queryKey: ["approvals"] });
  };
  const attachment = async (number: number) =>
    (await send(getDownloadApprovalAttachmentUrl(approval.id, number), { method: "GET" })).blob();
  return (
    <div className={classes.board}>
      <div className={classes.column}>
        <p className={classes.outcome} role="status" data-shown={approval.text !== "" || undefined}>
          {approval.text}
        </p>
        <Panel title="What is asked">
          <Question details={approval.details} attachments={approval.attachments} onFetch={attachment} />
        </Panel>
        {approval.your_turn ? (
          <Panel title="Your answer">
            <AnswerForm onAnswer={answer} />
          </Panel>
        ) : null}
      </div>
      <div className={classes.column}>
        <Panel title="Approvers">
          <ApproverList approvers={approval.approvers} />
        </Panel>
        <Panel title="About">
          <Facts items={factsOf(approval)} />
        </Panel>
      </div>
    </div>
  );
}
