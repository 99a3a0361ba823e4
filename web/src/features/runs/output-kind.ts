import type { OutputOut } from "../../api/generated/model/outputOut";

type FileFacts = Pick<OutputOut, "file_name" | "media_type" | "preview" | "size_bytes">;

const TABLE_TYPES = ["text/csv", "text/tab-separated-values"];

/** Whether a file's preview is best read as a table. */
export function isTable(output: FileFacts): boolean {
  const type = (output.media_type ?? "").split(";", 1)[0]?.trim() ?? "";
  return TABLE_TYPES.includes(type) || /\.(csv|tsv|psv)$/i.test(output.file_name ?? "");
}

/** Whether the preview is the whole file, so that its last line is not torn. */
export function previewIsWhole(output: FileFacts): boolean {
  if (output.preview === null || output.size_bytes === null) return false;
  return new TextEncoder().encode(output.preview).byteLength >= output.size_bytes;
}
