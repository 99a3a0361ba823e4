"""Who may do what with the files of a workspace: the levels that groups have on it."""

from __future__ import annotations

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.chains.actions import resources as uses
from onecloud.infra.blobs import Blobs
from onecloud.infra.http import Ground
from onecloud.kernel.errors import Forbidden, NotFound
from onecloud.kernel.permission import Level, Place
from onecloud.kernel.principal import Principal
from onecloud.resources import actions
from onecloud.resources.incoming import receive
from onecloud.resources.model import Content, NewVersion, Resource
from onecloud.workspaces import actions as workspaces
from onecloud.workspaces.model import WorkspaceFields


async def kept(ground: Ground, workspace_id: int, data: bytes) -> Content:
    async def coming():
        yield data

    return await receive(coming(), Blobs(ground.settings.blobs_folder), workspace_id)


async def furnished(ground: Ground) -> tuple[Resource, Content]:
    async with ground.database.transaction() as db:
        workspace = await workspaces.create_workspace(db, None, WorkspaceFields("Finance"))
        content = await kept(ground, workspace.id, b"one")
        resource = await actions.add(db, None, workspace.id, "a.txt", NewVersion(content))
    return resource, await kept(ground, workspace.id, b"two")


def person(workspace_id: int, level: Level | None) -> Principal:
    grants = {} if level is None else {Place(workspace_id): level}
    return Principal(7, "bob@example.com", "Bob", is_admin=False, via="session", grants=grants)


NEEDED = {
    "get": Level.READ,
    "list": Level.READ,
    "change": Level.WRITE,
    "revert": Level.WRITE,
    "rename": Level.WRITE,
    "add": Level.CREATE,
    "delete": Level.CREATE,
}


async def use(ground: Ground, what: str, caller: Principal, resource: Resource, content: Content) -> None:
    """Do it, and then as if nothing had happened."""
    new = NewVersion(content)
    async with ground.database.writer.begin() as connection, AsyncSession(connection) as db:
        match what:
            case "get":
                await actions.get(db, caller, resource.id)
            case "list":
                await actions.list_resources(db, caller, resource.workspace_id, None, 10)
            case "change":
                await actions.change_content(db, caller, resource.id, new)
            case "revert":
                await actions.change_content(db, None, resource.id, new)
                await actions.revert(db, caller, resource.id, 1)
            case "rename":
                await uses.change_resource(db, caller, resource.id, "b.txt", None)
            case "add":
                await actions.add(db, caller, resource.workspace_id, "b.txt", new)
            case _:
                await uses.remove_resource(db, caller, resource.id)
        await db.rollback()


@pytest.mark.parametrize("level", [None, Level.READ, Level.EXECUTE, Level.WRITE, Level.CREATE])
async def test_each_use_of_a_file_needs_its_level(ground: Ground, level: Level | None) -> None:
    resource, content = await furnished(ground)
    caller = person(resource.workspace_id, level)
    for what, needed in NEEDED.items():
        if level is not None and level >= needed:
            await use(ground, what, caller, resource, content)
            continue
        with pytest.raises(NotFound if level is None else Forbidden):
            await use(ground, what, caller, resource, content)
