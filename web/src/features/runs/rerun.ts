import type { NodeRunOut } from "../../api/generated/model/nodeRunOut";
import type { RerunPlanOut } from "../../api/generated/model/rerunPlanOut";
import type { RunOut } from "../../api/generated/model/runOut";

/** A node that a run can begin with again; of one in a repeating group the pass. */
export type Spot = { node: string; name: string; group_pass: number | null };

/** The spot of a node: of one in a repeating group the pass whose attempt failed last, or else its newest. */
export function spotOf(node: NodeRunOut): Spot {
  const failed = node.results.findLast((result) => result.state === "errored");
  return { node: node.key, name: node.name, group_pass: (failed ?? node.results.at(-1))?.group_pass ?? null };
}

/** Where a paused run can go on from besides where it stands: what has failed. */
export const failedSpots = (run: RunOut): Spot[] =>
  run.nodes.filter((node) => node.state === "errored" || node.state === "paused").map(spotOf);

/** The names of a plan's nodes; one that the earlier run did not have goes by its key. */
export function namesOf(run: RunOut): (key: string) => string {
  const names = new Map(run.nodes.map((node) => [node.key, node.name]));
  return (key) => names.get(key) ?? key;
}

/** The plan's passes in a sentence; empty when no group repeats. */
export function passesText(plan: RerunPlanOut): string {
  if (plan.reused_passes === 0) return "";
  const count = plan.reused_passes === 1 ? "One pass" : `${plan.reused_passes} passes`;
  return `${count} of the group ${plan.reused_passes === 1 ? "is" : "are"} taken over.`;
}
