"""Copying the results that a re-run takes over into the new run, without touching their files."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from sqlalchemy import and_, false, func, insert, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.runs.model import NodeState
from onecloud.runs.records import LastResult, ResultSet
from onecloud.runs.tables import NodeResultRow

_COPIED: Final = (
    "key",
    "outer",
    "item",
    "attempt",
    "iteration",
    "state",
    "waits",
    "exit_code",
    "retryable",
    "message",
    "outputs",
    "outputs_sealed",
    "outputs_key",
    "log_key",
    "started_at",
    "ended_at",
)


async def copy_results(
    db: AsyncSession,
    from_run: int,
    to_run: int,
    keys: Collection[str],
    *,
    members: Collection[str] = (),
    before_pass: int = 0,
    in_pass: tuple[int, Collection[str]] | None = None,
) -> None:
    """Copy every result of `keys`; of `members` those of passes before `before_pass`; and in one pass of some."""
    row = NodeResultRow
    wanted: Any = or_(
        row.key.in_(keys),
        and_(row.key.in_(members), row.outer < before_pass, row.outer >= 0),
        and_(row.key.in_(in_pass[1]), row.outer == in_pass[0]) if in_pass else false(),
    )
    columns = [getattr(row, name) for name in _COPIED]
    chosen = (
        select(literal(to_run), func.coalesce(row.reused_from, row.id), *columns)
        .where(row.run_id == from_run, row.ended_at.is_not(None), wanted)
        .order_by(row.id)
    )
    table: Any = NodeResultRow.__table__
    await db.execute(insert(table).from_select(["run_id", "reused_from", *_COPIED], chosen))


async def last_results(db: AsyncSession, run_id: int, keys: Collection[str]) -> list[LastResult]:
    """How the last ended attempt of each unit of these nodes ended."""
    row = NodeResultRow
    newest = (
        select(func.max(row.id))
        .where(row.run_id == run_id, row.key.in_(keys), row.ended_at.is_not(None))
        .group_by(row.key, row.outer, row.item)
    )
    query = select(row.key, row.outer, row.item, row.state, row.exit_code).where(row.id.in_(newest))
    return [
        LastResult(key, outer, item, NodeState(state), code or 0)
        for key, outer, item, state, code in await db.execute(query)
    ]


async def results_set(db: AsyncSession, run_id: int, keys: Collection[str]) -> list[ResultSet]:
    """The results that the last attempts of these Set Chain Results fixed, in the order in which they did."""
    row = NodeResultRow
    newest = select(func.max(row.id)).where(row.run_id == run_id, row.key.in_(keys))
    query = (
        select(row.key, row.outer, row.outputs, row.message)
        .where(row.id.in_(newest.group_by(row.key, row.outer, row.item)), row.state == NodeState.SUCCEEDED.value)
        .order_by(row.ended_at, row.id)
    )
    return [
        ResultSet(key, outer, str((outputs or {}).get("result", "")), message)
        for key, outer, outputs, message in await db.execute(query)
    ]


async def highest_attempt(db: AsyncSession, run_id: int) -> int:
    """The highest attempt number of a run; 0 when it has none."""
    return await db.scalar(select(func.max(NodeResultRow.attempt)).where(NodeResultRow.run_id == run_id)) or 0
