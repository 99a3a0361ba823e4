"""Finding tokens, applications and their owners.

A token is found by one indexed SELECT that also brings its family, its application, its owner as they are now,
and the database's clock; nothing about a token is ever decided on another clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Row, Select, bindparam, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.access.store import people
from onecloud.infra.db import database_time, plain
from onecloud.tokens.model import AccessToken, Application, Grant, Person, RefreshToken
from onecloud.tokens.tables import AccessTokenRow, ApplicationRow, FamilyRow, RefreshTokenRow


def _token(kind: type[AccessTokenRow | RefreshTokenRow]) -> Select[*tuple[Any, ...]]:
    """A token with all that decides about it."""
    owner = people()
    own: tuple[Any, ...] = (kind.id.label("token_id"), kind.generation.label("token_generation"), kind.last4)
    own += (kind.created_at.label("token_created_at"),)
    if kind is AccessTokenRow:
        row = AccessTokenRow
        own += (row.expires_at.label("token_expires_at"), row.revoked_at.label("token_revoked_at"))
        own += (row.last_used_at, row.last_used_ip, row.last_used_agent)
    else:
        own += (RefreshTokenRow.spent_at, RefreshTokenRow.keyed_seal, RefreshTokenRow.open_seal)
    return (
        select(
            database_time().label("now"),
            *own,
            FamilyRow.id.label("family_id"),
            FamilyRow.application_id,
            ApplicationRow.client_id,
            ApplicationRow.access_token_days,
            ApplicationRow.revoked_at.label("application_revoked_at"),
            FamilyRow.access_epoch.label("granted_epoch"),
            FamilyRow.generation,
            FamilyRow.created_at,
            FamilyRow.refreshed_at,
            FamilyRow.refreshed_ip,
            FamilyRow.refreshed_agent,
            FamilyRow.idle_expires_at,
            FamilyRow.expires_at,
            FamilyRow.revoked_at,
            owner,
        )
        .select_from(kind)
        .join(FamilyRow, FamilyRow.id == kind.family_id)
        .join(ApplicationRow, ApplicationRow.id == FamilyRow.application_id)
        .join(owner, owner.c.user_id == FamilyRow.user_id)
    )


@cache
def _by_digest(kind: type[AccessTokenRow | RefreshTokenRow], keys: int) -> Select[*tuple[Any, ...]]:
    """For one hash per key of the ring. Built once, because building the statement costs more than running it."""
    return _token(kind).where(or_(*(kind.digest == bindparam(f"digest_{place}") for place in range(keys))))


async def _first(
    db: AsyncSession, kind: type[AccessTokenRow | RefreshTokenRow], digests: Sequence[str]
) -> Row[*tuple[Any, ...]] | None:
    """The token's row; every API request asks for it."""
    values = {f"digest_{place}": digest for place, digest in enumerate(digests)}
    return (await plain(db, _by_digest(kind, len(digests)), values)).first()


def _newest(kind: type[AccessTokenRow | RefreshTokenRow], application_id: int) -> Select[*tuple[Any, ...]]:
    """The current generation's token of the application's newest family."""
    return (
        _token(kind)
        .where(FamilyRow.application_id == application_id, kind.generation == FamilyRow.generation)
        .order_by(FamilyRow.id.desc())
        .limit(1)
    )


def _person(row: Row[Any]) -> Person:
    return Person(
        user_id=row.user_id,
        email=row.email,
        first_name=row.first_name,
        last_name=row.last_name,
        is_admin=bool(row.is_admin),
        may_use_api=bool(row.may_use_api),
        disabled=bool(row.disabled),
        access_epoch=row.access_epoch,
    )


def _grant(row: Row[Any]) -> Grant:
    return Grant(
        family_id=row.family_id,
        application_id=row.application_id,
        client_id=row.client_id,
        access_token_days=row.access_token_days,
        application_revoked_at=row.application_revoked_at,
        owner=_person(row),
        access_epoch=row.granted_epoch,
        generation=row.generation,
        created_at=row.created_at,
        refreshed_at=row.refreshed_at,
        refreshed_ip=row.refreshed_ip,
        refreshed_agent=row.refreshed_agent,
        idle_expires_at=row.idle_expires_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
    )


def _access(row: Row[Any]) -> AccessToken:
    return AccessToken(
        id=row.token_id,
        generation=row.token_generation,
        last4=row.last4,
        created_at=row.token_created_at,
        expires_at=row.token_expires_at,
        revoked_at=row.token_revoked_at,
        last_used_at=row.last_used_at,
        last_used_ip=row.last_used_ip,
        last_used_agent=row.last_used_agent,
        grant=_grant(row),
    )


def _refresh(row: Row[Any]) -> RefreshToken:
    return RefreshToken(
        id=row.token_id,
        generation=row.token_generation,
        last4=row.last4,
        created_at=row.token_created_at,
        spent_at=row.spent_at,
        keyed_seal=row.keyed_seal,
        open_seal=row.open_seal,
        grant=_grant(row),
    )


async def access_token(db: AsyncSession, digests: Sequence[str]) -> tuple[AccessToken, datetime] | None:
    """The access token with one of these hashes, and the moment on the database's clock."""
    row = await _first(db, AccessTokenRow, digests)
    return (_access(row), row.now) if row else None


async def refresh_token(db: AsyncSession, digests: Sequence[str]) -> tuple[RefreshToken, datetime] | None:
    """The refresh token with one of these hashes, and the moment on the database's clock."""
    row = await _first(db, RefreshTokenRow, digests)
    return (_refresh(row), row.now) if row else None


# --- the person and their application ---


async def person(db: AsyncSession, user_id: int) -> tuple[Person, datetime] | None:
    """One person as they are now, and the moment on the database's clock."""
    owner = people()
    row = (await db.execute(select(database_time().label("now"), owner).where(owner.c.user_id == user_id))).first()
    if row is None:
        return None
    return _person(row), row.now


async def live_application(db: AsyncSession, user_id: int) -> Application | None:
    """The person's live API application."""
    row = (
        await db.execute(
            select(
                ApplicationRow.id,
                ApplicationRow.user_id,
                ApplicationRow.client_id,
                ApplicationRow.access_token_days,
                ApplicationRow.created_at,
            ).where(ApplicationRow.user_id == user_id, ApplicationRow.revoked_at.is_(None))
        )
    ).first()
    return Application(*row) if row else None


async def client_exists(db: AsyncSession, client_id: str) -> bool:
    """Whether an application, live or ended, has this client id."""
    found = await db.scalar(select(ApplicationRow.id).where(ApplicationRow.client_id == client_id))
    return found is not None


async def newest_access_token(db: AsyncSession, application_id: int) -> tuple[AccessToken, datetime] | None:
    """The application's current access token, dead or alive."""
    row = (await db.execute(_newest(AccessTokenRow, application_id))).first()
    return (_access(row), row.now) if row else None


async def newest_refresh_token(db: AsyncSession, application_id: int) -> tuple[RefreshToken, datetime] | None:
    """The application's current refresh token, dead or alive."""
    row = (await db.execute(_newest(RefreshTokenRow, application_id))).first()
    return (_refresh(row), row.now) if row else None


async def current_last4(db: AsyncSession, family_id: int) -> tuple[str, str]:
    """The last four letters of a family's current access token and refresh token."""
    row = (
        await db.execute(
            select(AccessTokenRow.last4, RefreshTokenRow.last4)
            .select_from(FamilyRow)
            .join(AccessTokenRow, AccessTokenRow.family_id == FamilyRow.id)
            .join(RefreshTokenRow, RefreshTokenRow.family_id == FamilyRow.id)
            .where(
                FamilyRow.id == family_id,
                AccessTokenRow.generation == FamilyRow.generation,
                RefreshTokenRow.generation == FamilyRow.generation,
            )
        )
    ).one()
    return row[0], row[1]
