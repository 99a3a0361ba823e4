"""Queries of permissions: what a person has, what a group has, and the conditions that lists are narrowed by.

The conditions say in SQL what `access/permissions.py` decides on values; a property test holds them together.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, delete, exists, func, insert, or_, select
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from onecloud.access.permissions import is_free
from onecloud.access.tables import GroupPermissionRow, GroupUserRow, PermissionRow
from onecloud.infra.db import database_time
from onecloud.kernel.permission import Grants, Level, Place
from onecloud.kernel.principal import Principal

Column = InstrumentedAttribute[int] | ColumnElement[int]

_PLACE: Final = (PermissionRow.workspace_id, PermissionRow.environment_id, PermissionRow.chain_id)


@dataclass(frozen=True, slots=True)
class StoredPermission:
    """A permission as it is stored: the same level on the same object is one row, however many groups have it."""

    id: int
    place: Place
    level: Level


def _of_person(*columns: Any, user_id: int) -> Select[*tuple[Any, ...]]:
    return (
        select(*columns)
        .join(GroupPermissionRow, GroupPermissionRow.permission_id == PermissionRow.id)
        .join(GroupUserRow, GroupUserRow.group_id == GroupPermissionRow.group_id)
        .where(GroupUserRow.user_id == user_id)
    )


async def grants_of(db: AsyncSession, user_id: int) -> Grants:
    """What the person's groups give them: the highest level on each object."""
    query = _of_person(*_PLACE, func.max(PermissionRow.level), user_id=user_id).group_by(*_PLACE)
    return {Place(row[0], row[1], row[2]): Level(row[3]) for row in await db.execute(query)}


# --- conditions of lists; None for who is free of them, so that their statements stay as they are ---


def readable_chains(
    caller: Principal | None, *, workspace_id: Column, environment_id: Column, chain_id: Column
) -> ColumnElement[bool] | None:
    """The condition that the caller may read a chain."""
    if caller is None or is_free(caller):
        return None
    return or_(
        workspace_id.in_(_on_workspaces(caller)),
        environment_id.in_(_on_environments(caller)),
        chain_id.in_(_of_person(PermissionRow.chain_id, user_id=caller.user_id).where(_has_chain)),
    )


def seen_environments(
    caller: Principal | None, *, workspace_id: Column, environment_id: Column
) -> ColumnElement[bool] | None:
    """The condition that the caller may read an environment or something in it."""
    if caller is None or is_free(caller):
        return None
    inside = _of_person(PermissionRow.environment_id, user_id=caller.user_id).where(_has_environment)
    return or_(workspace_id.in_(_on_workspaces(caller)), environment_id.in_(inside))


def seen_workspaces(caller: Principal | None, *, workspace_id: Column) -> ColumnElement[bool] | None:
    """The condition that the caller may read a workspace or something in it."""
    if caller is None or is_free(caller):
        return None
    return workspace_id.in_(_of_person(PermissionRow.workspace_id, user_id=caller.user_id))


def readable_workspaces(caller: Principal | None, *, workspace_id: Column) -> ColumnElement[bool] | None:
    """The condition that the caller may read a workspace itself, with its variables."""
    if caller is None or is_free(caller):
        return None
    return workspace_id.in_(_on_workspaces(caller))


_has_environment: Final = PermissionRow.environment_id.is_not(None)
_has_chain: Final = PermissionRow.chain_id.is_not(None)


def _on_workspaces(caller: Principal) -> Select[*tuple[Any, ...]]:
    return _of_person(PermissionRow.workspace_id, user_id=caller.user_id).where(~_has_environment)


def _on_environments(caller: Principal) -> Select[*tuple[Any, ...]]:
    return _of_person(PermissionRow.environment_id, user_id=caller.user_id).where(_has_environment, ~_has_chain)


# --- what groups have ---


async def permissions_of_group(db: AsyncSession, group_id: int) -> list[StoredPermission]:
    """Every permission of the group, in the order of workspaces, environments and chains."""
    query = (
        select(PermissionRow.id, *_PLACE, PermissionRow.level)
        .join(GroupPermissionRow, GroupPermissionRow.permission_id == PermissionRow.id)
        .where(GroupPermissionRow.group_id == group_id)
        .order_by(*(func.coalesce(column, 0) for column in _PLACE))
    )
    return [StoredPermission(row[0], Place(row[1], row[2], row[3]), Level(row[4])) for row in await db.execute(query)]


async def page_of_permissions(
    db: AsyncSession, *, group_id: int | None, offset: int, limit: int
) -> list[StoredPermission]:
    """A page by id of the permissions that some group has, or one group."""
    given = exists().where(GroupPermissionRow.permission_id == PermissionRow.id)
    if group_id is not None:
        given = given.where(GroupPermissionRow.group_id == group_id)
    query = select(PermissionRow.id, *_PLACE, PermissionRow.level).where(given)
    rows = await db.execute(query.order_by(PermissionRow.id).offset(offset).limit(limit))
    return [StoredPermission(row[0], Place(row[1], row[2], row[3]), Level(row[4])) for row in rows]


async def groups_with(db: AsyncSession, permission_ids: Sequence[int]) -> dict[int, list[int]]:
    """The groups that have each permission."""
    query = (
        select(GroupPermissionRow.permission_id, GroupPermissionRow.group_id)
        .where(GroupPermissionRow.permission_id.in_(permission_ids))
        .order_by(GroupPermissionRow.group_id)
    )
    found: dict[int, list[int]] = {permission_id: [] for permission_id in permission_ids}
    for permission_id, group_id in await db.execute(query):
        found[permission_id].append(group_id)
    return found


async def give(db: AsyncSession, group_id: int, place: Place, level: Level) -> int:
    """Give the group a permission that it does not have; the id of the giving."""
    make = sqlite_insert if db.get_bind().dialect.name == "sqlite" else postgres_insert
    kind = place.kind.capitalize()
    await db.execute(
        make(PermissionRow)
        .values(
            object_type=kind,
            object_id=place.object_id,
            level=int(level),
            workspace_id=place.workspace_id,
            environment_id=place.environment_id,
            chain_id=place.chain_id,
        )
        .on_conflict_do_nothing(index_elements=["object_type", "object_id", "level"])
    )
    permission_id = select(PermissionRow.id).where(
        PermissionRow.object_type == kind,
        PermissionRow.object_id == place.object_id,
        PermissionRow.level == int(level),
    )
    row = insert(GroupPermissionRow).values(
        group_id=group_id, permission_id=permission_id.scalar_subquery(), created_at=database_time()
    )
    return (await db.execute(row.returning(GroupPermissionRow.id))).scalar_one()


async def take(db: AsyncSession, group_id: int, permission_ids: Iterable[int]) -> dict[int, int]:
    """Take permissions from the group; the id of each giving that ended, by permission."""
    ended = await db.execute(
        delete(GroupPermissionRow)
        .where(GroupPermissionRow.group_id == group_id, GroupPermissionRow.permission_id.in_(permission_ids))
        .returning(GroupPermissionRow.permission_id, GroupPermissionRow.id)
    )
    return {row[0]: row[1] for row in ended}
