"""What became of each time that a trigger fired."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from datetime import timedelta
from typing import Any, Final, cast

from sqlalchemy import CursorResult, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.infra.db import database_now, database_time
from onecloud.triggers.model import FireRecord, Happened
from onecloud.triggers.tables import TriggerFireRow

_FIRE: Final[tuple[Any, ...]] = (
    TriggerFireRow.id,
    TriggerFireRow.trigger_id,
    TriggerFireRow.fired_at,
    TriggerFireRow.about,
    TriggerFireRow.run_id,
    TriggerFireRow.reason,
    TriggerFireRow.detail,
    TriggerFireRow.depth,
)


def key_hash(key: str) -> str:
    """A key as it is stored."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


async def open_fire(db: AsyncSession, trigger_id: int, happened: Happened) -> int | None:
    """Write down that it happened, before anything comes of it; None when it is written down already.

    A second transaction with the same key waits here until the first one ends.
    """
    add = postgres_insert if db.get_bind().dialect.name == "postgresql" else sqlite_insert
    query = add(TriggerFireRow).values(
        trigger_id=trigger_id,
        key=None if happened.key is None else key_hash(happened.key),
        fired_at=database_time(),
        about=happened.about,
        reason="",
        detail="",
        depth=happened.depth,
    )
    return (await db.execute(query.on_conflict_do_nothing().returning(TriggerFireRow.id))).scalar_one_or_none()


async def close_fire(
    db: AsyncSession,
    fire_id: int,
    *,
    run_id: int | None = None,
    reason: str = "",
    detail: str = "",
    again: bool = False,
) -> None:
    """Write down what became of it. With `again` the same may come once more and count."""
    values: dict[str, Any] = {"run_id": run_id, "reason": reason, "detail": detail}
    if again:
        values["key"] = None
    await db.execute(update(TriggerFireRow).where(TriggerFireRow.id == fire_id).values(**values))


async def drop_fire(db: AsyncSession, fire_id: int) -> None:
    """Take back that it happened."""
    await db.execute(delete(TriggerFireRow).where(TriggerFireRow.id == fire_id))


async def fire_by_key(db: AsyncSession, trigger_id: int, key: str) -> FireRecord | None:
    """What became of the happening with that key."""
    query = select(*_FIRE).where(TriggerFireRow.trigger_id == trigger_id, TriggerFireRow.key == key_hash(key))
    row = (await db.execute(query)).one_or_none()
    return None if row is None else FireRecord(*row)


async def fire(db: AsyncSession, fire_id: int) -> FireRecord:
    """The fire of that id."""
    return FireRecord(*(await db.execute(select(*_FIRE).where(TriggerFireRow.id == fire_id))).one())


async def fire_of_run(db: AsyncSession, run_id: int) -> FireRecord | None:
    """The fire that started a run."""
    row = (await db.execute(select(*_FIRE).where(TriggerFireRow.run_id == run_id))).one_or_none()
    return None if row is None else FireRecord(*row)


async def fires_before(db: AsyncSession, trigger_id: int, before: int | None, limit: int) -> list[FireRecord]:
    """What became of a trigger's times, newest first, those with an id below `before`."""
    query = select(*_FIRE).where(TriggerFireRow.trigger_id == trigger_id)
    if before is not None:
        query = query.where(TriggerFireRow.id < before)
    return [FireRecord(*row) for row in await db.execute(query.order_by(TriggerFireRow.id.desc()).limit(limit))]


async def last_fires(db: AsyncSession, trigger_ids: Collection[int]) -> dict[int, FireRecord]:
    """The newest fire of each of these triggers."""
    newest = (
        select(func.max(TriggerFireRow.id))
        .where(TriggerFireRow.trigger_id.in_(trigger_ids))
        .group_by(TriggerFireRow.trigger_id)
    )
    rows = await db.execute(select(*_FIRE).where(TriggerFireRow.id.in_(newest)))
    return {row[1]: FireRecord(*row) for row in rows}


async def forget(db: AsyncSession, older_than: timedelta, limit: int) -> int:
    """Remove at most so many of the oldest fires; how many there were."""
    before = await database_now(db) - older_than
    oldest = select(TriggerFireRow.id).where(TriggerFireRow.fired_at < before).limit(limit)
    done = await db.execute(delete(TriggerFireRow).where(TriggerFireRow.id.in_(oldest)))
    return cast(CursorResult[Any], done).rowcount
