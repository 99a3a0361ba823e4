"""Schedules that are due, and what became of each of their moments."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, cast

from sqlalchemy import CursorResult, Row, Table, and_, bindparam, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.infra.db import database_now
from onecloud.schedules.model import FireRecord
from onecloud.schedules.tables import ScheduleFireRow, ScheduleStateRow

_STATES: Final = cast(Table, ScheduleStateRow.__table__)
_FIRES: Final = cast(Table, ScheduleFireRow.__table__)
_DUE: Final[tuple[Any, ...]] = (
    ScheduleStateRow.id,
    ScheduleStateRow.chain_id,
    ScheduleStateRow.environment_id,
    ScheduleStateRow.name,
    ScheduleStateRow.spec,
    ScheduleStateRow.calendar,
    ScheduleStateRow.next_at,
)
_FIRE: Final[tuple[Any, ...]] = (
    ScheduleFireRow.chain_id,
    ScheduleFireRow.name,
    ScheduleFireRow.planned_at,
    ScheduleFireRow.fired_at,
    ScheduleFireRow.run_id,
    ScheduleFireRow.reason,
    ScheduleFireRow.detail,
)


@dataclass(frozen=True, slots=True)
class Due:
    """A schedule whose moment has come."""

    id: int
    chain_id: int
    environment_id: int
    name: str
    spec: str
    calendar: str | None
    planned_at: datetime


async def clock(db: AsyncSession) -> tuple[datetime, datetime | None]:
    """The database's moment, and the next one at which a schedule is due."""
    next_at = await db.scalar(select(func.min(ScheduleStateRow.next_at)).where(ScheduleStateRow.next_at.is_not(None)))
    return await database_now(db), next_at


async def calendars_due(db: AsyncSession, now: datetime, limit: int) -> set[tuple[int, str]]:
    """The calendars, by environment and name, that the next schedules to be claimed ask about."""
    first = (
        select(ScheduleStateRow.environment_id, ScheduleStateRow.calendar)
        .where(ScheduleStateRow.next_at <= now)
        .order_by(ScheduleStateRow.next_at, ScheduleStateRow.id)
        .limit(limit)
        .subquery()
    )
    rows = await db.execute(select(first).where(first.c.calendar.is_not(None)).distinct())
    return {(row[0], row[1]) for row in rows}


async def claim(db: AsyncSession, now: datetime, limit: int) -> list[Due]:
    """Schedules that are due, locked until the transaction ends; those that another process holds are left to it."""
    query = (
        select(*_DUE)
        .where(ScheduleStateRow.next_at <= now)
        .order_by(ScheduleStateRow.next_at, ScheduleStateRow.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [Due(*row) for row in await db.execute(query)]


async def advance(db: AsyncSession, moved: Sequence[tuple[int, datetime, datetime | None]]) -> None:
    """Set the next moments of claimed schedules: id, the moment that is done, the next one."""
    await db.execute(
        update(_STATES)
        .where(_STATES.c.id == bindparam("b_id"))
        .values(next_at=bindparam("b_next"), counted_from=bindparam("b_done")),
        [{"b_id": row, "b_done": done, "b_next": next_at} for row, done, next_at in moved],
    )


async def done_already(db: AsyncSession, due: Sequence[Due], now: datetime) -> set[tuple[int, str, datetime]]:
    """Which of these moments something became of before: a publish may bring a moment back."""
    if not due:
        return set()
    query = select(ScheduleFireRow.chain_id, ScheduleFireRow.name, ScheduleFireRow.planned_at).where(
        ScheduleFireRow.chain_id.in_({one.chain_id for one in due}),
        ScheduleFireRow.planned_at >= min(one.planned_at for one in due),
        ScheduleFireRow.planned_at <= now,
    )
    return {(row[0], row[1], row[2]) for row in await db.execute(query)}


async def record(db: AsyncSession, fires: Sequence[FireRecord]) -> None:
    """Write down what became of moments.

    Raises: sqlalchemy.exc.IntegrityError when one of them is written down already.
    """
    await db.execute(
        insert(_FIRES),
        [
            {
                "chain_id": f.chain_id,
                "name": f.name,
                "planned_at": f.planned_at,
                "fired_at": f.fired_at,
                "run_id": f.run_id,
                "reason": f.reason,
                "detail": f.detail,
            }
            for f in fires
        ],
    )


async def last_fires(db: AsyncSession, chain_ids: Collection[int]) -> dict[tuple[int, str], FireRecord]:
    """The newest fire of every schedule of these chains, by chain and name."""
    newest = (
        select(func.max(ScheduleFireRow.planned_at))
        .where(ScheduleFireRow.chain_id == ScheduleStateRow.chain_id, ScheduleFireRow.name == ScheduleStateRow.name)
        .correlate(ScheduleStateRow)
        .scalar_subquery()
    )
    query = (
        select(*_FIRE)
        .join(
            ScheduleStateRow,
            and_(
                ScheduleFireRow.chain_id == ScheduleStateRow.chain_id,
                ScheduleFireRow.name == ScheduleStateRow.name,
                ScheduleFireRow.planned_at == newest,
            ),
        )
        .where(ScheduleStateRow.chain_id.in_(chain_ids))
    )
    return {(row[0], row[1]): _record(row) for row in await db.execute(query)}


async def fires_before(
    db: AsyncSession, chain_id: int, name: str, before: datetime | None, limit: int
) -> list[FireRecord]:
    """What became of a schedule's moments, newest first, those before `before`."""
    query = select(*_FIRE).where(ScheduleFireRow.chain_id == chain_id, ScheduleFireRow.name == name)
    if before is not None:
        query = query.where(ScheduleFireRow.planned_at < before)
    rows = await db.execute(query.order_by(ScheduleFireRow.planned_at.desc()).limit(limit))
    return [_record(row) for row in rows]


async def forget(db: AsyncSession, older_than: timedelta, limit: int) -> int:
    """Remove at most so many of the oldest fires; how many there were."""
    before = await database_now(db) - older_than
    oldest = select(ScheduleFireRow.id).where(ScheduleFireRow.fired_at < before).limit(limit)
    done = await db.execute(delete(ScheduleFireRow).where(ScheduleFireRow.id.in_(oldest)))
    return cast(CursorResult[Any], done).rowcount


def _record(row: Row[*tuple[Any, ...]]) -> FireRecord:
    return FireRecord(*row)
