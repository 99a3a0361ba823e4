"""Reading runs, nodes, attempts and messages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.runs.model import RunState
from onecloud.runs.records import NodeRecord, ResultRecord, RunRecord
from onecloud.runs.store.rows import LIVE, node_of, result_of, run_of
from onecloud.runs.tables import ChainRunRow, NodeResultRow, NodeRunRow, RunEventRow


async def live_run_of(db: AsyncSession, chain_id: int) -> int | None:
    """Id of a run of the chain that has not ended, if there is one."""
    query = select(ChainRunRow.id).where(ChainRunRow.chain_id == chain_id, ChainRunRow.state.in_(LIVE)).limit(1)
    return await db.scalar(query)


async def previous_start(db: AsyncSession, chain_id: int, run_id: int) -> datetime | None:
    """When the chain's run before this one was created."""
    query = (
        select(ChainRunRow.created_at)
        .where(ChainRunRow.chain_id == chain_id, ChainRunRow.id < run_id)
        .order_by(ChainRunRow.id.desc())
        .limit(1)
    )
    return await db.scalar(query)


async def results_of(db: AsyncSession, run_id: int) -> list[ResultRecord]:
    """Every attempt of a run, oldest first."""
    query = select(NodeResultRow).where(NodeResultRow.run_id == run_id).order_by(NodeResultRow.id)
    return [result_of(row) for row in (await db.execute(query)).scalars()]


async def unqueued(db: AsyncSession, older_than: datetime) -> list[int]:
    """Runs that were stored and perhaps never reached the queue (the server died in between)."""
    query = (
        select(ChainRunRow.id)
        .where(ChainRunRow.state == RunState.ENQUEUEING.value, ChainRunRow.created_at < older_than)
        .order_by(ChainRunRow.id)
        .limit(1000)
    )
    return list((await db.execute(query)).scalars())


async def live_runs(db: AsyncSession) -> list[int]:
    """Every run that has not ended, oldest first."""
    query = select(ChainRunRow.id).where(ChainRunRow.state.in_(LIVE)).order_by(ChainRunRow.id)
    return list((await db.execute(query)).scalars())


async def events_after(db: AsyncSession, run_id: int, after: int) -> list[tuple[int, str]]:
    """The messages to a run's coordinator with a number above `after`."""
    query = (
        select(RunEventRow.id, RunEventRow.kind)
        .where(RunEventRow.run_id == run_id, RunEventRow.id > after)
        .order_by(RunEventRow.id)
    )
    return [(row.id, row.kind) for row in await db.execute(query)]


async def events_anywhere_after(db: AsyncSession, after: int) -> list[tuple[int, int]]:
    """`(event id, run id)` of every message with a number above `after`."""
    query = select(RunEventRow.id, RunEventRow.run_id).where(RunEventRow.id > after).order_by(RunEventRow.id)
    return [(row.id, row.run_id) for row in await db.execute(query)]


async def last_event(db: AsyncSession) -> int:
    """The highest message number; 0 when there is none."""
    return await db.scalar(select(func.max(RunEventRow.id))) or 0


async def run(db: AsyncSession, run_id: int) -> RunRecord | None:
    """The run of that id."""
    row = await db.get(ChainRunRow, run_id)
    return None if row is None else run_of(row)


async def nodes_of(db: AsyncSession, run_id: int) -> list[NodeRecord]:
    """The run's nodes in the document's order."""
    query = select(NodeRunRow).where(NodeRunRow.run_id == run_id).order_by(NodeRunRow.position)
    return [node_of(row) for row in (await db.execute(query)).scalars()]


async def result(db: AsyncSession, result_id: int) -> ResultRecord | None:
    """The attempt of that id."""
    row = await db.get(NodeResultRow, result_id)
    return None if row is None else result_of(row)


async def runs_of_chain(
    db: AsyncSession,
    chain_id: int,
    *,
    before_id: int | None,
    limit: int,
    start: datetime | None = None,
    end: datetime | None = None,
) -> list[RunRecord]:
    """Runs of a chain, newest first, with ids below `before_id`, created from `start` up to and with `end`."""
    query = select(ChainRunRow).where(ChainRunRow.chain_id == chain_id)
    if before_id is not None:
        query = query.where(ChainRunRow.id < before_id)
    if start is not None:
        query = query.where(ChainRunRow.created_at >= start)
    if end is not None:
        query = query.where(ChainRunRow.created_at <= end)
    rows = (await db.execute(query.order_by(ChainRunRow.id.desc()).limit(limit))).scalars()
    return [run_of(row) for row in rows]


async def last_runs(db: AsyncSession, chain_ids: Sequence[int]) -> dict[int, RunRecord]:
    """The newest run of each of these chains that has one."""
    if not chain_ids:
        return {}
    newest = select(func.max(ChainRunRow.id)).where(ChainRunRow.chain_id.in_(chain_ids)).group_by(ChainRunRow.chain_id)
    rows = (await db.execute(select(ChainRunRow).where(ChainRunRow.id.in_(newest)))).scalars()
    return {row.chain_id: run_of(row) for row in rows}
