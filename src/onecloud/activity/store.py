"""Every query of the audit trail and the sign-in log."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.activity.model import Activity, LoginAttempt
from onecloud.activity.tables import ActivityRow, LoginActivityRow
from onecloud.infra.db import database_time
from onecloud.kernel.jsonvalue import JsonObject


async def add_activity(
    db: AsyncSession,
    *,
    key: str,
    owner: tuple[str, str, str],
    trackable: tuple[str, str],
    recipient: tuple[str, str],
    parameters: JsonObject,
) -> None:
    """Write one change; `owner` is (type, id, via), the others are (type, id)."""
    await db.execute(
        insert(ActivityRow).values(
            key=key,
            owner_type=owner[0],
            owner_id=owner[1],
            via=owner[2],
            trackable_type=trackable[0],
            trackable_id=trackable[1],
            recipient_type=recipient[0],
            recipient_id=recipient[1],
            parameters=parameters,
            created_at=database_time(),
        )
    )


async def add_login(
    db: AsyncSession,
    *,
    identity: str,
    context: str,
    success: bool,
    failure_reason: str | None,
    user_id: int | None,
    ip: str,
    agent: str,
) -> None:
    """Write one attempt to sign in."""
    await db.execute(
        insert(LoginActivityRow).values(
            identity=identity,
            context=context,
            success=success,
            failure_reason=failure_reason,
            user_id=user_id,
            ip=ip,
            agent=agent,
            created_at=database_time(),
        )
    )


async def logins_before(db: AsyncSession, before: int | None, limit: int, offset: int = 0) -> list[LoginAttempt]:
    """Attempts to sign in, newest first, older than the row `before`."""
    query = select(LoginActivityRow).order_by(LoginActivityRow.id.desc()).offset(offset).limit(limit)
    if before is not None:
        query = query.where(LoginActivityRow.id < before)
    return [
        LoginAttempt(
            id=row.id,
            identity=row.identity,
            context=row.context,
            success=row.success,
            failure_reason=row.failure_reason,
            user_id=row.user_id,
            ip=row.ip,
            agent=row.agent,
            created_at=row.created_at,
        )
        for row in await db.scalars(query)
    ]


async def activity_before(
    db: AsyncSession, before: int | None, limit: int, offset: int = 0, *, of: Sequence[str] | None = None
) -> list[Activity]:
    """Changes, newest first, older than the row `before`; with `of` only those of such trackables."""
    query = select(ActivityRow).order_by(ActivityRow.id.desc()).offset(offset).limit(limit)
    if of is not None:
        query = query.where(ActivityRow.trackable_type.in_(of))
    if before is not None:
        query = query.where(ActivityRow.id < before)
    return [_activity(row) for row in await db.scalars(query)]


async def newest_of(db: AsyncSession, key: str, trackable_type: str, trackable_ids: Collection[str]) -> list[Activity]:
    """The newest change of that key of each of these things."""
    newest = (
        select(func.max(ActivityRow.id))
        .where(
            ActivityRow.trackable_type == trackable_type,
            ActivityRow.trackable_id.in_(trackable_ids),
            ActivityRow.key == key,
        )
        .group_by(ActivityRow.trackable_id)
    )
    return [_activity(row) for row in await db.scalars(select(ActivityRow).where(ActivityRow.id.in_(newest)))]


def _activity(row: ActivityRow) -> Activity:
    return Activity(
        id=row.id,
        key=row.key,
        owner_type=row.owner_type,
        owner_id=row.owner_id,
        via=row.via,
        trackable_type=row.trackable_type,
        trackable_id=row.trackable_id,
        recipient_type=row.recipient_type,
        recipient_id=row.recipient_id,
        parameters=row.parameters,
        created_at=row.created_at,
    )
