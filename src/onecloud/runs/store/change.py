"""Starting, stopping and messaging runs."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, cast

from sqlalchemy import CursorResult, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.infra.db import database_time
from onecloud.runs.model import NodeState, RunState
from onecloud.runs.records import NewRun, RunRecord
from onecloud.runs.store.rows import LIVE, run_of
from onecloud.runs.tables import ChainRunRow, NodeResultRow, NodeRunRow, RunEventRow

_START_LOCK: Final = 0x0C01 << 48  # upper bits of the advisory lock's key: starts of chains


async def one_start_at_a_time(db: AsyncSession, chain_id: int) -> None:
    """Let starts of the same chain follow one another until the transaction ends; on SQLite they do so anyway."""
    if db.get_bind().dialect.name == "postgresql":
        await db.execute(select(func.pg_advisory_xact_lock(_START_LOCK | chain_id)))


async def add_run(db: AsyncSession, new: NewRun) -> RunRecord:
    """Store a new run in state `enqueueing`, with a waiting row for each of its nodes."""
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


async def stop(db: AsyncSession, run_id: int, now: datetime, text: str) -> bool:
    """End a live run as stopped, with its nodes and attempts; False when it had already ended."""
    query = (
        update(ChainRunRow)
        .where(ChainRunRow.id == run_id, ChainRunRow.state.in_(LIVE))
        .values(state=RunState.STOPPED.value, ended_at=now, result_text=text)
    )
    if cast(CursorResult[Any], await db.execute(query)).rowcount != 1:
        return False
    await end_nodes(db, run_id, now, "Stopped with the chain.")
    return True


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


async def fail(db: AsyncSession, run_id: int, now: datetime, text: str) -> None:
    """End a live run as errored for a reason outside its nodes (a fault of the engine)."""
    query = (
        update(ChainRunRow)
        .where(ChainRunRow.id == run_id, ChainRunRow.state.in_(LIVE))
        .values(state=RunState.ERRORED.value, ended_at=now, result_text=text)
    )
    if cast(CursorResult[Any], await db.execute(query)).rowcount == 1:
        await end_nodes(db, run_id, now, text)


async def add_event(db: AsyncSession, run_id: int, kind: str) -> int:
    """Leave a message for the run's coordinator; gives its number."""
    query = insert(RunEventRow).values(run_id=run_id, kind=kind, created_at=database_time()).returning(RunEventRow.id)
    return (await db.execute(query)).scalar_one()
