/** Which files an upload takes, to tell people before they send them. The server decides by the same rules. */
import type { UploadOut } from "../../api/generated/model/uploadOut";
import { bytes } from "../../lib/sizes";
import { counted } from "../../lib/text";

type Candidate = { name: string; size: number };
type Wanted = Pick<UploadOut, "endings" | "most_files" | "most_bytes" | "files">;

/** Why a file is not taken; "" when it is. */
export function refusalOf(file: Candidate, upload: Wanted): string {
  const name = file.name.toLowerCase();
  if (upload.files.length >= upload.most_files) return `At most ${counted(upload.most_files, "file")} may be given.`;
  if (upload.endings.length > 0 && !upload.endings.some((ending) => name.endsWith(ending))) {
    return `${file.name} does not end in ${upload.endings.join(" or ")}.`;
  }
  if (upload.files.some((there) => there.name.toLowerCase() === name)) return `A file ${file.name} is there already.`;
  if (file.size > upload.most_bytes) return `${file.name} has ${bytes(file.size)}; at most ${mebi(upload.most_bytes)}.`;
  return "";
}

/** What is wanted, in a sentence. */
export function wantedText(upload: Wanted): string {
  const kind = upload.endings.length > 0 ? `Files that end in ${upload.endings.join(" or ")}` : "Files of any kind";
  return `${kind}, at most ${counted(upload.most_files, "file")}, each up to ${mebi(upload.most_bytes)}.`;
}

const mebi = (count: number): string => `${count / 1_048_576} MB`;
