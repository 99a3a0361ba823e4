"""Tell: what the rooms above call when something happened. A record is part of the change's own transaction."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.activity import rules, store
from onecloud.activity.model import Activity, LoginAttempt
from onecloud.kernel.jsonvalue import JsonObject
from onecloud.kernel.principal import Principal


async def record(
    db: AsyncSession,
    *,
    key: str,
    owner: Principal | None,
    trackable_type: str,
    trackable_id: str,
    recipient_type: str = "",
    recipient_id: str = "",
    parameters: JsonObject | None = None,
) -> None:
    """Write that `owner` did `key` (such as `chain.publish`) to the trackable.

    `owner` is None for the system itself; a command line has no person either, its `via` tells it.
    """
    by, via = (owner.user_id, owner.via) if owner else (0, "system")
    await store.add_activity(
        db,
        key=key,
        owner=("User", str(by), via) if by else ("System", "", via),
        trackable=(trackable_type, trackable_id),
        recipient=(recipient_type, recipient_id),
        parameters=parameters or {},
    )


async def record_login(
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
    """Write one attempt to sign in, also of an unknown identity (`user_id` None)."""
    await store.add_login(
        db,
        identity=rules.shown_identity(identity),
        context=context,
        success=success,
        failure_reason=failure_reason,
        user_id=user_id,
        ip=ip[: rules.IP_LENGTH],
        agent=rules.shown_agent(agent),
    )


async def login_activity(db: AsyncSession, cursor: str | None, limit: int) -> tuple[list[LoginAttempt], str | None]:
    """A page of attempts to sign in, newest first, and the cursor of the next page.

    Raises: Malformed for a cursor or a limit that cannot be.
    """
    size = rules.page_size(limit)
    found = await store.logins_before(db, rules.cursor_id(cursor), size + 1)
    return rules.page_of(found, size)


async def page_of_logins(db: AsyncSession, offset: int, limit: int) -> list[LoginAttempt]:
    """Attempts to sign in, newest first, so many left out at the start."""
    return await store.logins_before(db, None, limit, offset)


async def page_of_authorizations(db: AsyncSession, offset: int, limit: int) -> list[Activity]:
    """Changes of who may do what, newest first, so many left out at the start. Source: product facts 8.6."""
    return await store.activity_before(db, None, limit, offset, of=rules.AUTHORIZATION)


async def changes(db: AsyncSession, cursor: str | None, limit: int) -> tuple[list[Activity], str | None]:
    """A page of recorded changes, newest first, and the cursor of the next page.

    Raises: Malformed for a cursor or a limit that cannot be.
    """
    size = rules.page_size(limit)
    found = await store.activity_before(db, rules.cursor_id(cursor), size + 1)
    return rules.page_of(found, size)


async def newest_of(db: AsyncSession, key: str, trackable_type: str, trackable_ids: Collection[str]) -> list[Activity]:
    """The newest change of that key of each of these things, such as who disabled each of some chains."""
    return await store.newest_of(db, key, trackable_type, trackable_ids) if trackable_ids else []
