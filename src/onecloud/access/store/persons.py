"""Queries of people, and `people()` for the joins of the rooms above."""

from __future__ import annotations

from collections.abc import Collection
from typing import cast

from sqlalchemy import Row, Select, Subquery, and_, exists, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.access.model import Account, User
from onecloud.access.rules import is_locked
from onecloud.access.tables import GroupRow, GroupUserRow, UserRow
from onecloud.infra.db import database_time

_memberships = (
    select(GroupUserRow.id)
    .join(GroupRow, GroupRow.id == GroupUserRow.group_id)
    .where(GroupUserRow.user_id == UserRow.id)
    .correlate(UserRow)  # a list of members joins the memberships too, and these are others
)
_is_admin = exists(_memberships.where(GroupRow.is_admin))
_may_use_api = exists(_memberships.where(or_(GroupRow.is_admin, GroupRow.api_access)))


def people() -> Subquery:
    """Every person, for a join: user_id, email, first_name, last_name, is_admin, may_use_api, disabled, access_epoch.

    What remembers a person's `access_epoch` (a session, a token) is dead for good when the column differs.
    """
    return select(
        UserRow.id.label("user_id"),
        UserRow.email,
        UserRow.first_name,
        UserRow.last_name,
        _is_admin.label("is_admin"),
        _may_use_api.label("may_use_api"),
        UserRow.disabled,
        UserRow.access_epoch,
    ).subquery("people")


def users() -> Select[UserRow, bool, bool]:
    """Every person, as `user_from` takes them."""
    return select(UserRow, _is_admin.label("is_admin"), _may_use_api.label("may_use_api"))


def user_from(found: Row[UserRow, bool, bool]) -> User:
    """The value of a row of `users()`."""
    row, is_admin, may_use_api = found
    return User(
        id=row.id,
        email=row.email,
        first_name=row.first_name,
        last_name=row.last_name,
        is_admin=bool(is_admin),
        may_use_api=bool(may_use_api),
        disabled=row.disabled,
        invited=row.password_hash is None,
        locked=is_locked(row.failed_sign_ins),
        access_epoch=row.access_epoch,
        sso_enabled=row.sso_enabled,
        time_zone=row.time_zone,
        last_sign_in_at=row.last_sign_in_at,
        created_at=row.created_at,
    )


async def user_by_id(db: AsyncSession, user_id: int) -> User | None:
    """One person."""
    found = (await db.execute(users().where(UserRow.id == user_id).execution_options(populate_existing=True))).first()
    return user_from(found) if found else None


async def user_by_email(db: AsyncSession, email: str) -> User | None:
    """One person by the normal spelling of their email."""
    found = (await db.execute(users().where(UserRow.email == email).execution_options(populate_existing=True))).first()
    return user_from(found) if found else None


async def users_after(db: AsyncSession, after: int | None, limit: int) -> list[User]:
    """People in the order of their creation, after the row `after`."""
    query = users().order_by(UserRow.id).limit(limit)
    if after is not None:
        query = query.where(UserRow.id > after)
    return [user_from(row) for row in await db.execute(query)]


async def page_of_users(db: AsyncSession, offset: int, limit: int) -> list[User]:
    """People in the order of their creation, so many left out at the start."""
    return [user_from(row) for row in await db.execute(users().order_by(UserRow.id).offset(offset).limit(limit))]


async def account_by_email(db: AsyncSession, email: str, *, lock: bool = False) -> Account | None:
    """What a sign-in needs; with `lock` nobody else changes it until the transaction ends."""
    query = select(
        UserRow.id, UserRow.password_hash, UserRow.disabled, UserRow.failed_sign_ins, UserRow.access_epoch
    ).where(UserRow.email == email)
    if lock:  # SQLite has one writer and ignores this
        query = query.with_for_update()
    row = (await db.execute(query)).first()
    return Account(*row) if row else None


async def add_user(
    db: AsyncSession, email: str, password_hash: str | None, first_name: str, last_name: str
) -> int | None:
    """Create a person; None when the email is taken."""
    make = sqlite_insert if db.get_bind().dialect.name == "sqlite" else postgres_insert
    return await db.scalar(
        make(UserRow)
        .values(
            email=email,
            first_name=first_name,
            last_name=last_name,
            password_hash=password_hash,
            disabled=False,
            failed_sign_ins=0,
            access_epoch=0,
            sso_enabled=False,
            created_at=database_time(),
        )
        .on_conflict_do_nothing(index_elements=[UserRow.email])
        .returning(UserRow.id)
    )


async def count_administrators(db: AsyncSession, *, besides: int = 0) -> int:
    """How many people who can come in have the administrator right, one left out; an invitation is nobody yet."""
    can_come_in = and_(~UserRow.disabled, or_(UserRow.password_hash.is_not(None), UserRow.sso_enabled))
    query = select(func.count()).select_from(UserRow).where(_is_admin, can_come_in, UserRow.id != besides)
    return cast(int, await db.scalar(query))


async def has_administrator(db: AsyncSession) -> bool:
    """Whether anybody has the administrator right."""
    return await db.scalar(select(UserRow.id).where(_is_admin).limit(1)) is not None


async def count_failure(db: AsyncSession, user_id: int) -> int:
    """Count one failed sign-in and give the new number."""
    return cast(
        int,
        await db.scalar(
            update(UserRow)
            .where(UserRow.id == user_id)
            .values(failed_sign_ins=UserRow.failed_sign_ins + 1)
            .returning(UserRow.failed_sign_ins)
        ),
    )


async def mark_locked(db: AsyncSession, user_id: int) -> None:
    """Remember when the account was locked."""
    await db.execute(update(UserRow).where(UserRow.id == user_id).values(locked_at=database_time()))


async def mark_signed_in(db: AsyncSession, user_id: int, new_hash: str | None) -> None:
    """Forget the failures, remember the moment, and keep a hash made with newer parameters."""
    values: dict[str, object] = {"failed_sign_ins": 0, "locked_at": None, "last_sign_in_at": database_time()}
    if new_hash is not None:
        values["password_hash"] = new_hash
    await db.execute(update(UserRow).where(UserRow.id == user_id).values(values))


async def set_password(db: AsyncSession, user_id: int, password_hash: str) -> None:
    """Give a new password: the account is unlocked, and what was opened with the old one is dead."""
    await db.execute(
        update(UserRow)
        .where(UserRow.id == user_id)
        .values(password_hash=password_hash, failed_sign_ins=0, locked_at=None, access_epoch=UserRow.access_epoch + 1)
    )


async def set_names(db: AsyncSession, user_id: int, first_name: str, last_name: str) -> None:
    """Give a person these names."""
    await db.execute(update(UserRow).where(UserRow.id == user_id).values(first_name=first_name, last_name=last_name))


async def set_disabled(db: AsyncSession, user_id: int, *, disabled: bool) -> None:
    """Disable or enable a person."""
    await db.execute(update(UserRow).where(UserRow.id == user_id).values(disabled=disabled))


async def start_epoch(db: AsyncSession, user_ids: Collection[int]) -> None:
    """Make every session and token of these people dead for good."""
    await db.execute(update(UserRow).where(UserRow.id.in_(user_ids)).values(access_epoch=UserRow.access_epoch + 1))


async def lock_users(db: AsyncSession, user_ids: Collection[int]) -> None:
    """Let changes of what these people may do come one after another; SQLite has one writer and ignores this."""
    await db.execute(select(UserRow.id).where(UserRow.id.in_(user_ids)).order_by(UserRow.id).with_for_update())


async def without_api(db: AsyncSession, user_ids: Collection[int]) -> list[int]:
    """Those of these people who may not use the API."""
    return list(await db.scalars(select(UserRow.id).where(UserRow.id.in_(user_ids), ~_may_use_api)))
