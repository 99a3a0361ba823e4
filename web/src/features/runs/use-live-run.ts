import { useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import type { RunOut } from "../../api/generated/model/runOut";
import { getWatchRunUrl } from "../../api/generated/runs";
import { hasEnded } from "../../lib/states";
import { runQuery } from "./queries";

/** ended: nothing more will change · stream: events come · polling: no events, asked every two seconds instead */
export type Liveness = "ended" | "stream" | "polling";

const POLL_MS = 2000;
const STREAM_AGAIN_MS = 15_000;

/** The run, kept fresh by server-sent events, and by asking again where they do not come through. */
export function useLiveRun(runId: string): { run: RunOut; liveness: Liveness } {
  const queryClient = useQueryClient();
  const [streaming, setStreaming] = useState(false);
  const query = useSuspenseQuery({
    ...runQuery(runId),
    refetchInterval: ({ state }) => (state.data && !hasEnded(state.data.state) && !streaming ? POLL_MS : false),
  });
  const ended = hasEnded(query.data.state);

  useEffect(() => {
    if (ended) return;
    let again: ReturnType<typeof setTimeout> | undefined;
    let source: EventSource | undefined;
    const open = () => {
      source = new EventSource(getWatchRunUrl(runId));
      source.addEventListener("run", (event) => {
        setStreaming(true);
        queryClient.setQueryData(runQuery(runId).queryKey, JSON.parse(event.data) as RunOut);
      });
      source.addEventListener("end", () => source?.close());
      source.onerror = () => {
        setStreaming(false);
        // The browser reconnects a broken stream by itself, but gives up for good on a refusal.
        if (source?.readyState === EventSource.CLOSED) again = setTimeout(open, STREAM_AGAIN_MS);
      };
    };
    open();
    return () => {
      clearTimeout(again);
      source?.close();
      setStreaming(false);
    };
  }, [runId, ended, queryClient]);

  return { run: query.data, liveness: ended ? "ended" : streaming ? "stream" : "polling" };
}
