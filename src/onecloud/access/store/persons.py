"""Queries of people and groups, and `people()` for the joins of the rooms above."""

from __future__ import annotations

from typing import cast

from sqlalchemy import Select, Subquery, delete, exists, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.engine import CursorResult
from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.access.model import Account, User
from onecloud.access.rules import is_locked
from onecloud.access.tables import GroupRow, GroupUserRow, UserRow
from onecloud.infra.db import database_time

ADMINS = "Admins"
EVERYONE = "Default"

_is_admin = exists(
    select(GroupUserRow.id)
    .join(GroupRow, GroupRow.id == GroupUserRow.group_id)
    .where(GroupUserRow.user_id == UserRow.id, GroupRow.is_admin)
)


def people() -> Subquery:
    """Every person, for a join: user_id, email, first_name, last_name, is_admin, disabled, access_epoch.

    What remembers a person's `access_epoch` (a session, a token) is dead for good when the column differs.
    """
    return select(
        UserRow.id.label("user_id"),
        UserRow.email,
        UserRow.first_name,
        UserRow.last_name,
        _is_admin.label("is_admin"),
        UserRow.disabled,
        UserRow.access_epoch,
    ).subquery("people")


def _users() -> Select[UserRow, bool]:
    return select(UserRow, _is_admin.label("is_admin"))


def _user(row: UserRow, *, is_admin: bool) -> User:
    return User(
        id=row.id,
        email=row.email,
        first_name=row.first_name,
        last_name=row.last_name,
        is_admin=bool(is_admin),
        disabled=row.disabled,
        locked=is_locked(row.failed_sign_ins),
        access_epoch=row.access_epoch,
        sso_enabled=row.sso_enabled,
        time_zone=row.time_zone,
        last_sign_in_at=row.last_sign_in_at,
        created_at=row.created_at,
    )


async def user_by_id(db: AsyncSession, user_id: int) -> User | None:
    """One person."""
    found = (await db.execute(_users().where(UserRow.id == user_id).execution_options(populate_existing=True))).first()
    return _user(found[0], is_admin=found[1]) if found else None


async def user_by_email(db: AsyncSession, email: str) -> User | None:
    """One person by the normal spelling of their email."""
    found = (await db.execute(_users().where(UserRow.email == email).execution_options(populate_existing=True))).first()
    return _user(found[0], is_admin=found[1]) if found else None


async def users_after(db: AsyncSession, after: int | None, limit: int) -> list[User]:
    """People in the order of their creation, after the row `after`."""
    query = _users().order_by(UserRow.id).limit(limit)
    if after is not None:
        query = query.where(UserRow.id > after)
    return [_user(row[0], is_admin=row[1]) for row in await db.execute(query)]


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


async def lock_groups(db: AsyncSession) -> tuple[int, int]:
    """Ids of the groups Admins and Default, created when missing; Admins stays locked until the transaction ends.

    Whoever changes who is an administrator calls this first, so that such changes come one after another.
    """
    make = sqlite_insert if db.get_bind().dialect.name == "sqlite" else postgres_insert
    for name, is_admin in ((ADMINS, True), (EVERYONE, False)):
        await db.execute(
            make(GroupRow)
            .values(name=name, is_default=True, is_admin=is_admin, created_at=database_time())
            .on_conflict_do_nothing(index_elements=[GroupRow.name])
        )
    admins = await db.scalar(select(GroupRow.id).where(GroupRow.name == ADMINS).with_for_update())
    everyone = await db.scalar(select(GroupRow.id).where(GroupRow.name == EVERYONE))
    return cast(int, admins), cast(int, everyone)


async def add_member(db: AsyncSession, group_id: int, user_id: int) -> int:
    """Put a person into a group; gives the membership's id."""
    return cast(
        int,
        await db.scalar(
            insert(GroupUserRow)
            .values(group_id=group_id, user_id=user_id, created_at=database_time())
            .returning(GroupUserRow.id)
        ),
    )


async def remove_from_admin_groups(db: AsyncSession, user_id: int) -> list[tuple[int, int]]:
    """Take a person out of every group with the administrator right; gives (membership id, group id) of each."""
    admin_groups = select(GroupRow.id).where(GroupRow.is_admin)
    gone = await db.execute(
        delete(GroupUserRow)
        .where(GroupUserRow.user_id == user_id, GroupUserRow.group_id.in_(admin_groups))
        .returning(GroupUserRow.id, GroupUserRow.group_id)
    )
    return [(row[0], row[1]) for row in gone]


async def count_administrators(db: AsyncSession, *, besides: int = 0) -> int:
    """How many people who are not disabled have the administrator right, one person left out."""
    query = select(func.count()).select_from(UserRow).where(_is_admin, ~UserRow.disabled, UserRow.id != besides)
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


async def set_disabled(db: AsyncSession, user_id: int, *, disabled: bool) -> bool:
    """Disable or enable a person; False when nothing changed. Disabling starts a new access epoch."""
    changed = cast(
        CursorResult[tuple[()]],
        await db.execute(
            update(UserRow)
            .where(UserRow.id == user_id, UserRow.disabled != disabled)
            .values(disabled=disabled, access_epoch=UserRow.access_epoch + int(disabled))
        ),
    )
    return changed.rowcount == 1


async def start_epoch(db: AsyncSession, user_id: int) -> None:
    """Make every session and token of a person dead for good."""
    await db.execute(update(UserRow).where(UserRow.id == user_id).values(access_epoch=UserRow.access_epoch + 1))
