"""Keeping the files of workspaces: add, change, read, go back. What needs to know their users is in `chains/`.

`caller` None is the operator at the command line, who may do everything.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.activity import actions as activity
from onecloud.connector.context import FileRef
from onecloud.kernel.errors import Conflict, NotFound
from onecloud.kernel.jsonvalue import Json
from onecloud.kernel.permission import Level
from onecloud.kernel.principal import Principal
from onecloud.resources import rules, store
from onecloud.resources.model import NewVersion, Resource, Version
from onecloud.variables.language import near
from onecloud.workspaces import actions as workspaces
from onecloud.workspaces.permits import permit_workspace


async def get(db: AsyncSession, caller: Principal | None, resource_id: int, needed: Level = Level.READ) -> Resource:
    """The resource of that id, for somebody who has the level on its workspace.

    Raises: NotFound when there is none, or they may not read it; Forbidden `permission.needed`.
    """
    return _permitted(caller, needed, resource_id, await store.resource(db, resource_id))


async def locked(db: AsyncSession, caller: Principal | None, resource_id: int, needed: Level) -> Resource:
    """As `get`, and locked until the transaction ends."""
    return _permitted(caller, needed, resource_id, await store.resource_for_update(db, resource_id))


def _permitted(caller: Principal | None, needed: Level, resource_id: int, found: Resource | None) -> Resource:
    missing = not_found(resource_id)
    if found is None:
        raise missing
    permit_workspace(caller, needed, found.workspace_id, hidden=missing)
    return found


async def find(db: AsyncSession, caller: Principal | None, workspace_id: int, name: str) -> Resource:
    """The workspace's resource of that name.

    Raises: NotFound with the names that look like it.
    """
    permit_workspace(caller, Level.READ, workspace_id)
    found = await store.resource_named(db, workspace_id, name)
    if found is None:
        there_are = near(name, await store.names(db, workspace_id))
        raise NotFound("resource.not_found", f"The workspace has no resource `{name}`. {there_are}")
    return found


async def list_resources(
    db: AsyncSession, caller: Principal | None, workspace_id: int, after: int | None, limit: int
) -> tuple[list[Resource], int | None]:
    """A page of the workspace's resources by id, and the id that the next page starts after.

    Raises: NotFound without such a workspace.
    """
    permit_workspace(caller, Level.READ, workspace_id)
    await workspaces.get_workspace(db, workspace_id)
    found = await store.resources_after(db, workspace_id, after, limit + 1)
    return found[:limit], found[limit - 1].id if len(found) > limit else None


async def get_version(db: AsyncSession, resource: Resource, number: int | None) -> Version:
    """One version of a resource; the newest for None.

    Raises: NotFound.
    """
    found = resource.version if number is None else await store.version(db, resource.id, number)
    if found is None:
        raise rules.version_missing(resource, number)
    return found


async def list_versions(
    db: AsyncSession, resource: Resource, before: int | None, limit: int
) -> tuple[list[Version], int | None]:
    """A page of a resource's versions, newest first, and the number that the next page starts below."""
    found = await store.versions_before(db, resource.id, before, limit + 1)
    return found[:limit], found[limit - 1].number if len(found) > limit else None


async def may_add(db: AsyncSession, caller: Principal | None, workspace_id: int, name: str) -> None:
    """Whether a resource of this name could be added: asked before its bytes are taken in.

    Raises: Forbidden; NotFound; Invalid; Conflict when the name is taken.
    """
    permit_workspace(caller, Level.CREATE, workspace_id)
    await workspaces.get_workspace(db, workspace_id)
    rules.check(name)
    if await store.resource_named(db, workspace_id, name) is not None:
        raise _taken(name)


async def add(
    db: AsyncSession,
    caller: Principal | None,
    workspace_id: int,
    name: str,
    new: NewVersion,
    *,
    description: str = "",
) -> Resource:
    """Make a resource with its first version.

    Raises: Forbidden; NotFound without such a workspace; Invalid with every problem; Conflict when the name is taken.
    """
    await may_add(db, caller, workspace_id, name)
    rules.check(name, description, new.comment)
    try:
        resource_id = await store.add_resource(db, workspace_id, name, description)
    except IntegrityError as error:
        raise _taken(name) from error
    await _add_version(db, caller, resource_id, 1, new)
    resource = await get(db, caller, resource_id)
    await tell(db, "workspace_resource.create", caller, resource)
    return resource


async def change_content(
    db: AsyncSession, caller: Principal | None, resource_id: int, new: NewVersion, *, seen: str | None = None
) -> tuple[Resource, bool]:
    """Add a version; the same bytes as the newest change nothing. The second value says whether anything changed.

    `seen` is the tag of the version that the change was made from. Raises: Forbidden; NotFound; Invalid; Stale.
    """
    resource = await locked(db, caller, resource_id, Level.WRITE)
    rules.check_unchanged(resource, seen)
    rules.check(resource.name, comment=new.comment)
    if new.content.sha256 == resource.version.content.sha256:
        return resource, False
    await _add_version(db, caller, resource_id, resource.version.number + 1, new)
    resource = await get(db, caller, resource_id)
    await tell(db, "workspace_resource.update", caller, resource)
    return resource, True


async def put(
    db: AsyncSession, caller: Principal | None, workspace_id: int, name: str, new: NewVersion
) -> tuple[Resource, bool]:
    """The workspace's resource of that name with this content: added, or a version more when it differs.

    Raises: as `add` and `change_content`.
    """
    found = await store.resource_named(db, workspace_id, name)
    if found is None:
        return await add(db, caller, workspace_id, name, new), True
    return await change_content(db, caller, found.id, new)


async def revert(
    db: AsyncSession, caller: Principal | None, resource_id: int, number: int, comment: str = ""
) -> Resource:
    """Add a version with the content of an earlier one; what was there since stays in the list.

    Raises: Forbidden; NotFound; Invalid; Conflict when it is the newest already.
    """
    resource = await locked(db, caller, resource_id, Level.WRITE)
    rules.check(resource.name, comment=comment)
    earlier = await get_version(db, resource, number)
    if earlier.number == resource.version.number:
        raise Conflict("resource.version_in_force", f"Version {number} of `{resource.name}` is the newest already.")
    new = NewVersion(earlier.content, comment or f"Back to version {number}")
    await _add_version(db, caller, resource_id, resource.version.number + 1, new)
    resource = await get(db, caller, resource_id)
    await tell(db, "workspace_resource.revert", caller, resource, {"from_version": number})
    return resource


async def current(db: AsyncSession, workspace_id: int, names: Collection[str]) -> dict[str, Resource]:
    """Those of the named resources that there are, by name, with the version in force."""
    if not names:
        return {}
    return {resource.name: resource for resource in await store.resources_named(db, workspace_id, names)}


def file_ref(resource: Resource, version: Version | None = None) -> FileRef:
    """A version (the newest for None) as commands take files. Its key stays readable after later changes."""
    content = (version or resource.version).content
    return FileRef(
        name=resource.name,
        blob=content.blob,
        size_bytes=content.size_bytes,
        media_type=rules.media_type(resource.name),
    )


async def rename(
    db: AsyncSession, caller: Principal | None, resource: Resource, name: str, description: str
) -> Resource:
    """Overwrite what people call the resource; equal texts change nothing. `chains/` looks at its users and rights.

    Raises: Invalid; Conflict when the name is taken.
    """
    rules.check(name, description)
    if (name, description) == (resource.name, resource.description):
        return resource
    try:
        await store.change_resource(db, resource.id, name, description)
    except IntegrityError as error:
        raise _taken(name) from error
    changed = replace(resource, name=name, description=description)
    await tell(db, "workspace_resource.rename", caller, changed, {"before": resource.name})
    return changed


async def remove(db: AsyncSession, caller: Principal | None, resource: Resource) -> None:
    """Remove the resource with every version. `chains/` looks at its users and rights."""
    await store.remove_resource(db, resource.id)
    await tell(db, "workspace_resource.delete", caller, resource)


async def tell(
    db: AsyncSession,
    key: str,
    caller: Principal | None,
    resource: Resource,
    more: dict[str, Json] | None = None,
) -> None:
    """Record what happened to a resource."""
    await activity.record(
        db,
        key=key,
        owner=caller,
        trackable_type="WorkspaceResource",
        trackable_id=str(resource.id),
        recipient_type="Workspace",
        recipient_id=str(resource.workspace_id),
        parameters={"name": resource.name, "version": resource.version.number, **(more or {})},
    )


def not_found(resource_id: object) -> NotFound:
    """The one sentence for a resource that is not there."""
    return NotFound("resource.not_found", f"There is no resource {resource_id}.")


def _taken(name: str) -> Conflict:
    return Conflict(
        "resource.name_taken", f"The workspace has a resource `{name}` already; give that one a new version."
    )


async def _add_version(
    db: AsyncSession, caller: Principal | None, resource_id: int, number: int, new: NewVersion
) -> None:
    by = caller.user_id if caller is not None and caller.user_id > 0 else None
    by_name = "the command line" if caller is None else caller.name or caller.email
    await store.add_version(db, resource_id, number, new, by, by_name)
