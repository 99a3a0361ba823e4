import { getDraft, publishChain, saveDraft, validateChain } from "../../api/generated/chains";
import type { ProblemOut } from "../../api/generated/model/problemOut";
import type { ScheduleSpec } from "../../api/generated/model/scheduleSpec";

const unchanged = (revision: number) => ({ headers: { "If-Match": `"${revision}"` } });

/**
 * Writes a schedule into the chain's draft and publishes it when asked. Gives the problems that were in the way; then
 * nothing was written. Somebody else's change in between is refused by the server, and nothing of it is lost.
 */
export async function addSchedule(chainId: string, spec: ScheduleSpec, publish: boolean): Promise<ProblemOut[]> {
  const draft = await getDraft(chainId);
  const held = Array.isArray(draft.document.schedules) ? draft.document.schedules : [];
  const document = { ...draft.document, schedules: [...held, spec] };
  const { problems } = await validateChain(draft.environment_id, { document });
  const own = problems.filter((problem) => problem.where.startsWith(`schedules[${held.length}]`));
  if (own.length > 0) return own;
  if (publish && problems.length > 0) return problems;
  const saved = await saveDraft(chainId, { document }, unchanged(draft.revision));
  if (publish) await publishChain(chainId, { comment: `Schedule ${spec.name}` }, unchanged(saved.revision));
  return [];
}

const isNamed = (held: unknown, name: string): held is Record<string, unknown> =>
  typeof held === "object" && held !== null && "name" in held && held.name === name;

/**
 * Switches a schedule of the chain on and publishes that.
 *
 * Throws when the draft has other changes, which would be published unseen, or faults.
 */
export async function switchOn(chainId: string, name: string): Promise<void> {
  const draft = await getDraft(chainId);
  if (draft.unpublished_changes) {
    throw new Error("The draft has other changes that are not published. Publish them first, or take them back.");
  }
  const held = Array.isArray(draft.document.schedules) ? draft.document.schedules : [];
  const schedules = held.map((one) => (isNamed(one, name) ? { ...one, enabled: true } : one));
  const document = { ...draft.document, schedules };
  const { problems } = await validateChain(draft.environment_id, { document });
  if (problems.length > 0) throw new Error(problems.map((problem) => problem.message).join(" "));
  const saved = await saveDraft(chainId, { document }, unchanged(draft.revision));
  await publishChain(chainId, { comment: `Schedule ${name} switched on` }, unchanged(saved.revision));
}
