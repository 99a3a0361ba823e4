import { Anchor, Stack } from "@mantine/core";
import { queryOptions, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { send } from "../../api/client";
import {
  answerApprovalLink,
  getDownloadApprovalLinkAttachmentUrl,
  lookAtApprovalLink,
} from "../../api/generated/approvals";
import type { AnswerInVerdict } from "../../api/generated/model/answerInVerdict";
import type { LinkOut } from "../../api/generated/model/linkOut";
import { Entrance } from "../../ui/entrance";
import { ErrorPanel } from "../../ui/error-panel";
import { LoadingRows } from "../../ui/loading";
import { Moment } from "../../ui/moment";
import { AnswerForm } from "./answer-form";
import { listed } from "./looks";
import { Question } from "./question";

// The token is a secret: nothing of it outlives the page, and this cache is never stored.
const lookQuery = (token: string) =>
  queryOptions({
    queryKey: ["approval-link", token],
    queryFn: ({ signal }) => lookAtApprovalLink({ token }, { signal }),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    retry: false,
  });

const attachmentOf = (token: string) => async (number: number) => {
  const body = JSON.stringify({ token });
  const headers = { "Content-Type": "application/json" };
  return (await send(getDownloadApprovalLinkAttachmentUrl(number), { method: "POST", headers, body })).blob();
};

const Home = () => (
  <Anchor component={Link} to="/approvals">
    Open Approvals in OneCloud
  </Anchor>
);

const leadOf = (asked: LinkOut) => (
  <>
    {listed(asked.requesters) || "A run"} {asked.requesters.length > 1 ? "ask" : "asks"} {asked.approver.name} for
    approval, in the chain {asked.chain_name}. Please answer by <Moment at={asked.due_at} exact />.
  </>
);

/** Answers an approval by the link of a mail, without signing in. Opening the page answers nothing. */
export function LinkPage({ token }: { token: string }) {
  const look = useQuery({ ...lookQuery(token), enabled: token !== "" });
  const [done, setDone] = useState<{ verdict: AnswerInVerdict; text: string } | null>(null);
  if (token === "") {
    return (
      <Entrance title="This link is not complete" lead="Open it again as it stands in the mail that asked you.">
        <Home />
      </Entrance>
    );
  }
  if (done) {
    return (
      <Entrance
        title={done.verdict === "accept" ? "You have accepted" : "You have rejected"}
        lead={done.text || "Your answer is noted; others are asked, too."}
      >
        <Home />
      </Entrance>
    );
  }
  if (look.isPending) {
    return (
      <Entrance title="An approval is asked" wide>
        <LoadingRows />
      </Entrance>
    );
  }
  if (look.isError) {
    return (
      <Entrance title="There is nothing to answer">
        <Stack>
          <ErrorPanel error={look.error} />
          <Home />
        </Stack>
      </Entrance>
    );
  }
  const answer = async (verdict: AnswerInVerdict, comment: string) => {
    const after = await answerApprovalLink({ token, verdict, comment });
    setDone({ verdict, text: after.text });
  };
  return (
    <Entrance title={look.data.title} lead={leadOf(look.data)} wide>
      <Stack>
        <Question details={look.data.details} attachments={look.data.attachments} onFetch={attachmentOf(token)} />
        <AnswerForm onAnswer={answer} />
      </Stack>
    </Entrance>
  );
}
