import { useRef, useState } from "react";
import { addUploadFile } from "../../api/generated/approvals";
import type { UploadOut } from "../../api/generated/model/uploadOut";
import { refusalOf } from "./files";

/** Sends files one after another; each that is not taken says why, and the others go on. */
export function useSending(upload: UploadOut, onTaken: (after: UploadOut) => void) {
  const input = useRef<HTMLInputElement>(null);
  const [current, setCurrent] = useState("");
  const [refusals, setRefusals] = useState<string[]>([]);
  const send = async (files: File[]) => {
    setRefusals([]);
    let last = upload;
    for (const file of files) {
      let refusal = refusalOf(file, last);
      if (refusal === "") {
        setCurrent(file.name);
        try {
          last = await addUploadFile(upload.id, file, { name: file.name });
          onTaken(last);
        } catch (error) {
          refusal = `${file.name}: ${error instanceof Error ? error.message : "not taken"}`;
        }
      }
      if (refusal !== "") setRefusals((before) => [...before, refusal]);
    }
    setCurrent("");
    if (input.current) input.current.value = "";
  };
  return { input, send, current, busy: current !== "", refusals };
}
