"""Every query of templates, their folders and versions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Select, and_, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.chain_templates.document import decode, encode
from onecloud.chain_templates.model import Content, Folder, Template, TemplateVersion
from onecloud.chain_templates.tables import FolderRow, TemplateRow, TemplateVersionRow
from onecloud.infra.db import database_time

_PUBLISHED: Final = and_(
    TemplateVersionRow.template_id == TemplateRow.id, TemplateVersionRow.number == TemplateRow.published_version
)
# The columns stand in the order of the value's fields.
_TEMPLATES: Final[Select[*tuple[Any, ...]]] = (
    select(
        TemplateRow.id,
        TemplateRow.folder_id,
        FolderRow.name,
        TemplateRow.name,
        TemplateRow.description,
        TemplateRow.revision,
        TemplateRow.published_version,
        func.coalesce(TemplateVersionRow.content, "") != TemplateRow.draft,
        TemplateRow.created_at,
        TemplateRow.updated_at,
    )
    .join(FolderRow, FolderRow.id == TemplateRow.folder_id)
    .outerjoin(TemplateVersionRow, _PUBLISHED)
)


def _template(row: Sequence[Any]) -> Template:
    template_id, folder_id, folder, name, description, revision, published, changed, created_at, updated_at = row
    return Template(
        template_id, folder_id, folder, name, description, revision, published, bool(changed), created_at, updated_at
    )


async def folders_after(db: AsyncSession, after: int | None, limit: int) -> list[Folder]:
    """Folders by id, those after the row `after`."""
    count = func.count(TemplateRow.id)
    query = select(FolderRow.id, FolderRow.name, count).outerjoin(TemplateRow, TemplateRow.folder_id == FolderRow.id)
    if after is not None:
        query = query.where(FolderRow.id > after)
    rows = await db.execute(query.group_by(FolderRow.id, FolderRow.name).order_by(FolderRow.id).limit(limit))
    return [Folder(*row) for row in rows]


async def folder(db: AsyncSession, folder_id: int) -> Folder | None:
    """The folder of that id."""
    found = await folders_after(db, folder_id - 1, 1)
    return found[0] if found and found[0].id == folder_id else None


async def ensure_folder(db: AsyncSession, name: str) -> tuple[int, bool]:
    """Id of the folder of that name, and whether it had to be made; also when two make it at the same moment."""
    add = sqlite_insert if db.get_bind().dialect.name == "sqlite" else postgres_insert
    row = add(FolderRow).values(name=name, created_at=database_time()).on_conflict_do_nothing()
    made = (await db.execute(row.returning(FolderRow.id))).scalar_one_or_none()
    if made is not None:
        return made, True
    return (await db.execute(select(FolderRow.id).where(FolderRow.name == name))).scalar_one(), False


async def rename_folder(db: AsyncSession, folder_id: int, name: str) -> None:
    """Give the folder another name.

    Raises: sqlalchemy.exc.IntegrityError when it is taken.
    """
    await db.execute(update(FolderRow).where(FolderRow.id == folder_id).values(name=name))


async def remove_folder(db: AsyncSession, folder_id: int) -> None:
    """Remove an empty folder.

    Raises: sqlalchemy.exc.IntegrityError when templates are in it.
    """
    await db.execute(delete(FolderRow).where(FolderRow.id == folder_id))


async def template(db: AsyncSession, template_id: int) -> Template | None:
    """The template of that id."""
    row = (await db.execute(_TEMPLATES.where(TemplateRow.id == template_id))).one_or_none()
    return _template(row) if row else None


async def template_for_update(db: AsyncSession, template_id: int) -> Template | None:
    """The template of that id, locked until the transaction ends."""
    lock = select(TemplateRow.id).where(TemplateRow.id == template_id).with_for_update()
    return await template(db, template_id) if await db.scalar(lock) is not None else None


async def template_named(db: AsyncSession, folder: str, name: str) -> Template | None:
    """The template of that name in the folder."""
    row = (await db.execute(_TEMPLATES.where(FolderRow.name == folder, TemplateRow.name == name))).one_or_none()
    return _template(row) if row else None


async def templates_after(db: AsyncSession, folder_id: int | None, after: int | None, limit: int) -> list[Template]:
    """Templates (of one folder) by id, those after the row `after`."""
    query = _TEMPLATES.order_by(TemplateRow.id).limit(limit)
    if folder_id is not None:
        query = query.where(TemplateRow.folder_id == folder_id)
    if after is not None:
        query = query.where(TemplateRow.id > after)
    return [_template(row) for row in await db.execute(query)]


async def draft(db: AsyncSession, template_id: int) -> Content:
    """The draft of a template that is there."""
    return decode((await db.execute(select(TemplateRow.draft).where(TemplateRow.id == template_id))).scalar_one())


async def add_template(db: AsyncSession, folder_id: int, name: str, description: str, content: Content) -> int:
    """Write a template with its draft; its new id.

    Raises: sqlalchemy.exc.IntegrityError when the name is taken in the folder.
    """
    row = insert(TemplateRow).values(
        folder_id=folder_id,
        name=name,
        description=description,
        draft=encode(content),
        revision=1,
        created_at=database_time(),
        updated_at=database_time(),
    )
    return (await db.execute(row.returning(TemplateRow.id))).scalar_one()


async def save_draft(
    db: AsyncSession, template_id: int, folder_id: int, name: str, description: str, content: Content
) -> None:
    """Overwrite a template's names and draft; its revision is one more.

    Raises: sqlalchemy.exc.IntegrityError when the name is taken in the folder.
    """
    await db.execute(
        update(TemplateRow)
        .where(TemplateRow.id == template_id)
        .values(
            folder_id=folder_id,
            name=name,
            description=description,
            draft=encode(content),
            revision=TemplateRow.revision + 1,
            updated_at=database_time(),
        )
    )


async def publish(db: AsyncSession, template_id: int, content: Content, comment: str, by: str) -> int:
    """Write the next version and make it the published one; its number."""
    last = select(func.coalesce(func.max(TemplateVersionRow.number), 0)).where(
        TemplateVersionRow.template_id == template_id
    )
    number = (await db.execute(last)).scalar_one() + 1
    row = insert(TemplateVersionRow).values(
        template_id=template_id,
        number=number,
        content=encode(content),
        comment=comment,
        published_at=database_time(),
        published_by=by,
    )
    await db.execute(row)
    await db.execute(update(TemplateRow).where(TemplateRow.id == template_id).values(published_version=number))
    return number


async def version(db: AsyncSession, template_id: int, number: int) -> TemplateVersion | None:
    """The version of that number."""
    found = await versions_before(db, template_id, number + 1, 1)
    return found[0] if found and found[0].number == number else None


async def versions_before(db: AsyncSession, template_id: int, before: int | None, limit: int) -> list[TemplateVersion]:
    """A template's versions, newest first, those with a number below `before`."""
    query = select(TemplateVersionRow).where(TemplateVersionRow.template_id == template_id)
    if before is not None:
        query = query.where(TemplateVersionRow.number < before)
    rows = await db.scalars(query.order_by(TemplateVersionRow.number.desc()).limit(limit))
    return [TemplateVersion(r.number, decode(r.content), r.comment, r.published_at, r.published_by) for r in rows]


async def remove_template(db: AsyncSession, template_id: int) -> None:
    """Remove a template with its versions; chains made of it are chains like any other."""
    await db.execute(delete(TemplateVersionRow).where(TemplateVersionRow.template_id == template_id))
    await db.execute(delete(TemplateRow).where(TemplateRow.id == template_id))
