"""Running a past run again from a node: show the plan, then start."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.chains import actions as chains
from onecloud.chains.model import Version
from onecloud.chains.rules import check_inputs
from onecloud.infra.crypto import Keyring
from onecloud.kernel.errors import Conflict
from onecloud.kernel.principal import Principal
from onecloud.runs import actions, store
from onecloud.runs.actions import Signals
from onecloud.runs.model import LIVE_STATES, LaunchType
from onecloud.runs.plan import Plan, plan_of
from onecloud.runs.records import RunRecord
from onecloud.runs.rerun import Choice, Earlier, Rerun, looked_at, rerun_of
from onecloud.runs.seeds import seed_value


@dataclass(frozen=True, slots=True)
class Planned:
    """A re-run that was decided: the earlier run, the version that will run, its plan and what is taken over."""

    run: RunRecord
    version: Version
    plan: Plan
    rerun: Rerun


async def planned(
    db: AsyncSession, caller: Principal, run_id: int, choice: Choice, *, published: bool = False
) -> Planned:
    """What a re-run would do, on that run's version or on the published one.

    Raises: NotFound; Forbidden; Conflict when the run has not ended, or nothing is published; Invalid.
    Source: product facts 5.4.
    """
    run = await actions.get_to_steer(db, caller, run_id)
    if run.state in LIVE_STATES:
        text = f"Run {run_id} has not ended ({run.state.value}). Resume or stop it, then run it again."
        raise Conflict("run.not_ended", text)
    before = await chains.version(db, run.version_id)
    version = (await chains.published(db, run.chain_id))[1] if published else before
    plan, plan_before = plan_of(version.definition), plan_of(before.definition)
    states = {node.key: node.state for node in await store.nodes_of(db, run.id)}
    last = await store.last_results(db, run.id, looked_at(plan, plan_before, states, choice.key))
    setters = [node.key for node in plan_before.nodes.values() if node.command == "event.set_result"]
    sets = await store.results_set(db, run.id, setters) if setters else []
    earlier = Earlier(plan_before, states, last, sets, await store.highest_attempt(db, run.id))
    return Planned(run, version, plan, rerun_of(plan, earlier, choice))


async def rerun(
    db: AsyncSession,
    keys: Keyring,
    signals: Signals | None,
    caller: Principal,
    run_id: int,
    choice: Choice,
    *,
    published: bool = False,
) -> RunRecord:
    """Start a run that takes over from a past one. Variables have their values of now, inputs those of then.

    Raises: as `planned`; Forbidden; Conflict when the chain is disabled or runs already.
    """
    await actions.get_to_steer(db, caller, run_id)
    what = await planned(db, caller, run_id, choice, published=published)
    chain = await chains.get_chain(db, what.run.chain_id)
    await actions.check_may_begin(db, chain)
    known = {asked.name for asked in what.version.definition.inputs}
    given = {name: value for name, value in what.run.inputs.items() if name in known}
    inputs = check_inputs(what.version.definition.inputs, given)
    launch = LaunchType.MANUAL if caller.via == "session" else LaunchType.API
    run = await actions.begin(
        db,
        keys,
        signals,
        caller,
        chain,
        what.version,
        inputs,
        launch,
        rerun_of=run_id,
        seed=seed_value(what.rerun.seed),
    )
    taken = list(what.rerun.reused)
    members = [m for key in taken if key in what.plan.groups for m in what.plan.groups[key].keys]
    group = what.rerun.seed.group
    if group is None:
        await store.copy_results(db, run_id, run.id, [*taken, *members])
    else:
        repeats = what.plan.repeats(group.key)
        await store.copy_results(
            db,
            run_id,
            run.id,
            [*taken, *members],
            members=what.plan.groups[group.key].keys if repeats else (),
            before_pass=group.outer,
            in_pass=(group.outer if repeats else -1, list(group.states)),
        )
    return run
