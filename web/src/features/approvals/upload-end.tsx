import { Button, Group, Stack, Textarea } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { completeUpload, declineUpload } from "../../api/generated/approvals";
import type { UploadOut } from "../../api/generated/model/uploadOut";
import { ErrorPanel } from "../../ui/error-panel";
import { Panel } from "../../ui/panel";
import { useAction } from "../../ui/use-action";

type Props = { upload: UploadOut; onDone: (after: UploadOut) => void };

/** Says that all files are there, or that there will be none. */
export function UploadEnd({ upload, onDone }: Props) {
  const [comment, setComment] = useState("");
  const queryClient = useQueryClient();
  const end = useAction(async (work: typeof completeUpload) => {
    onDone(await work(upload.id, { comment }));
    await queryClient.invalidateQueries({ queryKey: ["uploads"] });
  });
  return (
    <Panel title="All there?">
      <Stack>
        <Textarea
          label="Comment"
          description="Optional; it goes with the files."
          autosize
          minRows={2}
          maxRows={12}
          maxLength={5000}
          value={comment}
          onChange={(event) => setComment(event.currentTarget.value)}
        />
        {end.error ? <ErrorPanel error={end.error} /> : null}
        <Group>
          <Button
            loading={end.pending}
            disabled={upload.files.length === 0}
            onClick={() => void end.run(completeUpload)}
          >
            Complete
          </Button>
          <Button variant="default" disabled={end.pending} onClick={() => void end.run(declineUpload)}>
            Decline
          </Button>
        </Group>
      </Stack>
    </Panel>
  );
}
