"""Start, stop and resume runs: load, decide, save, tell the engine once it is committed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.chains import actions as chains
from onecloud.chains.model import Chain, ChainVariable, Version, node_id
from onecloud.chains.rules import check_inputs
from onecloud.infra.crypto import Keyring
from onecloud.infra.db import after_commit, database_now
from onecloud.kernel.errors import Conflict, NotFound
from onecloud.kernel.jsonvalue import Json
from onecloud.kernel.permission import Level
from onecloud.kernel.principal import Principal
from onecloud.kernel.secret import Secret
from onecloud.runs import store
from onecloud.runs.asking import stop_asking
from onecloud.runs.files import fixed_files, with_files
from onecloud.runs.model import LIVE_STATES, LaunchType, RunState, Spot, no_run
from onecloud.runs.plan import plan_of
from onecloud.runs.records import NewRun, RunRecord
from onecloud.variables import actions as variables
from onecloud.variables.language import near
from onecloud.workspaces.permits import permit_chain


class Signals(Protocol):
    """What the engine wants to hear; a process without an engine passes None, and the engine's sweep finds the rest."""

    def started(self, run_id: int) -> None:
        """A run was stored."""
        ...

    def stopped(self, run_id: int) -> None:
        """A run was stopped in the tables."""
        ...

    def message_left(self, run_id: int) -> None:
        """A message for a run was stored."""
        ...


@dataclass(frozen=True, slots=True)
class Parent:
    """The attempt of a Run Chain event that starts a run; `unit` is its place as text."""

    run_id: int
    unit: str


async def start(
    db: AsyncSession,
    keys: Keyring,
    signals: Signals | None,
    caller: Principal,
    chain_id: int,
    given: Mapping[str, Json],
    launch_type: LaunchType,
    *,
    environment_id: int | None = None,
    parent: Parent | None = None,
) -> RunRecord:
    """Store a run of the chain's published version; the engine takes it up after the commit.

    Raises: NotFound (no such chain, or not in that environment, or not for the caller); Forbidden (needs execute);
    Conflict (disabled, never published, already running with concurrent runs off); Invalid with one Problem per
    faulty input.
    Source: product facts 2.5, 5.1.
    """
    chain, version = await chains.with_published(db, chain_id)
    await permit_chain(db, caller, Level.EXECUTE, chain.environment_id, chain.id)
    chain, version = chains.runnable(chain, version)
    if environment_id is not None and chain.environment_id != environment_id:
        raise NotFound("chain.not_found", f"There is no chain {chain_id} in environment {environment_id}.")
    await check_may_begin(db, chain)
    if parent is None:
        given = await with_files(db, chain.environment_id, version.definition.inputs, given)
    inputs = check_inputs(version.definition.inputs, given)
    return await begin(db, keys, signals, caller, chain, version, inputs, launch_type, parent=parent)


async def check_may_begin(db: AsyncSession, chain: Chain) -> None:
    """Let a run of the chain begin now, and keep the chain until the run is stored.

    Raises: NotFound when it was deleted meanwhile; Conflict when it is disabled, or runs already and allows no
    concurrent runs.
    """
    await chains.hold(db, chain.id)
    if chain.disabled:
        raise Conflict("chain.disabled", f"The chain {chain.name!r} is disabled. Enable it, then start it again.")
    if not chain.allow_concurrent_runs:
        await store.one_start_at_a_time(db, chain.id)
        other = await store.live_run_of(db, chain.id)
        if other is not None:
            raise Conflict(
                "chain.already_running",
                f"The chain {chain.name!r} is already running (run {other}) and does not allow concurrent runs. "
                "Wait for that run or stop it, or switch on concurrent runs.",
            )


async def begin(
    db: AsyncSession,
    keys: Keyring,
    signals: Signals | None,
    caller: Principal,
    chain: Chain,
    version: Version,
    inputs: Mapping[str, Json],
    launch_type: LaunchType,
    *,
    parent: Parent | None = None,
    rerun_of: int | None = None,
    seed: Mapping[str, Json] | None = None,
) -> RunRecord:
    """Store a run of a version with inputs that were checked; the engine takes it up after the commit."""
    workspace = await variables.values_for(db, keys, chain.environment_id)
    run = await store.add_run(
        db,
        NewRun(
            chain_id=chain.id,
            environment_id=chain.environment_id,
            version_id=version.id,
            launch_type=launch_type,
            user_id=caller.user_id or None,
            user_name=caller.name or caller.email,
            user_email=caller.email or None,
            inputs=inputs,
            variables={
                "workspace": {key: _fixed(keys, value) for key, value in workspace.items()},
                "chain": {variable.name: _chain_value(variable) for variable in version.definition.variables},
                "resource": await fixed_files(db, chain.environment_id, version),
            },
            nodes=nodes_of(version),
            dynamic=await dynamic_at_start(db, version),
            parent_run_id=None if parent is None else parent.run_id,
            parent_unit=None if parent is None else parent.unit,
            rerun_of=rerun_of,
            seed=seed,
        ),
    )
    if signals is not None:
        after_commit(db, lambda: signals.started(run.id))
    return run


async def dynamic_at_start(db: AsyncSession, version: Version) -> dict[str, Json] | None:
    """The dynamic variables as this run finds them: as earlier runs left them, else their first values."""
    asked = version.definition.dynamic_variables
    if not asked:
        return None
    stored = await store.dynamic_values(db, version.chain_id)
    return {variable.name: stored.get(variable.name, {"plain": variable.value}) for variable in asked}


def nodes_of(version: Version) -> tuple[tuple[str, str, str], ...]:
    """Key, id and name of the nodes that a run of this version has, in the document's order."""
    plan = plan_of(version.definition)
    return tuple((key, node_id(version.chain_id, key), node.name or key) for key, node in plan.nodes.items())


def _fixed(keys: Keyring, value: str | Secret) -> Json:
    """A value as it is kept for the run: secrets only sealed."""
    if isinstance(value, Secret):
        return {"sealed": keys.seal(value.reveal(), "variable")}
    return {"plain": value}


def _chain_value(variable: ChainVariable) -> Json:
    return {"sealed": variable.value} if variable.encrypted else {"plain": variable.value}


async def get(db: AsyncSession, caller: Principal, run_id: int, *, hidden: NotFound | None = None) -> RunRecord:
    """The run. `hidden` is the error for what was asked of it, such as a result, when the caller may not read it.

    Raises: NotFound.
    """
    missing = hidden or no_run(run_id)
    run = await store.run(db, run_id)
    if run is None:
        raise missing
    await permit_chain(db, caller, Level.READ, run.environment_id, run.chain_id, hidden=missing)
    return run


async def get_to_steer(db: AsyncSession, caller: Principal, run_id: int) -> RunRecord:
    """The run, for who may start its chain: they may stop it and let it go on, too.

    Raises: NotFound; Forbidden.
    """
    run = await get(db, caller, run_id)
    await permit_chain(db, caller, Level.EXECUTE, run.environment_id, run.chain_id)
    return run


async def stop(db: AsyncSession, signals: Signals | None, caller: Principal, run_id: int) -> RunRecord:
    """End a live run and the runs that it started; commands are cancelled after the commit.

    Raises: NotFound; Forbidden; Conflict when it has already ended. Source: product facts 2.12, 5.4.
    """
    run = await get_to_steer(db, caller, run_id)
    now = await database_now(db)
    stopped = await store.stop(db, run_id, now, f"Stopped by {caller.name or caller.email}.")
    if not stopped:
        raise Conflict("run.ended", f"Run {run_id} has already ended ({run.state.value}); there is nothing to stop.")
    for one in stopped:
        await stop_asking(db, one)
    if signals is not None:
        after_commit(db, lambda: [signals.stopped(one) for one in stopped])
    return await get(db, caller, run_id)


async def pause(db: AsyncSession, signals: Signals | None, caller: Principal, run_id: int) -> RunRecord:
    """Let a run begin nothing more; what is under way goes on to its end.

    Raises: NotFound; Forbidden; Conflict when it is not running. Source: product facts 5.4.
    """
    run = await get_to_steer(db, caller, run_id)
    if run.state not in (RunState.ENQUEUEING, RunState.RUNNING):
        raise Conflict("run.not_running", f"Run {run_id} is not running ({run.state.value}); it cannot be paused.")
    await _leave(db, signals, run_id, "pause", {"by": caller.name or caller.email})
    return run


async def resume(
    db: AsyncSession, signals: Signals | None, caller: Principal, run_id: int, start: Spot | None = None
) -> RunRecord:
    """Let a paused run go on: nodes that failed and paused it are tried again, with all their retries.

    With `start` that node runs again, and all that follow it.

    Raises: NotFound; Forbidden; Conflict when it is not paused. Source: product facts 5.4.
    """
    run = await get_to_steer(db, caller, run_id)
    if run.state is not RunState.PAUSED:
        mend = "Only a paused run can be resumed." if run.state in LIVE_STATES else "Start the chain again instead."
        raise Conflict("run.not_paused", f"Run {run_id} is not paused ({run.state.value}). {mend}")
    if start is not None:
        keys = [node.key for node in await store.nodes_of(db, run_id)]
        if start.key not in keys:
            raise NotFound("run.no_such_node", f"Run {run_id} has no node `{start.key}`. {near(start.key, keys)}")
    await _leave(db, signals, run_id, "resume", {} if start is None else {"start": [start.key, start.outer]})
    return run


async def answer(db: AsyncSession, signals: Signals | None, run_id: int, payload: Mapping[str, Json]) -> None:
    """Hand the answer to what a unit waits for to its run: `unit`, `attempt`, `exit_code`, `message`, `outputs`."""
    await _leave(db, signals, run_id, "answer", payload)


async def _leave(
    db: AsyncSession, signals: Signals | None, run_id: int, kind: str, payload: Mapping[str, Json]
) -> None:
    await store.add_event(db, run_id, kind, payload)
    if signals is not None:
        after_commit(db, lambda: signals.message_left(run_id))
