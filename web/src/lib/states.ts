/** Every state of a run, a node and a result: what people read and which look it has. Product facts 5.2. */
export type RunState = "enqueueing" | "running" | "paused" | "errored" | "warned" | "all_succeeded" | "stopped";
export type NodeState = "waiting" | "active" | "paused" | "skipped" | "errored" | "warned" | "succeeded" | "stopped";
export type AnyState = RunState | NodeState;
export type Tone = "neutral" | "busy" | "held" | "bad" | "warn" | "good" | "muted";

export type Look = { label: string; tone: Tone };

const LOOKS: Record<AnyState, Look> = {
  enqueueing: { label: "Queued", tone: "neutral" },
  running: { label: "Running", tone: "busy" },
  active: { label: "Running", tone: "busy" },
  paused: { label: "Paused", tone: "held" },
  errored: { label: "Failed", tone: "bad" },
  warned: { label: "Warning", tone: "warn" },
  all_succeeded: { label: "Succeeded", tone: "good" },
  succeeded: { label: "Succeeded", tone: "good" },
  stopped: { label: "Stopped", tone: "muted" },
  skipped: { label: "Skipped", tone: "muted" },
  waiting: { label: "Waiting", tone: "neutral" },
};

/** A state that a newer server may add is shown by its own name. */
export function lookOf(state: AnyState): Look {
  return LOOKS[state] ?? { label: state, tone: "neutral" };
}

export const hasEnded = (state: RunState): boolean =>
  state === "errored" || state === "warned" || state === "all_succeeded" || state === "stopped";

export const nodeHasEnded = (state: NodeState): boolean =>
  state !== "waiting" && state !== "active" && state !== "paused";

const LAUNCHES: Record<string, string> = {
  manual: "by hand",
  api: "through the API",
  schedule: "by a schedule",
  trigger: "by another chain",
  trigger_event: "by a trigger",
  slack: "from Slack",
};

/** How a run was started, as the end of a sentence: "started …". */
export const launchText = (launchType: string): string => LAUNCHES[launchType] ?? launchType;
