"""Files of watched folders as they were last seen, and when each folder is looked at next."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, cast

from sqlalchemy import Table, bindparam, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.infra.db import database_now, database_time
from onecloud.triggers.appearing import Event, Known
from onecloud.triggers.model import Trigger
from onecloud.triggers.store.fires import key_hash
from onecloud.triggers.store.kept import trigger_of
from onecloud.triggers.tables import TriggerFileRow, TriggerRow

_FILES: Final = cast(Table, TriggerFileRow.__table__)


async def clock(db: AsyncSession) -> tuple[datetime, datetime | None]:
    """The database's moment, and the next one at which a folder is to be looked at."""
    next_at = await db.scalar(select(func.min(TriggerRow.look_at)).where(TriggerRow.look_at.is_not(None)))
    return await database_now(db), next_at


async def claim(db: AsyncSession, now: datetime, lease: timedelta, limit: int) -> list[Trigger]:
    """Triggers whose folder is to be looked at, which nobody else does until the lease is over."""
    query = select(TriggerRow).where(TriggerRow.look_at <= now).order_by(TriggerRow.look_at, TriggerRow.id)
    found = [trigger_of(row) for row in await db.scalars(query.limit(limit).with_for_update(skip_locked=True))]
    await db.execute(
        update(TriggerRow).where(TriggerRow.id.in_([one.id for one in found])).values(look_at=now + lease),
        execution_options={"synchronize_session": False},
    )
    return found


async def looked(db: AsyncSession, trigger_id: int, next_at: datetime, trouble: str) -> None:
    """Remember a look at a folder; one that failed is none, and only its trouble is kept."""
    values: dict[str, Any] = {"look_at": next_at, "trouble": trouble}
    if not trouble:
        values["looked_at"] = database_time()
    query = update(TriggerRow).where(TriggerRow.id == trigger_id, TriggerRow.enabled.is_(True)).values(**values)
    await db.execute(query, execution_options={"synchronize_session": False})


async def begin_anew(db: AsyncSession, trigger_id: int) -> None:
    """Forget what was seen: the trigger looks somewhere else now."""
    await db.execute(delete(TriggerFileRow).where(TriggerFileRow.trigger_id == trigger_id))
    query = update(TriggerRow).where(TriggerRow.id == trigger_id)
    await db.execute(query.values(looked_at=None, trouble=""), execution_options={"synchronize_session": False})
    at_once = query.where(TriggerRow.enabled.is_(True)).values(look_at=database_time())
    await db.execute(at_once, execution_options={"synchronize_session": False})


async def known(db: AsyncSession, trigger_id: int) -> dict[str, Known]:
    """The files as they were last seen, by path."""
    columns: tuple[Any, ...] = (
        TriggerFileRow.path,
        TriggerFileRow.version,
        TriggerFileRow.since,
        TriggerFileRow.event,
        TriggerFileRow.done,
    )
    rows = await db.execute(select(*columns).where(TriggerFileRow.trigger_id == trigger_id))
    return {row[0]: Known(row[0], row[1], row[2], cast(Event, row[3]), row[4]) for row in rows}


async def add(db: AsyncSession, trigger_id: int, new: Sequence[Known]) -> None:
    """Write down files that were not there before."""
    rows = [
        {
            "trigger_id": trigger_id,
            "path_hash": key_hash(one.path),
            "path": one.path,
            "version": one.version,
            "since": one.since,
            "event": one.event,
            "done": one.done,
        }
        for one in new
    ]
    if rows:
        await db.execute(insert(_FILES), rows)


async def change(db: AsyncSession, trigger_id: int, changed: Sequence[Known]) -> None:
    """Write down files that are another version now, or are done with."""
    statement = (
        update(_FILES)
        .where(_FILES.c.trigger_id == trigger_id, _FILES.c.path_hash == bindparam("b_hash"))
        .values(
            version=bindparam("b_version"),
            since=bindparam("b_since"),
            event=bindparam("b_event"),
            done=bindparam("b_done"),
        )
    )
    rows = [
        {
            "b_hash": key_hash(one.path),
            "b_version": one.version,
            "b_since": one.since,
            "b_event": one.event,
            "b_done": one.done,
        }
        for one in changed
    ]
    if rows:
        await db.execute(statement, rows)


async def forget(db: AsyncSession, trigger_id: int, gone: Collection[str]) -> None:
    """Forget files that are there no more."""
    rows = [{"b_hash": key_hash(path)} for path in gone]
    if rows:
        statement = delete(_FILES).where(_FILES.c.trigger_id == trigger_id, _FILES.c.path_hash == bindparam("b_hash"))
        await db.execute(statement, rows)
