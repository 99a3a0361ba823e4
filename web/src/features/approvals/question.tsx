import { Button } from "@mantine/core";
import { IconPaperclip } from "@tabler/icons-react";
import type { AttachmentOut } from "../../api/generated/model/attachmentOut";
import { bytes } from "../../lib/sizes";
import { ErrorPanel } from "../../ui/error-panel";
import { useAction } from "../../ui/use-action";
import classes from "./approvals.module.css";

type Props = {
  details: string;
  attachments: readonly AttachmentOut[];
  /** Gives the bytes of an attachment. */
  onFetch: (number: number) => Promise<Blob>;
};

/** What is asked: the words and the files that go with it. */
export function Question({ details, attachments, onFetch }: Props) {
  const download = useAction(async (file: AttachmentOut) => saveAs(await onFetch(file.number), file.name));
  if (!details && attachments.length === 0) return <p className={classes.quiet}>There are no further details.</p>;
  return (
    <>
      {details ? <p className={classes.details}>{details}</p> : null}
      {attachments.length > 0 ? (
        <ul className={classes.files} aria-label="Attachments">
          {attachments.map((file) => (
            <li key={file.number}>
              <IconPaperclip size={16} aria-hidden="true" />
              <span className={classes.file}>
                {file.name} <small>{bytes(file.size_bytes)}</small>
              </span>
              <Button
                size="compact-sm"
                variant="default"
                aria-label={`Download ${file.name}`}
                onClick={() => void download.run(file)}
              >
                Download
              </Button>
            </li>
          ))}
        </ul>
      ) : null}
      {download.error ? <ErrorPanel error={download.error} /> : null}
    </>
  );
}

/** Hands bytes to the browser as a file to keep. */
function saveAs(blob: Blob, name: string): void {
  const address = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  URL.revokeObjectURL(address);
}
