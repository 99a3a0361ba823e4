"""Invitations: a person is added without a password, and gives themselves one with a link that works once.

The token stands in the link's fragment (`/invitation#token=…`), which browsers never send: no server log has it.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.access import passwords, rules
from onecloud.access.actions.accounts import add_person, get_user
from onecloud.access.actions.memberships import add_member
from onecloud.access.actions.sessions import open_session
from onecloud.access.model import Profile, SignedIn, User, Visitor
from onecloud.access.store import links as store
from onecloud.access.store import persons
from onecloud.activity import actions as activity
from onecloud.infra.crypto import Keyring
from onecloud.infra.http import Ground
from onecloud.kernel.errors import Conflict, Invalid, Problem
from onecloud.kernel.principal import Principal
from onecloud.kernel.secret import Secret

CONTEXT: Final = "invitations#create"
_PURPOSE: Final = "invitation link"
_TOKEN_BYTES: Final = 32  # 256 bits


def _dead() -> Invalid:
    problem = Problem(
        "token", "This invitation is unknown, used or expired.", "Ask an administrator for a new invitation."
    )
    return Invalid("invitation.link_dead", f"{problem.message} {problem.mend}", problems=(problem,))


async def invite(
    db: AsyncSession,
    keys: Keyring,
    owner: Principal | None,
    email: str,
    first_name: str = "",
    last_name: str = "",
    group_ids: Collection[int] = (),
) -> tuple[User, str, datetime]:
    """Add a person to these groups, besides the one that everybody is in.

    Gives the person, a path `/invitation#token=…` that works once, and when it expires (7 days).

    Raises: Invalid naming every rule of email and names that is broken; NotFound without such a group; Conflict when
    the email is taken. Source: product facts 8.1.
    """
    profile = Profile(rules.normal_email(email), Secret(""), first_name.strip(), last_name.strip())
    rules.refuse_problems(rules.profile_problems(profile.email, profile.first_name, profile.last_name, ""))
    user_id = await add_person(db, profile, None, owner)
    for group_id in sorted(set(group_ids)):
        await add_member(db, owner, group_id, user_id)
    path, expires_at = await create_invitation(db, keys, owner, user_id)
    return await get_user(db, user_id), path, expires_at


async def create_invitation(
    db: AsyncSession, keys: Keyring, owner: Principal | None, user_id: int
) -> tuple[str, datetime]:
    """A fresh path `/invitation#token=…` for somebody who was invited, and when it expires; earlier ones are dead.

    Raises: NotFound; Conflict for somebody who has come in already, or is disabled.
    """
    user = await get_user(db, user_id)
    if user.disabled:
        raise Conflict("user.disabled", f"{user.email} is disabled; enable the user before you invite them again.")
    if not user.invited:
        raise Conflict("user.not_invited", f"{user.email} has a password already; a reset link gives a new one.")
    await store.delete_links(db, "invitation", user_id)
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    expires_at = await store.add_link(
        db,
        kind="invitation",
        user_id=user_id,
        token_hash=keys.digest(token, _PURPOSE),
        life=rules.INVITATION_LIFE,
    )
    await activity.record(db, key="user.invite", owner=owner, trackable_type="User", trackable_id=str(user_id))
    return f"/invitation#token={token}", expires_at


async def invited_by(ground: Ground, token: str) -> User:
    """Whom a live invitation is for; nothing is spent.

    Raises: Invalid for a dead link.
    """
    async with ground.database.reading() as db:
        user_id = await store.owner_of(db, "invitation", ground.keys.digests(token, _PURPOSE))
        if user_id is None:
            raise _dead()
        return await get_user(db, user_id)


async def accept_invitation(
    ground: Ground, token: str, profile: Profile, visitor: Visitor, old_cookie: str | None = None
) -> SignedIn:
    """Give the invited person their password and name, and sign them in; the profile's email is not looked at.

    Takes the ground and not a session, because hashing must hold no connection.

    Raises: Invalid for broken rules (the link stays good) or a dead link.
    """
    invited = await invited_by(ground, token)
    first, last = profile.first_name.strip(), profile.last_name.strip()
    problems = rules.profile_problems(invited.email, first, last, "")
    rules.refuse_problems(problems + rules.password_problems(profile.password, "password"))
    hashed = await passwords.hash_password(rules.normal_password(profile.password))
    async with ground.database.transaction() as db:
        _, user_id = await store.spend(db, "invitation", ground.keys.digests(token, _PURPOSE))
        if user_id is None:
            raise _dead()
        await persons.set_password(db, user_id, hashed)
        await persons.set_names(db, user_id, first, last)
        await persons.mark_signed_in(db, user_id, None)
        user = await get_user(db, user_id)
        await activity.record(
            db,
            key="user.accept_invitation",
            owner=rules.principal(user, "system"),
            trackable_type="User",
            trackable_id=str(user_id),
        )
        await activity.record_login(
            db,
            identity=user.email,
            context=CONTEXT,
            success=True,
            failure_reason=None,
            user_id=user_id,
            ip=visitor.ip,
            agent=visitor.agent,
        )
        return await open_session(db, ground.keys, ground.settings, user, visitor, old_cookie)
