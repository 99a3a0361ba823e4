import { ActionIcon, Button } from "@mantine/core";
import { IconFile, IconTrash } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { removeUploadFile } from "../../api/generated/approvals";
import type { UploadedFileOut } from "../../api/generated/model/uploadedFileOut";
import type { UploadOut } from "../../api/generated/model/uploadOut";
import { bytes } from "../../lib/sizes";
import { ErrorPanel } from "../../ui/error-panel";
import { Panel } from "../../ui/panel";
import { useAction } from "../../ui/use-action";
import classes from "./approvals.module.css";
import { wantedText } from "./files";
import { uploadQuery } from "./queries";
import { UploadEnd } from "./upload-end";
import { useSending } from "./use-sending";

/** The files that are there, and for who may give some: choosing, dropping, removing, and the end. */
export function UploadFiles({ upload }: { upload: UploadOut }) {
  const queryClient = useQueryClient();
  const show = (after: UploadOut) => queryClient.setQueryData(uploadQuery(upload.id).queryKey, after);
  const sending = useSending(upload, show);
  const remove = useAction(async (file: UploadedFileOut) => {
    show(await removeUploadFile(upload.id, file.id));
  });
  const full = upload.files.length >= upload.most_files;
  return (
    <>
      <Panel title="Files">
        {upload.may_give ? (
          // biome-ignore lint/a11y/noStaticElementInteractions: dropping is a shortcut; the button below does the same
          <div
            className={classes.drop}
            onDragOver={(event) => event.preventDefault()}
            onDrop={(event) => {
              event.preventDefault();
              void sending.send([...event.dataTransfer.files]);
            }}
          >
            <p className={classes.quiet}>{wantedText(upload)}</p>
            <input
              ref={sending.input}
              className="visually-hidden"
              type="file"
              aria-label="Files"
              tabIndex={-1}
              multiple={upload.most_files > 1}
              accept={upload.endings.join(",") || undefined}
              onChange={(event) => void sending.send([...(event.currentTarget.files ?? [])])}
            />
            <Button loading={sending.busy} disabled={full} onClick={() => sending.input.current?.click()}>
              Choose files
            </Button>
            <span className={classes.dropHint}>or drop them here</span>
          </div>
        ) : null}
        <p className="visually-hidden" role="status">
          {sending.busy ? `Uploading ${sending.current}` : ""}
        </p>
        {sending.refusals.length > 0 ? (
          <ul className={classes.refusals} role="alert">
            {sending.refusals.map((refusal) => (
              <li key={refusal}>{refusal}</li>
            ))}
          </ul>
        ) : null}
        {upload.files.length > 0 ? (
          <ul className={classes.files} aria-label="Uploaded files">
            {upload.files.map((file) => (
              <li key={file.id}>
                <IconFile size={16} aria-hidden="true" />
                <span className={classes.file}>
                  {file.name}{" "}
                  <small>
                    {bytes(file.size_bytes)}, by {file.by.name}
                  </small>
                </span>
                {upload.may_give ? (
                  <ActionIcon
                    variant="subtle"
                    color="gray"
                    aria-label={`Remove ${file.name}`}
                    onClick={() => void remove.run(file)}
                  >
                    <IconTrash size={16} aria-hidden="true" />
                  </ActionIcon>
                ) : null}
              </li>
            ))}
          </ul>
        ) : (
          <p className={classes.quiet}>No file yet.</p>
        )}
        {remove.error ? <ErrorPanel error={remove.error} /> : null}
      </Panel>
      {upload.may_give ? <UploadEnd upload={upload} onDone={show} /> : null}
    </>
  );
}
