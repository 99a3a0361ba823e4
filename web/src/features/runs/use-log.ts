import { useEffect, useRef, useState } from "react";
import { send } from "../../api/client";
import { getGetResultLogUrl } from "../../api/generated/runs";
import { append, EMPTY_LOG, type LogText } from "./log-lines";

export type Log = { text: LogText; loading: boolean; error: unknown; skippedBytes: number };

/** A longer log is shown from this many bytes before its end. */
const TAIL_BYTES = 1_000_000;
const WAIT_MS = 5000;

type Part = { text: string; next: number; bytes: number; complete: boolean };

async function part(resultId: string, offset: number, decoder: TextDecoder, signal: AbortSignal): Promise<Part> {
  const response = await send(getGetResultLogUrl(resultId, { offset }), { signal, headers: { Accept: "text/plain" } });
  const data = await response.arrayBuffer();
  const next = Number(response.headers.get("oc-log-next-offset") ?? offset + data.byteLength);
  // Streaming, because a part may end within a character.
  const text = decoder.decode(data, { stream: true });
  return { text, next, bytes: data.byteLength, complete: response.headers.get("oc-log-complete") !== "false" };
}

/** A result's log, followed to its end. `size` is its length as last heard: when it grows, more is fetched at once. */
export function useLog(resultId: string, size: number): Log {
  const [log, setLog] = useState<Log>({ text: EMPTY_LOG, loading: true, error: null, skippedBytes: 0 });
  const wake = useRef<() => void>(() => {});
  const known = useRef(size);

  useEffect(() => {
    known.current = size;
    wake.current();
  }, [size]);

  useEffect(() => {
    const stop = new AbortController();
    const decoder = new TextDecoder();
    let offset = Math.max(0, known.current - TAIL_BYTES);
    let text = EMPTY_LOG;
    let torn = offset > 0;
    const skippedBytes = offset;
    setLog({ text, loading: true, error: null, skippedBytes });

    const follow = async () => {
      while (!stop.signal.aborted) {
        const heard = await part(resultId, offset, decoder, stop.signal);
        offset = heard.next;
        const piece: string = torn ? heard.text.slice(heard.text.indexOf("\n") + 1) : heard.text;
        torn = torn && heard.bytes === 0;
        text = append(text, piece);
        setLog({ text, loading: false, error: null, skippedBytes });
        if (heard.bytes > 0) continue;
        if (heard.complete) return;
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, WAIT_MS);
          wake.current = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
    };
    follow().catch((error: unknown) => {
      if (!stop.signal.aborted) setLog({ text, loading: false, error, skippedBytes });
    });
    return () => {
      stop.abort();
      wake.current();
    };
  }, [resultId]);

  return log;
}
