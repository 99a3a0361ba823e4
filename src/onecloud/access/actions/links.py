"""One-time links: the first administrator's setup, and the reset that gives a new password and unlocks.

The token stands in the link's fragment (`/setup#token=…`), which browsers never send: no server log has it.
"""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.access import passwords, rules
from onecloud.access.actions.accounts import add_admin, checked, get_user
from onecloud.access.actions.sessions import open_session
from onecloud.access.model import LinkKind, Profile, SignedIn, Visitor
from onecloud.access.store import groups, persons, sessions
from onecloud.access.store import links as store
from onecloud.activity import actions as activity
from onecloud.infra.crypto import Keyring
from onecloud.infra.http import Ground
from onecloud.kernel.errors import Conflict, Invalid, Problem
from onecloud.kernel.principal import Principal
from onecloud.kernel.secret import Secret

SETUP_CONTEXT: Final = "setup#create"
_TOKEN_BYTES: Final = 32  # 256 bits
_DEAD: Final = {
    "setup": Problem(
        "token",
        "This setup link is unknown, used or expired.",
        "Start the server again: it prints a new link as long as there is no administrator.",
    ),
    "reset": Problem(
        "token",
        "This reset link is unknown, used or expired.",
        "Ask an administrator for a new one (or run `onecloud admin reset-link --email EMAIL` on the server).",
    ),
}


def _purpose(kind: LinkKind) -> str:
    return f"{kind} link"


def _dead(kind: LinkKind) -> Invalid:
    problem = _DEAD[kind]
    return Invalid(f"{kind}.link_dead", f"{problem.message} {problem.mend}", problems=(problem,))


async def is_setup_needed(db: AsyncSession) -> bool:
    """Whether the first administrator is still to come."""
    return not await persons.has_administrator(db)


async def setup_link(db: AsyncSession, keys: Keyring) -> str | None:
    """A fresh path `/setup#token=…` that makes the first administrator; None when there is one.

    Every earlier setup link is dead from now on.
    """
    await groups.lock_groups(db)
    if await persons.has_administrator(db):
        return None
    await store.delete_links(db, "setup")
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    await store.add_link(
        db,
        kind="setup",
        user_id=None,
        token_hash=keys.digest(token, _purpose("setup")),
        life=rules.SETUP_LINK_LIFE,
    )
    return f"/setup#token={token}"


async def set_up(
    ground: Ground, token: str, profile: Profile, visitor: Visitor, old_cookie: str | None = None
) -> SignedIn:
    """Make the first administrator and sign them in; of parallel calls one wins.

    Takes the ground and not a session, because hashing must hold no connection.

    Raises: Invalid for broken rules or a dead link; Conflict when there is an administrator.
    """
    profile = checked(profile)
    hashes = ground.keys.digests(token, _purpose("setup"))
    async with ground.database.reading() as db:
        await _refuse_setup(db, live=await store.is_live(db, "setup", hashes))
    hashed = await passwords.hash_password(rules.normal_password(profile.password))
    async with ground.database.transaction() as db:
        await groups.lock_groups(db)
        spent, _ = await store.spend(db, "setup", hashes)
        await _refuse_setup(db, live=spent)
        user = await add_admin(db, profile, hashed, owner=None)
        await persons.mark_signed_in(db, user.id, None)
        await activity.record_login(
            db,
            identity=user.email,
            context=SETUP_CONTEXT,
            success=True,
            failure_reason=None,
            user_id=user.id,
            ip=visitor.ip,
            agent=visitor.agent,
        )
        return await open_session(db, ground.keys, ground.settings, user, visitor, old_cookie)


async def _refuse_setup(db: AsyncSession, *, live: bool) -> None:
    if await persons.has_administrator(db):
        raise Conflict("setup.done", "There is an administrator already: sign in, or ask them for an account.")
    if not live:
        raise _dead("setup")


async def create_reset_link(
    db: AsyncSession, keys: Keyring, user_id: int, owner: Principal | None = None
) -> tuple[str, datetime]:
    """A fresh path `/reset#token=…` for one person, and when it expires (24 hours); earlier ones are dead.

    Raises: NotFound; Conflict for a disabled person.
    """
    user = await get_user(db, user_id)
    if user.disabled:
        raise Conflict("user.disabled", f"{user.email} is disabled; enable the user before you reset the password.")
    await store.delete_links(db, "reset", user_id)
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    expires_at = await store.add_link(
        db,
        kind="reset",
        user_id=user_id,
        token_hash=keys.digest(token, _purpose("reset")),
        life=rules.RESET_LINK_LIFE,
    )
    await activity.record(
        db, key="user.create_reset_link", owner=owner, trackable_type="User", trackable_id=str(user_id)
    )
    return f"/reset#token={token}", expires_at


async def reset_password(ground: Ground, token: str, password: Secret) -> None:
    """Give the link's person a new password and unlock them; what was opened with the old password is dead.

    Raises: Invalid for a password against the policy (the link stays good) or a dead link.
    Source: product facts 8.5.
    """
    rules.refuse_problems(rules.password_problems(password, "password"))
    hashes = ground.keys.digests(token, _purpose("reset"))
    async with ground.database.reading() as db:
        if not await store.is_live(db, "reset", hashes):
            raise _dead("reset")
    hashed = await passwords.hash_password(rules.normal_password(password))
    async with ground.database.transaction() as db:
        _, user_id = await store.spend(db, "reset", hashes)
        if user_id is None:
            raise _dead("reset")
        await persons.set_password(db, user_id, hashed)
        await sessions.end_sessions_of(db, user_id)
        await store.delete_links(db, "invitation", user_id)
        user = await get_user(db, user_id)
        await activity.record(
            db,
            key="user.reset_password",
            owner=rules.principal(user, "system"),
            trackable_type="User",
            trackable_id=str(user_id),
        )
