"""Start, stop and resume runs: load, decide, save, tell the engine once it is committed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.chains import actions as chains
from onecloud.chains.model import ChainVariable, Version, node_id
from onecloud.chains.rules import check_inputs
from onecloud.infra.crypto import Keyring
from onecloud.infra.db import after_commit, database_now
from onecloud.kernel.errors import Conflict, NotFound
from onecloud.kernel.jsonvalue import Json
from onecloud.kernel.principal import Principal
from onecloud.kernel.secret import Secret
from onecloud.runs import store
from onecloud.runs.model import LIVE_STATES, LaunchType, RunState
from onecloud.runs.records import NewRun, RunRecord
from onecloud.runs.reducer import plan_of
from onecloud.variables import actions as variables
from onecloud.workspaces.rules import may_see


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
) -> RunRecord:
    """Store a run of the chain's published version; the engine takes it up after the commit.

    Raises: NotFound (no such chain, or not in that environment, or not for the caller); Conflict (disabled, never
    published, already running with concurrent runs off); Invalid with one Problem per faulty input.
    Source: product facts 2.5, 5.1.
    """
    if not may_see(caller):
        raise NotFound("chain.not_found", f"There is no chain {chain_id}.")
    chain, version = await chains.published(db, chain_id)
    if environment_id is not None and chain.environment_id != environment_id:
        raise NotFound("chain.not_found", f"There is no chain {chain_id} in environment {environment_id}.")
    if chain.disabled:
        raise Conflict("chain.disabled", f"The chain {chain.name!r} is disabled. Enable it, then start it again.")
    if not chain.allow_concurrent_runs:
        await store.one_start_at_a_time(db, chain_id)
        other = await store.live_run_of(db, chain_id)
        if other is not None:
            raise Conflict(
                "chain.already_running",
                f"The chain {chain.name!r} is already running (run {other}) and does not allow concurrent runs. "
                "Wait for that run or stop it, or switch on concurrent runs.",
            )
    inputs = check_inputs(version.definition.inputs, given)
    workspace = await variables.values_for(db, keys, chain.environment_id)
    run = await store.add_run(
        db,
        NewRun(
            chain_id=chain.id,
            environment_id=chain.environment_id,
            version_id=version.id,
            launch_type=launch_type,
            user_id=caller.user_id,
            user_name=caller.name or caller.email,
            user_email=caller.email,
            inputs=inputs,
            variables={
                "workspace": {key: _fixed(keys, value) for key, value in workspace.items()},
                "chain": {variable.name: _chain_value(variable) for variable in version.definition.variables},
            },
            nodes=_nodes(version),
        ),
    )
    if signals is not None:
        after_commit(db, lambda: signals.started(run.id))
    return run


def _nodes(version: Version) -> tuple[tuple[str, str, str], ...]:
    plan = plan_of(version.definition)
    return tuple((key, node_id(version.chain_id, key), node.name or key) for key, node in plan.nodes.items())


def _fixed(keys: Keyring, value: str | Secret) -> Json:
    """A value as it is kept for the run: secrets only sealed."""
    if isinstance(value, Secret):
        return {"sealed": keys.seal(value.reveal(), "variable")}
    return {"plain": value}


def _chain_value(variable: ChainVariable) -> Json:
    return {"sealed": variable.value} if variable.encrypted else {"plain": variable.value}


async def get(db: AsyncSession, caller: Principal, run_id: int) -> RunRecord:
    """The run.

    Raises: NotFound.
    """
    run = await store.run(db, run_id)
    if run is None or not may_see(caller):
        raise NotFound("run.not_found", f"There is no run {run_id}.")
    return run


async def stop(db: AsyncSession, signals: Signals | None, caller: Principal, run_id: int) -> RunRecord:
    """End a live run now; its commands are cancelled after the commit.

    Raises: NotFound; Conflict when it has already ended. Source: product facts 5.4.
    """
    run = await get(db, caller, run_id)
    now = await database_now(db)
    if not await store.stop(db, run_id, now, f"Stopped by {caller.name or caller.email}."):
        raise Conflict("run.ended", f"Run {run_id} has already ended ({run.state.value}); there is nothing to stop.")
    if signals is not None:
        after_commit(db, lambda: signals.stopped(run_id))
    return await get(db, caller, run_id)


async def resume(db: AsyncSession, signals: Signals | None, caller: Principal, run_id: int) -> RunRecord:
    """Let a paused run go on: nodes that failed and paused it are tried again, with all their retries.

    Raises: NotFound; Conflict when it is not paused. Source: product facts 5.4.
    """
    run = await get(db, caller, run_id)
    if run.state is not RunState.PAUSED:
        mend = "Only a paused run can be resumed." if run.state in LIVE_STATES else "Start the chain again instead."
        raise Conflict("run.not_paused", f"Run {run_id} is not paused ({run.state.value}). {mend}")
    await store.add_event(db, run_id, "resume")
    if signals is not None:
        after_commit(db, lambda: signals.message_left(run_id))
    return run
