"""Queries of sessions; a session is dead when it is old, idle, or made under another access epoch."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import delete, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.access.model import StoredSession, Visitor
from onecloud.access.store.persons import people
from onecloud.access.tables import SessionRow
from onecloud.infra.db import database_now, database_time


async def add_session(
    db: AsyncSession, *, user_id: int, access_epoch: int, token_hash: str, visitor: Visitor, life: timedelta
) -> int:
    """Open a session and give its id."""
    now = await database_now(db)
    return cast(
        int,
        await db.scalar(
            insert(SessionRow)
            .values(
                user_id=user_id,
                token_hash=token_hash,
                access_epoch=access_epoch,
                ip=visitor.ip,
                agent=visitor.agent,
                created_at=now,
                last_seen_at=now,
                expires_at=now + life,
            )
            .returning(SessionRow.id)
        ),
    )


async def live_session(
    db: AsyncSession, token_hashes: Sequence[str], *, idle: timedelta, touch_every: timedelta
) -> StoredSession | None:
    """The session of a token and its person in one query; None when it is not alive or its person may not come in."""
    person = people()
    row = (
        await db.execute(
            select(
                SessionRow.id,
                SessionRow.last_seen_at,
                SessionRow.expires_at,
                person.c.user_id,
                person.c.email,
                person.c.first_name,
                person.c.last_name,
                person.c.is_admin,
                person.c.may_use_api,
                database_time().label("now"),
            )
            .join(person, person.c.user_id == SessionRow.user_id)
            .where(
                SessionRow.token_hash.in_(token_hashes),
                SessionRow.access_epoch == person.c.access_epoch,
                ~person.c.disabled,
            )
        )
    ).first()
    if row is None:
        return None
    now = cast(datetime, row.now)
    if row.expires_at <= now or row.last_seen_at + idle <= now:
        return None
    return StoredSession(
        id=row.id,
        user_id=row.user_id,
        email=row.email,
        first_name=row.first_name,
        last_name=row.last_name,
        is_admin=bool(row.is_admin),
        may_use_api=bool(row.may_use_api),
        touch_due=row.last_seen_at + touch_every <= now,
    )


async def touch(db: AsyncSession, session_id: int, touch_every: timedelta) -> None:
    """Remember that a session was used now; written once however many requests ask for it at the same time."""
    now = await database_now(db)
    await db.execute(
        update(SessionRow)
        .where(SessionRow.id == session_id, SessionRow.last_seen_at <= now - touch_every)
        .values(last_seen_at=now)
    )


async def end_session(db: AsyncSession, token_hashes: Sequence[str]) -> int | None:
    """End the session of a token; gives whose it was."""
    return await db.scalar(
        delete(SessionRow).where(SessionRow.token_hash.in_(token_hashes)).returning(SessionRow.user_id)
    )


async def end_sessions_of(db: AsyncSession, *user_ids: int) -> int:
    """End every session of these people; gives how many there were."""
    ended = await db.scalars(delete(SessionRow).where(SessionRow.user_id.in_(user_ids)).returning(SessionRow.id))
    return len(ended.all())


async def purge(db: AsyncSession, idle: timedelta) -> None:
    """Delete the sessions of everybody that are too old or idle."""
    now = await database_now(db)
    await db.execute(delete(SessionRow).where(or_(SessionRow.expires_at <= now, SessionRow.last_seen_at <= now - idle)))
