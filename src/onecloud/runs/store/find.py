"""Reading runs, nodes, attempts and messages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import and_, column, func, or_, select, tuple_, values
from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.infra.db import BigId
from onecloud.kernel.jsonvalue import Json
from onecloud.runs.model import RunState, Unit
from onecloud.runs.records import NodeRecord, ResultRecord, RunRecord
from onecloud.runs.store.rows import LIVE, node_of, result_of, run_of
from onecloud.runs.tables import ChainRunRow, NodeResultRow, NodeRunRow, RunEventRow

UNITS_AT_ONCE: Final = 300


@dataclass(frozen=True, slots=True)
class Message:
    """One message to a run's coordinator."""

    id: int
    kind: str
    payload: Mapping[str, Json]


async def live_run_of(db: AsyncSession, chain_id: int) -> int | None:
    """Id of a run of the chain that has not ended, if there is one."""
    query = select(ChainRunRow.id).where(
        ChainRunRow.chain_id == chain_id,
        ChainRunRow.state.in_(LIVE),
        ChainRunRow.ended_at.is_(None),  # the index of live runs; else SQLite reads all that the chain ever had
    )
    return await db.scalar(query.limit(1))


async def previous_start(db: AsyncSession, chain_id: int, run_id: int) -> datetime | None:
    """When the chain's run before this one was created."""
    query = (
        select(ChainRunRow.created_at)
        .where(ChainRunRow.chain_id == chain_id, ChainRunRow.id < run_id)
        .order_by(ChainRunRow.id.desc())
        .limit(1)
    )
    return await db.scalar(query)


async def attempts_of(db: AsyncSession, run_id: int, units: Iterable[Unit]) -> list[ResultRecord]:
    """Every attempt of these units, oldest first within each."""
    found: list[ResultRecord] = []
    left = list(units)
    place = tuple_(NodeResultRow.key, NodeResultRow.outer, NodeResultRow.item)
    for at in range(0, len(left), UNITS_AT_ONCE):
        query = (
            select(NodeResultRow)
            .where(NodeResultRow.run_id == run_id, place.in_([tuple(u) for u in left[at : at + UNITS_AT_ONCE]]))
            .order_by(NodeResultRow.id)
        )
        found += [result_of(row) for row in (await db.execute(query)).scalars()]
    return found


async def under_way(db: AsyncSession, run_id: int) -> list[tuple[Unit, int]]:
    """The attempts of a run that have begun and not ended."""
    one = NodeResultRow
    query = select(one.key, one.outer, one.item, one.attempt).where(one.run_id == run_id, one.state == "active")
    return [(Unit(key, outer, item), attempt) for key, outer, item, attempt in await db.execute(query)]


async def passes_of(
    db: AsyncSession, run_id: int, key: str, outer: int | None, after: tuple[int, int], limit: int
) -> list[ResultRecord]:
    """Attempts of the passes of a node in their order, from behind the pass `after` on.

    `outer` None takes those of every pass of the group around.
    """
    place = tuple_(NodeResultRow.outer, NodeResultRow.item)
    query = select(NodeResultRow).where(NodeResultRow.run_id == run_id, NodeResultRow.key == key, place > after)
    if outer is not None:
        query = query.where(NodeResultRow.outer == outer)
    query = query.order_by(NodeResultRow.outer, NodeResultRow.item, NodeResultRow.attempt).limit(limit)
    return [result_of(row) for row in (await db.execute(query)).scalars()]


async def child_of(db: AsyncSession, parent_run_id: int, parent_unit: str) -> RunRecord | None:
    """The run that this unit's Run Chain event started, if it has."""
    query = select(ChainRunRow).where(
        ChainRunRow.parent_run_id == parent_run_id, ChainRunRow.parent_unit == parent_unit
    )
    row = (await db.execute(query)).scalars().one_or_none()
    return None if row is None else run_of(row)


async def newest_results(db: AsyncSession, run_id: int, passes: int) -> list[ResultRecord]:
    """Every attempt outside loops, and of each node in a loop its newest so many; oldest first."""
    place = func.row_number().over(partition_by=NodeResultRow.key, order_by=NodeResultRow.id.desc())
    alone = and_(NodeResultRow.outer < 0, NodeResultRow.item < 0)
    numbered = select(NodeResultRow.id, place.label("place"), alone.label("alone")).where(
        NodeResultRow.run_id == run_id
    )
    inner = numbered.subquery()
    query = (
        select(NodeResultRow)
        .join(inner, inner.c.id == NodeResultRow.id)
        .where(or_(inner.c.alone, inner.c.place <= passes))
        .order_by(NodeResultRow.id)
    )
    return [result_of(row) for row in (await db.execute(query)).scalars()]


async def passes_by_state(db: AsyncSession, run_id: int) -> dict[str, dict[str, int]]:
    """How many passes of each node in a loop are in which state, by their attempts that count."""
    one = NodeResultRow
    query = (
        select(one.key, one.state, func.count())
        .where(one.run_id == run_id, or_(one.outer >= 0, one.item >= 0))
        .group_by(one.key, one.state)
    )
    found: dict[str, dict[str, int]] = {}
    for key, state, count in await db.execute(query):
        found.setdefault(key, {})[state] = count
    return found


async def results_of_node(db: AsyncSession, run_id: int, key: str, after: int, limit: int) -> list[ResultRecord]:
    """Attempts of one node with ids above `after`, oldest first."""
    query = (
        select(NodeResultRow)
        .where(NodeResultRow.run_id == run_id, NodeResultRow.key == key, NodeResultRow.id > after)
        .order_by(NodeResultRow.id)
        .limit(limit)
    )
    return [result_of(row) for row in (await db.execute(query)).scalars()]


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


async def running(db: AsyncSession) -> tuple[int, RunRecord | None]:
    """How many runs are worked on, and the one that has been longest."""
    count = await db.scalar(select(func.count()).where(ChainRunRow.state == RunState.RUNNING.value)) or 0
    query = select(ChainRunRow).where(ChainRunRow.state == RunState.RUNNING.value)
    row = (await db.execute(query.order_by(ChainRunRow.started_at).limit(1))).scalars().one_or_none()
    return count, None if row is None else run_of(row)


async def live_runs(db: AsyncSession) -> list[int]:
    """Every run that has not ended, oldest first."""
    query = select(ChainRunRow.id).where(ChainRunRow.state.in_(LIVE)).order_by(ChainRunRow.id)
    return list((await db.execute(query)).scalars())


async def events_after(db: AsyncSession, run_id: int, after: int) -> list[Message]:
    """The messages to a run's coordinator with a number above `after`, oldest first."""
    query = (
        select(RunEventRow.id, RunEventRow.kind, RunEventRow.payload)
        .where(RunEventRow.run_id == run_id, RunEventRow.id > after)
        .order_by(RunEventRow.id)
    )
    return [Message(row.id, row.kind, row.payload or {}) for row in await db.execute(query)]


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
    return None if row is None or row.removed_at is not None else run_of(row)


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
    query = select(ChainRunRow).where(ChainRunRow.chain_id == chain_id, ChainRunRow.removed_at.is_(None))
    if start is None and end is None:
        if before_id is not None:
            query = query.where(ChainRunRow.id < before_id)
        query = query.order_by(ChainRunRow.id.desc())
    else:
        # Along the moments: by id alone, every run between the newest and the span asked for would be looked at.
        if start is not None:
            query = query.where(ChainRunRow.created_at >= start)
        if end is not None:
            query = query.where(ChainRunRow.created_at <= end)
        if before_id is not None:
            before = await db.scalar(select(ChainRunRow.created_at).where(ChainRunRow.id == before_id))
            place = tuple_(ChainRunRow.created_at, ChainRunRow.id)
            # A run that was removed meanwhile has no moment any more, only its place among the numbers.
            query = query.where(ChainRunRow.id < before_id if before is None else place < (before, before_id))
        query = query.order_by(ChainRunRow.created_at.desc(), ChainRunRow.id.desc())
    rows = (await db.execute(query.limit(limit))).scalars()
    return [run_of(row) for row in rows]


async def last_runs(db: AsyncSession, chain_ids: Sequence[int]) -> dict[int, RunRecord]:
    """The newest run of each of these chains that has one."""
    if not chain_ids:
        return {}
    asked = values(column("chain_id", BigId), name="asked").data([(chain_id,) for chain_id in chain_ids]).cte()
    # One look into the index for each chain: grouping would read every run of all of them.
    newest = select(func.max(ChainRunRow.id)).where(ChainRunRow.chain_id == asked.c.chain_id).scalar_subquery()
    query = select(ChainRunRow).where(ChainRunRow.id.in_(select(newest).select_from(asked)))
    query = query.where(ChainRunRow.removed_at.is_(None))
    return {row.chain_id: run_of(row) for row in (await db.execute(query)).scalars()}
