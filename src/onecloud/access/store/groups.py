"""Queries of groups and who is in them."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Row, Select, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.access.model import Group, GroupFields, Membership, User
from onecloud.access.store.persons import user_from, users
from onecloud.access.tables import GroupRow, GroupUserRow, UserRow
from onecloud.infra.db import database_time

ADMIN: Final = "Admin"
EVERYONE: Final = "Default"

_MEMBERS: Final = (
    select(func.count())
    .select_from(GroupUserRow)
    .where(GroupUserRow.group_id == GroupRow.id)
    .correlate(GroupRow)
    .scalar_subquery()
)


def _groups() -> Select[*tuple[Any, ...]]:
    return select(
        GroupRow.id,
        GroupRow.name,
        GroupRow.description,
        GroupRow.is_default,
        GroupRow.is_admin,
        GroupRow.api_access,
        GroupRow.created_at,
        _MEMBERS,
    )


def _group(row: Row[*tuple[Any, ...]]) -> Group:
    return Group(*row)


async def lock_groups(db: AsyncSession) -> tuple[int, int]:
    """Ids of the groups Admin and Default; Admin stays locked until the transaction ends.

    Whoever changes who is an administrator calls this first, so that such changes come one after another. The first
    migration made both; a database made straight from the tables gets them here.
    """
    query = select(GroupRow.name, GroupRow.id).where(GroupRow.name.in_((ADMIN, EVERYONE)))
    found: dict[str, int] = {row[0]: row[1] for row in await db.execute(query)}
    if len(found) < 2:
        make = sqlite_insert if db.get_bind().dialect.name == "sqlite" else postgres_insert
        for name in (ADMIN, EVERYONE):
            row = make(GroupRow).values(
                name=name,
                description="",
                is_default=True,
                is_admin=name == ADMIN,
                api_access=name == ADMIN,
                created_at=database_time(),
            )
            await db.execute(row.on_conflict_do_nothing(index_elements=[GroupRow.name]))
        found = {row[0]: row[1] for row in await db.execute(query)}
    await db.execute(select(GroupRow.id).where(GroupRow.name == ADMIN).with_for_update())
    return found[ADMIN], found[EVERYONE]


async def group(db: AsyncSession, group_id: int, *, lock: bool = False) -> Group | None:
    """The group of that id; with `lock` nobody else changes it until the transaction ends."""
    if lock:  # SQLite has one writer and ignores this
        await db.execute(select(GroupRow.id).where(GroupRow.id == group_id).with_for_update())
    row = (await db.execute(_groups().where(GroupRow.id == group_id))).one_or_none()
    return _group(row) if row else None


async def group_named(db: AsyncSession, name: str) -> Group | None:
    """The group of that name."""
    row = (await db.execute(_groups().where(GroupRow.name == name))).one_or_none()
    return _group(row) if row else None


async def groups_after(db: AsyncSession, after: int | None, limit: int, *, user_id: int | None = None) -> list[Group]:
    """Groups by id, those after the row `after`; all of them, or one person's."""
    query = _groups().order_by(GroupRow.id).limit(limit)
    if user_id is not None:
        query = query.where(GroupRow.id.in_(_groups_of(user_id)))
    if after is not None:
        query = query.where(GroupRow.id > after)
    return [_group(row) for row in await db.execute(query)]


async def page_of_groups(db: AsyncSession, *, user_id: int | None, offset: int, limit: int) -> list[Group]:
    """Groups by id, so many left out at the start; all of them, or one person's."""
    query = _groups().order_by(GroupRow.id).offset(offset).limit(limit)
    if user_id is not None:
        query = query.where(GroupRow.id.in_(_groups_of(user_id)))
    return [_group(row) for row in await db.execute(query)]


def _groups_of(user_id: int) -> Select[int]:
    return select(GroupUserRow.group_id).where(GroupUserRow.user_id == user_id)


async def groups_by_id(db: AsyncSession, group_ids: set[int]) -> dict[int, Group]:
    """These groups, by id."""
    rows = await db.execute(_groups().where(GroupRow.id.in_(group_ids)))
    return {row[0]: _group(row) for row in rows}


async def add_group(db: AsyncSession, fields: GroupFields) -> int | None:
    """Write a group; its id, or None when the name is taken."""
    make = sqlite_insert if db.get_bind().dialect.name == "sqlite" else postgres_insert
    row = make(GroupRow).values(
        name=fields.name,
        description=fields.description,
        is_default=False,
        is_admin=False,
        api_access=fields.api_access,
        created_at=database_time(),
    )
    return await db.scalar(row.on_conflict_do_nothing(index_elements=[GroupRow.name]).returning(GroupRow.id))


async def change_group(db: AsyncSession, group_id: int, fields: GroupFields) -> None:
    """Overwrite what a person may set of the group.

    Raises: sqlalchemy.exc.IntegrityError when the name is taken.
    """
    await db.execute(
        update(GroupRow)
        .where(GroupRow.id == group_id)
        .values(name=fields.name, description=fields.description, api_access=fields.api_access)
    )


async def delete_group(db: AsyncSession, group_id: int) -> None:
    """Delete a group; its memberships and permissions go with it."""
    await db.execute(delete(GroupRow).where(GroupRow.id == group_id))


async def members_after(db: AsyncSession, group_id: int, after: int | None, limit: int) -> list[User]:
    """The group's members in the order of their creation, those after the person `after`."""
    query = users().join(GroupUserRow, GroupUserRow.user_id == UserRow.id).where(GroupUserRow.group_id == group_id)
    if after is not None:
        query = query.where(UserRow.id > after)
    return [user_from(row) for row in await db.execute(query.order_by(UserRow.id).limit(limit))]


async def member_ids(db: AsyncSession, group_id: int) -> list[int]:
    """Everybody who is in the group."""
    query = select(GroupUserRow.user_id).where(GroupUserRow.group_id == group_id).order_by(GroupUserRow.user_id)
    return list(await db.scalars(query))


async def add_member(db: AsyncSession, group_id: int, user_id: int) -> Membership | None:
    """Put a person into a group; None when they are in it already."""
    make = sqlite_insert if db.get_bind().dialect.name == "sqlite" else postgres_insert
    row = make(GroupUserRow).values(group_id=group_id, user_id=user_id, created_at=database_time())
    added = await db.scalar(row.on_conflict_do_nothing().returning(GroupUserRow.id))
    return None if added is None else Membership(added, group_id, user_id)


async def remove_member(db: AsyncSession, group_id: int, user_id: int) -> Membership | None:
    """Take a person out of a group; None when they are not in it."""
    gone = await db.scalar(
        delete(GroupUserRow)
        .where(GroupUserRow.group_id == group_id, GroupUserRow.user_id == user_id)
        .returning(GroupUserRow.id)
    )
    return None if gone is None else Membership(gone, group_id, user_id)


async def admin_groups_of(db: AsyncSession, user_id: int) -> list[int]:
    """The groups with the administrator right that a person is in."""
    query = (
        select(GroupRow.id)
        .join(GroupUserRow, GroupUserRow.group_id == GroupRow.id)
        .where(GroupUserRow.user_id == user_id, GroupRow.is_admin)
    )
    return list(await db.scalars(query))
