"""Sign-in: checked outside any transaction, judged and recorded in one, refused with one sentence for every reason.

A locked account is refused in the words of a wrong password, also to somebody who has the right one: otherwise the
lock would tell which emails have accounts, and a guess that hits would be confirmed. The log has the true reason.
"""

from __future__ import annotations

import asyncio
from typing import Final
from weakref import WeakValueDictionary

from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.access import passwords, rules
from onecloud.access.actions.accounts import get_user
from onecloud.access.actions.sessions import open_session
from onecloud.access.model import Account, Admitted, Reason, Refused, SignedIn, Visitor
from onecloud.access.store import persons as store
from onecloud.activity import actions as activity
from onecloud.infra.http import Ground
from onecloud.kernel.errors import Unauthenticated
from onecloud.kernel.secret import Secret

CONTEXT: Final = "sessions#create"

# Attempts on one account come one after another, so that parallel guesses cannot pass while the sixth failure is
# still being counted. Several processes guard the count itself by the row's lock.
_turns: WeakValueDictionary[tuple[int, str], asyncio.Lock] = WeakValueDictionary()


async def sign_in(
    ground: Ground, email: str, password: Secret, visitor: Visitor, old_cookie: str | None = None
) -> SignedIn:
    """Open a session for the right email and password.

    Takes the ground and not a session: hashing must hold no connection (SQLite has one writer), and a refusal must be
    committed before it is raised.

    Raises: Unauthenticated `sign_in.refused`, the same for every reason.
    Source: product facts 8.5.
    """
    identity, text = rules.normal_email(email), rules.normal_password(password)
    turn = _turns.setdefault((id(asyncio.get_running_loop()), identity), asyncio.Lock())
    async with turn:
        async with ground.database.reading() as db:
            account = await store.account_by_email(db, identity) if rules.is_email(identity) else None
        stored = account.password_hash if account else None
        checked = await passwords.check_password(stored, text)
        fresh = await passwords.hash_password(text) if checked.rehash else None
        async with ground.database.transaction() as db:
            now = await store.account_by_email(db, identity, lock=True) if account else None
            verdict = rules.judge(now, stored if checked.matches else None)
            if now is not None and isinstance(verdict, Admitted):
                return await _admit(db, ground, now, identity, fresh, visitor, old_cookie)
            if isinstance(verdict, Refused):
                await _count(db, now, verdict)
                await _tell_refusal(db, identity, verdict.reason, visitor, now)
    raise Unauthenticated(
        "sign_in.refused",
        "The email or the password is not right, or the account is locked or disabled. "
        f"{rules.FAILURES_TO_LOCK} wrong passwords lock an account; a reset link from an administrator opens it again.",
    )


async def _tell_refusal(
    db: AsyncSession, identity: str, reason: Reason, visitor: Visitor, account: Account | None
) -> None:
    await activity.record_login(
        db,
        identity=identity,
        context=CONTEXT,
        success=False,
        failure_reason=reason,
        user_id=account.user_id if account else None,
        ip=visitor.ip,
        agent=visitor.agent,
    )


async def _count(db: AsyncSession, account: Account | None, verdict: Refused) -> None:
    if account is None or not verdict.counts:
        return
    if rules.is_locked(await store.count_failure(db, account.user_id)):
        await store.mark_locked(db, account.user_id)
        await activity.record(db, key="user.lock", owner=None, trackable_type="User", trackable_id=str(account.user_id))


async def _admit(
    db: AsyncSession,
    ground: Ground,
    account: Account,
    identity: str,
    fresh_hash: str | None,
    visitor: Visitor,
    old_cookie: str | None,
) -> SignedIn:
    await store.mark_signed_in(db, account.user_id, fresh_hash)
    user = await get_user(db, account.user_id)
    await activity.record_login(
        db,
        identity=identity,
        context=CONTEXT,
        success=True,
        failure_reason=None,
        user_id=user.id,
        ip=visitor.ip,
        agent=visitor.agent,
    )
    return await open_session(db, ground.keys, ground.settings, user, visitor, old_cookie)
