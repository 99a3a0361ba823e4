"""Folders of templates. One is called Default and is always there."""

from __future__ import annotations

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.activity import actions as activity
from onecloud.chain_templates import store
from onecloud.chain_templates.actions import rights
from onecloud.chain_templates.model import DEFAULT_FOLDER, Folder
from onecloud.kernel.errors import Conflict, Invalid, NotFound
from onecloud.kernel.principal import Principal
from onecloud.workspaces.rules import name_problems


async def list_folders(db: AsyncSession, after: int | None, limit: int) -> tuple[list[Folder], int | None]:
    """A page of folders by id, and the id that the next page starts after."""
    found = await store.folders_after(db, after, limit + 1)
    return found[:limit], found[limit - 1].id if len(found) > limit else None


async def get_folder(db: AsyncSession, folder_id: int) -> Folder:
    """The folder of that id.

    Raises: NotFound.
    """
    found = await store.folder(db, folder_id)
    if found is None:
        raise NotFound("template.folder_not_found", f"There is no folder {folder_id}.")
    return found


async def add_folder(db: AsyncSession, caller: Principal | None, name: str) -> Folder:
    """Make a folder.

    Raises: Forbidden; Invalid; Conflict when the name is taken.
    """
    rights.to_keep(caller)
    _check(name)
    folder_id, made = await store.ensure_folder(db, name)
    if not made:
        raise _taken(name)
    await _tell(db, "chain_template_folder.create", caller, folder_id, name)
    return await get_folder(db, folder_id)


async def rename_folder(db: AsyncSession, caller: Principal | None, folder_id: int, name: str) -> Folder:
    """Give a folder another name.

    Raises: Forbidden; NotFound; Invalid; Conflict when the name is taken, or the folder is Default.
    """
    rights.to_keep(caller)
    folder = _own(await get_folder(db, folder_id))
    _check(name)
    try:
        await store.rename_folder(db, folder_id, name)
    except IntegrityError as error:
        raise _taken(name) from error
    await _tell(db, "chain_template_folder.rename", caller, folder_id, folder.name)
    return await get_folder(db, folder_id)


async def remove_folder(db: AsyncSession, caller: Principal | None, folder_id: int) -> None:
    """Take an empty folder away.

    Raises: Forbidden; NotFound; Conflict when templates are in it, or the folder is Default.
    """
    rights.to_keep(caller)
    folder = _own(await get_folder(db, folder_id))
    if folder.templates_count:
        count = "a template" if folder.templates_count == 1 else f"{folder.templates_count} templates"
        message = f"There is {count} in the folder `{folder.name}`; move or delete what is in it first."
        raise Conflict("template.folder_not_empty", message)
    await store.remove_folder(db, folder_id)
    await _tell(db, "chain_template_folder.delete", caller, folder_id, folder.name)


def _own(folder: Folder) -> Folder:
    if folder.name == DEFAULT_FOLDER:
        raise Conflict("template.folder_default", f"The folder {DEFAULT_FOLDER} is always there, under this name.")
    return folder


def _check(name: str) -> None:
    if problems := name_problems(name, "name"):
        sentence = f"The folder cannot be saved: {problems[0].sentence()}"
        raise Invalid("template.folder_invalid", sentence, problems=tuple(problems))


def _taken(name: str) -> Conflict:
    return Conflict("template.folder_taken", f"There is a folder `{name}` already; choose another name.")


async def _tell(db: AsyncSession, key: str, caller: Principal | None, folder_id: int, name: str) -> None:
    await activity.record(
        db,
        key=key,
        owner=caller,
        trackable_type="ChainTemplateFolder",
        trackable_id=str(folder_id),
        parameters={"name": name},
    )
