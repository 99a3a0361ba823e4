"""Every query of resources and their versions."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Final

from sqlalchemy import Row, and_, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.infra.db import database_time
from onecloud.resources.model import Content, NewVersion, Resource, Version
from onecloud.resources.tables import ResourceRow, ResourceVersionRow

# The columns stand in the order of the values' fields, so that a row's slices make the values.
VERSION: Final[tuple[Any, ...]] = (
    ResourceVersionRow.id,
    ResourceVersionRow.resource_id,
    ResourceVersionRow.number,
    ResourceVersionRow.blob,
    ResourceVersionRow.sha256,
    ResourceVersionRow.size_bytes,
    ResourceVersionRow.is_text,
    ResourceVersionRow.comment,
    ResourceVersionRow.created_by,
    ResourceVersionRow.created_by_name,
    ResourceVersionRow.created_at,
)
RESOURCE: Final[tuple[Any, ...]] = (
    ResourceRow.id,
    ResourceRow.workspace_id,
    ResourceRow.name,
    ResourceRow.description,
    ResourceRow.created_at,
)
NEWEST: Final = and_(ResourceVersionRow.resource_id == ResourceRow.id, ResourceVersionRow.number == ResourceRow.version)
_RESOURCES: Final = select(*RESOURCE, *VERSION).join(ResourceVersionRow, NEWEST)


def _version(columns: Sequence[Any]) -> Version:
    version_id, resource_id, number, *content, comment, by, by_name, at = columns
    return Version(version_id, resource_id, number, Content(*content), comment, by, by_name, at)


def _resource(row: Row[*tuple[Any, ...]]) -> Resource:
    resource_id, workspace_id, name, description, created_at, *version = row
    return Resource(resource_id, workspace_id, name, description, created_at, _version(version))


async def resource(db: AsyncSession, resource_id: int) -> Resource | None:
    """The resource of that id."""
    row = (await db.execute(_RESOURCES.where(ResourceRow.id == resource_id))).one_or_none()
    return _resource(row) if row else None


async def resource_for_update(db: AsyncSession, resource_id: int) -> Resource | None:
    """The resource of that id; locked until the transaction ends, so that versions get their numbers in order."""
    lock = select(ResourceRow.id).where(ResourceRow.id == resource_id).with_for_update()
    return await resource(db, resource_id) if await db.scalar(lock) is not None else None


async def resource_named(db: AsyncSession, workspace_id: int, name: str) -> Resource | None:
    """The workspace's resource of that name."""
    query = _RESOURCES.where(ResourceRow.workspace_id == workspace_id, ResourceRow.name == name)
    row = (await db.execute(query)).one_or_none()
    return _resource(row) if row else None


async def resources_after(db: AsyncSession, workspace_id: int, after: int | None, limit: int) -> list[Resource]:
    """The workspace's resources by id, those after the row `after`."""
    query = _RESOURCES.where(ResourceRow.workspace_id == workspace_id).order_by(ResourceRow.id).limit(limit)
    if after is not None:
        query = query.where(ResourceRow.id > after)
    return [_resource(row) for row in await db.execute(query)]


async def resources_named(db: AsyncSession, workspace_id: int, names: Collection[str]) -> list[Resource]:
    """Those of the workspace's resources that have one of these names."""
    query = _RESOURCES.where(ResourceRow.workspace_id == workspace_id, ResourceRow.name.in_(names))
    return [_resource(row) for row in await db.execute(query)]


async def names(db: AsyncSession, workspace_id: int) -> list[str]:
    """The names of the workspace's resources."""
    query = select(ResourceRow.name).where(ResourceRow.workspace_id == workspace_id).order_by(ResourceRow.id)
    return list(await db.scalars(query))


async def version(db: AsyncSession, resource_id: int, number: int) -> Version | None:
    """The version of that number."""
    query = select(*VERSION).where(ResourceVersionRow.resource_id == resource_id, ResourceVersionRow.number == number)
    row = (await db.execute(query)).one_or_none()
    return _version(row) if row else None


async def versions_before(db: AsyncSession, resource_id: int, before: int | None, limit: int) -> list[Version]:
    """The resource's versions, newest first, those with a number below `before`."""
    query = select(*VERSION).where(ResourceVersionRow.resource_id == resource_id)
    if before is not None:
        query = query.where(ResourceVersionRow.number < before)
    return [_version(row) for row in await db.execute(query.order_by(ResourceVersionRow.number.desc()).limit(limit))]


async def add_resource(db: AsyncSession, workspace_id: int, name: str, description: str) -> int:
    """Write a resource without a version yet; its new id.

    Raises: sqlalchemy.exc.IntegrityError when the name is taken.
    """
    row = insert(ResourceRow).values(
        workspace_id=workspace_id, name=name, description=description, version=0, created_at=database_time()
    )
    return (await db.execute(row.returning(ResourceRow.id))).scalar_one()


async def add_version(
    db: AsyncSession, resource_id: int, number: int, new: NewVersion, by: int | None, by_name: str
) -> None:
    """Write a version and make it the newest."""
    row = insert(ResourceVersionRow).values(
        resource_id=resource_id,
        number=number,
        blob=new.content.blob,
        sha256=new.content.sha256,
        size_bytes=new.content.size_bytes,
        is_text=new.content.is_text,
        comment=new.comment,
        created_by=by,
        created_by_name=by_name,
        created_at=database_time(),
    )
    await db.execute(row)
    await db.execute(update(ResourceRow).where(ResourceRow.id == resource_id).values(version=number))


async def change_resource(db: AsyncSession, resource_id: int, name: str, description: str) -> None:
    """Overwrite what people call a resource.

    Raises: sqlalchemy.exc.IntegrityError when the name is taken.
    """
    change = update(ResourceRow).where(ResourceRow.id == resource_id)
    await db.execute(change.values(name=name, description=description))


async def remove_resource(db: AsyncSession, resource_id: int) -> None:
    """Remove a resource and its versions. Their bytes stay: runs under way may still read them."""
    await db.execute(delete(ResourceVersionRow).where(ResourceVersionRow.resource_id == resource_id))
    await db.execute(delete(ResourceRow).where(ResourceRow.id == resource_id))
