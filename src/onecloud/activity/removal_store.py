"""Removing what is too old, or too much, of the audit trail and of the sign-in log. Nothing else ever removes it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal, TypeAlias, cast

from sqlalchemy import ColumnElement, CursorResult, delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.activity.tables import ActivityRow, LoginActivityRow

Log: TypeAlias = Literal["activity", "logins"]


def _table(log: Log) -> type[ActivityRow | LoginActivityRow]:
    return ActivityRow if log == "activity" else LoginActivityRow


async def beyond_newest(db: AsyncSession, log: Log, number: int) -> int | None:
    """The newest row that is not among the newest `number`; None when there are not so many."""
    table = _table(log)
    return await db.scalar(select(table.id).order_by(table.id.desc()).offset(number).limit(1))


def _going(log: Log, before: datetime | None, highest: int | None) -> ColumnElement[bool] | None:
    table = _table(log)
    wanted = [] if before is None else [table.created_at < before]
    wanted += [] if highest is None else [table.id <= highest]
    return or_(*wanted) if wanted else None


async def count_old(db: AsyncSession, log: Log, before: datetime | None, highest: int | None) -> int:
    """How many rows are from before a moment, or up to a number."""
    going = _going(log, before, highest)
    return 0 if going is None else await db.scalar(select(func.count()).select_from(_table(log)).where(going)) or 0


async def remove_old(db: AsyncSession, log: Log, before: datetime | None, highest: int | None, limit: int) -> int:
    """Take away at most so many rows that are from before a moment, or up to a number; how many there were."""
    going = _going(log, before, highest)
    if going is None:
        return 0
    table = _table(log)
    some = select(table.id).where(going).limit(limit)
    return cast(CursorResult[Any], await db.execute(delete(table).where(table.id.in_(some)))).rowcount
