"""Starting, stopping and messaging runs."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.infra.db import database_time
from onecloud.kernel.jsonvalue import Json
from onecloud.runs.model import NodeState, RunState, no_run
from onecloud.runs.records import NewRun, RunRecord
from onecloud.runs.store.ends import leave_untold, tell_end
from onecloud.runs.store.rows import LIVE, run_of
from onecloud.runs.tables import ChainRunRow, NodeResultRow, NodeRunRow, RunEventRow

_START_LOCK: Final = 0x0C01 << 48  # upper bits of the advisory lock's key: starts of chains


async def one_start_at_a_time(db: AsyncSession, chain_id: int) -> None:
    """Let starts of the same chain follow one another until the transaction ends; on SQLite they do so anyway."""
    if db.get_bind().dialect.name == "postgresql":
        await db.execute(select(func.pg_advisory_xact_lock(_START_LOCK | chain_id)))


async def add_run(db: AsyncSession, new: NewRun) -> RunRecord:
    """Store a new run in state `enqueueing`, with a waiting row for each of its nodes.

    Raises: NotFound when the run that it takes results from was removed meanwhile.
    """
    if new.rerun_of is not None:
        await _hold(db, new.rerun_of)
    query = insert(ChainRunRow).values(
        chain_id=new.chain_id,
        environment_id=new.environment_id,
        version_id=new.version_id,
        state=RunState.ENQUEUEING.value,
        launch_type=new.launch_type.value,
        user_id=new.user_id,
        user_name=new.user_name,
        user_email=new.user_email,
        inputs=dict(new.inputs),
        variables=dict(new.variables),
        dynamic=None if new.dynamic is None else dict(new.dynamic),
        parent_run_id=new.parent_run_id,
        parent_unit=new.parent_unit,
        rerun_of=new.rerun_of,
        seed=None if new.seed is None else dict(new.seed),
        result_text="",
        fence=0,
        created_at=database_time(),
    )
    row = (await db.execute(query.returning(ChainRunRow))).scalar_one()
    nodes = [
        {"run_id": row.id, "key": key, "node_id": node_id, "name": name, "position": position, "state": "waiting"}
        for position, (key, node_id, name) in enumerate(new.nodes)
    ]
    await db.execute(insert(NodeRunRow.__table__), nodes)  # pyright: ignore[reportArgumentType] - a Table
    return run_of(row)


async def _hold(db: AsyncSession, run_id: int) -> None:
    """Keep retention from a run until the transaction ends: from then on the new run's row keeps it."""
    query = select(ChainRunRow.id).where(ChainRunRow.id == run_id, ChainRunRow.removed_at.is_(None))
    if await db.scalar(query.with_for_update(read=True)) is None:
        raise no_run(run_id)


async def stop(db: AsyncSession, run_id: int, now: datetime, text: str) -> list[int]:
    """End a live run as stopped, with its nodes and attempts, and the runs it started; gives the ids of all.

    Empty when it had already ended.
    """
    if not await _end(db, run_id, RunState.STOPPED, now, text, "Stopped with the chain."):
        return []
    return [run_id, *await stop_children(db, run_id, now)]


async def stop_children(
    db: AsyncSession, run_id: int, now: datetime, units: Collection[str] | None = None
) -> list[int]:
    """Stop the live runs that this one started (or those of these units of it), and theirs; gives their ids."""
    stopped: list[int] = []
    for child, unit in await live_children(db, run_id):
        if units is None or unit in units:
            stopped += await stop(db, child, now, "Stopped with the run that started it.")
    return stopped


async def _end(db: AsyncSession, run_id: int, state: RunState, now: datetime, text: str, message: str) -> bool:
    query = (
        update(ChainRunRow)
        .where(ChainRunRow.id == run_id, ChainRunRow.state.in_(LIVE))
        .values(state=state.value, ended_at=now, result_text=text)
        .returning(ChainRunRow.chain_id, ChainRunRow.parent_run_id)
    )
    ended = (await db.execute(query)).one_or_none()
    if ended is None:
        return False
    await end_nodes(db, run_id, now, message)
    await tell_end(db, run_id, ended.chain_id, state, ended.parent_run_id)
    await leave_untold(db, run_id)
    return True


async def live_children(db: AsyncSession, run_id: int) -> list[tuple[int, str]]:
    """The runs under way that this one's Run Chain events started, each with the place of its event."""
    query = select(ChainRunRow.id, ChainRunRow.parent_unit).where(
        ChainRunRow.parent_run_id == run_id, ChainRunRow.state.in_(LIVE)
    )
    return [(row.id, row.parent_unit or "") for row in await db.execute(query)]


async def end_nodes(db: AsyncSession, run_id: int, now: datetime, message: str) -> None:
    """Nothing of the run is under way any more: attempts end as stopped, nodes not reached as skipped."""
    await db.execute(
        update(NodeResultRow)
        .where(NodeResultRow.run_id == run_id, NodeResultRow.state == NodeState.ACTIVE.value)
        .values(state=NodeState.STOPPED.value, ended_at=now, message=message)
    )
    for before, after in (
        ((NodeState.ACTIVE.value, NodeState.PAUSED.value), NodeState.STOPPED.value),
        ((NodeState.WAITING.value,), NodeState.SKIPPED.value),
    ):
        await db.execute(
            update(NodeRunRow)
            .where(NodeRunRow.run_id == run_id, NodeRunRow.state.in_(before))
            .values(state=after, ended_at=now)
        )


async def fail(db: AsyncSession, run_id: int, now: datetime, text: str) -> list[int]:
    """End a live run as errored for a reason outside its nodes (a fault of the engine).

    Gives the ids of the runs that were stopped with it.
    """
    if not await _end(db, run_id, RunState.ERRORED, now, text, text):
        return []
    return await stop_children(db, run_id, now)


async def add_event(db: AsyncSession, run_id: int, kind: str, payload: Mapping[str, Json] | None = None) -> int:
    """Leave a message for the run's coordinator; gives its number."""
    values = {"run_id": run_id, "kind": kind, "payload": None if payload is None else dict(payload)}
    query = insert(RunEventRow).values(**values, created_at=database_time()).returning(RunEventRow.id)
    return (await db.execute(query)).scalar_one()
