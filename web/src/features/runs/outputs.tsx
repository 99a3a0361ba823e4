import { Button } from "@mantine/core";
import { IconArrowDownToArc, IconDownload, IconLock } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import type { OutputOut } from "../../api/generated/model/outputOut";
import { bytes } from "../../lib/sizes";
import { valueText } from "../../lib/text";
import { CopyButton } from "../../ui/copy-button";
import { ErrorPanel } from "../../ui/error-panel";
import { LoadingRows } from "../../ui/loading";
import { isTable, previewIsWhole } from "./output-kind";
import classes from "./outputs.module.css";
import { outputsQuery } from "./queries";
import { TablePreview } from "./table-preview";

function FileOutput({ output }: { output: OutputOut }) {
  const facts = [output.media_type, output.size_bytes === null ? null : bytes(output.size_bytes)];
  return (
    <>
      <div className={classes.file}>
        <span>
          <strong>{output.file_name ?? output.name}</strong>
          <small>{facts.filter(Boolean).join(" · ")}</small>
        </span>
        {output.url ? (
          <Button
            component="a"
            size="xs"
            variant="default"
            href={output.url}
            download={output.file_name ?? output.name}
            leftSection={<IconDownload size={14} aria-hidden="true" />}
            aria-label={`Download ${output.file_name ?? output.name}`}
          >
            Download
          </Button>
        ) : null}
      </div>
      {output.preview === null || output.preview === "" ? null : isTable(output) ? (
        <TablePreview name={output.title || output.name} text={output.preview} whole={previewIsWhole(output)} />
      ) : (
        <TextValue name={output.name} text={output.preview} />
      )}
    </>
  );
}

function TextValue({ name, text }: { name: string; text: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className={classes.value} aria-label={`Value of ${name}`} tabIndex={0}>
      <pre>{text}</pre>
    </section>
  );
}

function Output({ output }: { output: OutputOut }) {
  const text = valueText(output.value);
  return (
    <li className={classes.output}>
      <div className={classes.head}>
        <h3>{output.title || output.name}</h3>
        <span className={classes.kind}>{output.kind}</span>
        {output.kind === "file" || output.masked || text === "" ? null : (
          <CopyButton text={text} what={output.title || output.name} compact />
        )}
      </div>
      {output.masked ? (
        <p className={classes.note}>
          <IconLock size={15} aria-hidden="true" /> Masked: this output may hold data that must not be shown.
        </p>
      ) : output.kind === "file" ? (
        <FileOutput output={output} />
      ) : (
        <TextValue name={output.name} text={text === "" ? "(empty)" : text} />
      )}
      {output.truncated && output.kind !== "file" ? <p className={classes.note}>Only the beginning is shown.</p> : null}
    </li>
  );
}

/** What a result gave: values, tables and files. */
export function Outputs({ resultId }: { resultId: string }) {
  const query = useQuery(outputsQuery(resultId));
  if (query.isPending) return <LoadingRows rows={2} height={50} />;
  if (query.isError) return <ErrorPanel error={query.error} onRetry={() => void query.refetch()} />;
  if (query.data.items.length === 0) {
    return (
      <p className={classes.note}>
        <IconArrowDownToArc size={15} aria-hidden="true" /> This result has no outputs.
      </p>
    );
  }
  return (
    <ul className={classes.outputs}>
      {query.data.items.map((output) => (
        <Output key={output.name} output={output} />
      ))}
    </ul>
  );
}
