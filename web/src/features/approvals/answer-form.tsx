import { Button, Group, Stack, Textarea } from "@mantine/core";
import { IconCheck, IconX } from "@tabler/icons-react";
import { useState } from "react";
import type { AnswerInVerdict } from "../../api/generated/model/answerInVerdict";
import { ErrorPanel } from "../../ui/error-panel";
import { useAction } from "../../ui/use-action";
import classes from "./approvals.module.css";

type Props = { onAnswer: (verdict: AnswerInVerdict, comment: string) => Promise<void> };

/** Accept or reject, with a comment. */
export function AnswerForm({ onAnswer }: Props) {
  const [comment, setComment] = useState("");
  const [given, setGiven] = useState<AnswerInVerdict | null>(null);
  const action = useAction((verdict: AnswerInVerdict) => onAnswer(verdict, comment));
  const answer = (verdict: AnswerInVerdict) => {
    setGiven(verdict);
    void action.run(verdict);
  };
  const busy = (verdict: AnswerInVerdict) => action.pending && given === verdict;
  return (
    <Stack>
      <Textarea
        label="Comment"
        description="Optional; everybody who sees this approval sees it."
        autosize
        minRows={2}
        maxRows={12}
        maxLength={5000}
        value={comment}
        onChange={(event) => setComment(event.currentTarget.value)}
      />
      {action.error ? <ErrorPanel error={action.error} title="Your answer did not count" /> : null}
      <Group>
        <Button
          leftSection={<IconCheck size={16} aria-hidden="true" />}
          loading={busy("accept")}
          disabled={action.pending}
          onClick={() => answer("accept")}
        >
          Accept
        </Button>
        <Button
          color="red.9"
          leftSection={<IconX size={16} aria-hidden="true" />}
          loading={busy("reject")}
          disabled={action.pending}
          onClick={() => answer("reject")}
        >
          Reject
        </Button>
        <span className={classes.quiet}>An answer is final.</span>
      </Group>
    </Stack>
  );
}
