"""Every change to applications, families and tokens; spending a refresh token is one compare-and-set."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple, cast

from sqlalchemy import ColumnElement, CursorResult, insert, or_, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.tokens.model import Application, NewPair, Origin, RefreshToken, RevokedBecause
from onecloud.tokens.rules import Lifetimes
from onecloud.tokens.tables import AccessTokenRow, ApplicationRow, FamilyRow, RefreshTokenRow


class Digests(NamedTuple):
    """Keyed hashes of a pair, as they are stored."""

    access: str
    refresh: str


async def add_application(
    db: AsyncSession, *, user_id: int, client_id: str, days: int, now: datetime
) -> Application | None:
    """A new live application; None when the person has one already, also when it was made this very moment."""
    values = {"user_id": user_id, "client_id": client_id, "access_token_days": days, "created_at": now}
    try:
        async with db.begin_nested():
            made = await db.execute(insert(ApplicationRow).values(values).returning(ApplicationRow.id))
            application_id = int(made.scalar_one())
    except IntegrityError:
        return None
    return Application(application_id, user_id, client_id, days, now)


async def add_family(db: AsyncSession, *, application: Application, epoch: int, ends: Lifetimes, now: datetime) -> int:
    """A new family at generation 1; its tokens are added by `add_pair`."""
    made = await db.execute(
        insert(FamilyRow)
        .values(
            application_id=application.id,
            user_id=application.user_id,
            access_epoch=epoch,
            generation=1,
            created_at=now,
            idle_expires_at=ends.idle_expires_at,
            expires_at=ends.expires_at,
        )
        .returning(FamilyRow.id)
    )
    return int(made.scalar_one())


async def add_pair(
    db: AsyncSession, *, family_id: int, generation: int, pair: NewPair, digests: Digests, now: datetime
) -> None:
    """The two tokens of a generation."""
    place = {"family_id": family_id, "generation": generation, "created_at": now}
    await db.execute(
        insert(AccessTokenRow).values(
            **place, digest=digests.access, last4=pair.access.reveal()[-4:], expires_at=pair.access_expires_at
        )
    )
    await db.execute(insert(RefreshTokenRow).values(**place, digest=digests.refresh, last4=pair.refresh.reveal()[-4:]))


async def _changed(db: AsyncSession, statement: Any) -> int:
    result = await db.execute(statement, execution_options={"synchronize_session": False})
    return cast("CursorResult[Any]", result).rowcount


async def raise_generation(
    db: AsyncSession, *, family_id: int, generation: int, ends: Lifetimes, origin: Origin, now: datetime
) -> bool:
    """Spend the token of `generation`: True for the one caller who was first.

    One atomic compare-and-set: on PostgreSQL the others wait for the row and then no longer match, on SQLite they
    come after the commit.
    """
    spent = await _changed(
        db,
        update(FamilyRow)
        .where(FamilyRow.id == family_id, FamilyRow.generation == generation, FamilyRow.revoked_at.is_(None))
        .values(
            generation=FamilyRow.generation + 1,
            refreshed_at=now,
            refreshed_ip=origin.ip,
            refreshed_agent=origin.agent,
            idle_expires_at=ends.idle_expires_at,
        ),
    )
    return spent == 1


async def mark_spent(
    db: AsyncSession, *, token: RefreshToken, now: datetime, keyed_seal: str | None, open_seal: str | None
) -> None:
    """Note the spending and keep the successor's seals; the seals of the token before it are wiped."""
    family_id = token.grant.family_id
    await _changed(
        db,
        update(RefreshTokenRow)
        .where(RefreshTokenRow.id == token.id)
        .values(spent_at=now, keyed_seal=keyed_seal, open_seal=open_seal),
    )
    if token.generation > 1:
        await _wipe(db, RefreshTokenRow.family_id == family_id, RefreshTokenRow.generation == token.generation - 1)


async def _wipe(db: AsyncSession, *where: ColumnElement[bool]) -> int:
    sealed = or_(RefreshTokenRow.keyed_seal.is_not(None), RefreshTokenRow.open_seal.is_not(None))
    return await _changed(db, update(RefreshTokenRow).where(sealed, *where).values(keyed_seal=None, open_seal=None))


async def wipe_seals_before(db: AsyncSession, moment: datetime) -> int:
    """Forget the sealed successors of tokens spent before `moment`; gives how many."""
    return await _wipe(db, RefreshTokenRow.spent_at < moment)


async def revoke_family(db: AsyncSession, family_id: int, because: RevokedBecause, now: datetime) -> bool:
    """End a family with every token of it; True when it was alive until now."""
    ended = await _changed(
        db,
        update(FamilyRow)
        .where(FamilyRow.id == family_id, FamilyRow.revoked_at.is_(None))
        .values(revoked_at=now, revoked_reason=because),
    )
    await _wipe(db, RefreshTokenRow.family_id == family_id)
    return ended == 1


async def revoke_access_token(db: AsyncSession, token_id: int, now: datetime) -> bool:
    """End one access token; True when it was not ended before."""
    ended = await _changed(
        db,
        update(AccessTokenRow)
        .where(AccessTokenRow.id == token_id, AccessTokenRow.revoked_at.is_(None))
        .values(revoked_at=now),
    )
    return ended == 1


async def revoke_application(db: AsyncSession, application_id: int, now: datetime) -> bool:
    """End an application with all its families; True when it was alive until now."""
    ended = await _changed(
        db,
        update(ApplicationRow)
        .where(ApplicationRow.id == application_id, ApplicationRow.revoked_at.is_(None))
        .values(revoked_at=now),
    )
    await _changed(
        db,
        update(FamilyRow)
        .where(FamilyRow.application_id == application_id, FamilyRow.revoked_at.is_(None))
        .values(revoked_at=now, revoked_reason=RevokedBecause.APPLICATION),
    )
    return ended == 1


async def change_days(db: AsyncSession, application_id: int, days: int) -> bool:
    """Set the life of access tokens to come; True when the application is still alive."""
    changed = await _changed(
        db,
        update(ApplicationRow)
        .where(ApplicationRow.id == application_id, ApplicationRow.revoked_at.is_(None))
        .values(access_token_days=days),
    )
    return changed == 1


async def note_use(db: AsyncSession, uses: Sequence[tuple[int, datetime, Origin]]) -> None:
    """Write when, from where and by what access tokens were last used; an older note never replaces a newer one."""
    for token_id, at, origin in uses:
        await _changed(
            db,
            update(AccessTokenRow)
            .where(
                AccessTokenRow.id == token_id,
                or_(AccessTokenRow.last_used_at.is_(None), AccessTokenRow.last_used_at < at),
            )
            .values(last_used_at=at, last_used_ip=origin.ip, last_used_agent=origin.agent),
        )
