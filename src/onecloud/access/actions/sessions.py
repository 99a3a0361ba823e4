"""Sessions: opened at sign-in under a fresh token, found by cookie, ended by their owner."""

from __future__ import annotations

import secrets
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.access import rules
from onecloud.access.model import SessionFound, SignedIn, User, Visitor
from onecloud.access.store import sessions as store
from onecloud.access.store.permissions import grants_of
from onecloud.activity import actions as activity
from onecloud.activity.rules import IP_LENGTH, shown_agent
from onecloud.infra.crypto import Keyring
from onecloud.infra.settings import Settings
from onecloud.kernel.permission import NO_GRANTS
from onecloud.kernel.principal import Principal
from onecloud.kernel.secret import Secret

_PURPOSE = "session"
_TOKEN_BYTES = 32  # 256 bits


def idle_time(settings: Settings) -> timedelta:
    """How long a session lives without use."""
    return timedelta(minutes=settings.session_idle_minutes)


async def session_principal(
    db: AsyncSession, keys: Keyring, cookie: str | None, idle: timedelta
) -> SessionFound | None:
    """Who the session cookie stands for; None without a live session. Only reads.

    One indexed query, and a second one for what the groups of somebody give them who is no administrator.

    `idle` is `idle_time(settings)`. When `touch_due`, the caller follows up with `touch_session` in a writing session.
    """
    if not cookie:
        return None
    found = await store.live_session(db, keys.digests(cookie, _PURPOSE), idle=idle, touch_every=rules.touch_every(idle))
    if found is None:
        return None
    principal = Principal(
        user_id=found.user_id,
        email=found.email,
        name=rules.full_name(found.first_name, found.last_name, found.email),
        is_admin=found.is_admin,
        via="session",
        credential_id=found.id,
        grants=NO_GRANTS if found.is_admin else await grants_of(db, found.user_id),
        may_use_api=found.may_use_api,
    )
    return SessionFound(principal, rules.csrf_token(cookie), found.touch_due)


async def touch_session(db: AsyncSession, found: SessionFound, idle: timedelta) -> None:
    """Remember that the session was used now, so that it does not go idle."""
    if found.principal.credential_id is not None:
        await store.touch(db, found.principal.credential_id, rules.touch_every(idle))


async def open_session(
    db: AsyncSession, keys: Keyring, settings: Settings, user: User, visitor: Visitor, old_cookie: str | None
) -> SignedIn:
    """Open a session under a token that was never seen before.

    The session that the browser came with ends: what somebody planted there before the sign-in is worth nothing.
    Dead sessions of everybody are deleted on the way.
    """
    if old_cookie:
        await store.end_session(db, keys.digests(old_cookie, _PURPOSE))
    await store.purge(db, idle_time(settings))
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    await store.add_session(
        db,
        user_id=user.id,
        access_epoch=user.access_epoch,
        token_hash=keys.digest(token, _PURPOSE),
        visitor=Visitor(visitor.ip[:IP_LENGTH], shown_agent(visitor.agent)),
        life=timedelta(days=settings.session_max_days),
    )
    return SignedIn(user, Secret(token))


async def sign_out(db: AsyncSession, keys: Keyring, caller: Principal, cookie: str) -> None:
    """End the caller's session."""
    if await store.end_session(db, keys.digests(cookie, _PURPOSE)) is not None:
        await _tell(db, "session.destroy", caller, 1)


async def sign_out_everywhere(db: AsyncSession, caller: Principal) -> None:
    """End every session of the caller, this one too. API tokens are not sessions and stay."""
    await _tell(db, "session.destroy_all", caller, await store.end_sessions_of(db, caller.user_id))


async def _tell(db: AsyncSession, key: str, caller: Principal, sessions: int) -> None:
    await activity.record(
        db,
        key=key,
        owner=caller,
        trackable_type="User",
        trackable_id=str(caller.user_id),
        parameters={"sessions": sessions},
    )
