"""Finding, making and changing workspaces and environments.

`owner` is who acts; None is the operator at the command line, who may do everything.
"""

from __future__ import annotations

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.access.permissions import require, require_administrator
from onecloud.activity import actions as activity
from onecloud.kernel.errors import Conflict, NotFound
from onecloud.kernel.permission import Level, Place
from onecloud.kernel.principal import Principal
from onecloud.workspaces import rules, store
from onecloud.workspaces.model import Environment, EnvironmentFields, Workspace, WorkspaceFields


async def get_workspace(db: AsyncSession, workspace_id: int) -> Workspace:
    """The workspace of that id.

    Raises: NotFound.
    """
    found = await store.workspace(db, workspace_id)
    if found is None:
        raise NotFound("workspace.not_found", f"There is no workspace {workspace_id}.")
    return found


async def find_workspace(db: AsyncSession, name: str) -> Workspace:
    """The workspace of that name.

    Raises: NotFound listing the names there are.
    """
    found = await store.workspace_named(db, name)
    if found is None:
        there_are = rules.listed(await store.workspace_names(db))
        raise NotFound("workspace.not_found", f"There is no workspace named `{name}`. {there_are}")
    return found


async def get_environment(db: AsyncSession, environment_id: int) -> Environment:
    """The environment of that id.

    Raises: NotFound.
    """
    found = await store.environment(db, environment_id)
    if found is None:
        raise NotFound("environment.not_found", f"There is no environment {environment_id}.")
    return found


async def get_environment_with_workspace(
    db: AsyncSession, caller: Principal | None, environment_id: int
) -> tuple[Environment, Workspace]:
    """The environment of that id and its workspace, for who may read it or something in it.

    Raises: NotFound.
    """
    found = await store.environment_with_workspace(db, environment_id)
    if found is None:
        raise NotFound("environment.not_found", f"There is no environment {environment_id}.")
    environment, workspace = found
    require(caller, Level.SEE, Place(workspace.id, environment.id))
    return rules.as_seen(caller, environment), workspace


async def find_environment(db: AsyncSession, workspace_name: str, environment_name: str) -> Environment:
    """The environment by the two names.

    Raises: NotFound listing the names there are.
    """
    workspace = await find_workspace(db, workspace_name)
    environments = await store.environments_of(db, None, [workspace.id])
    for environment in environments:
        if environment.name == environment_name:
            return environment
    there_are = rules.listed([environment.name for environment in environments])
    sentence = f"The workspace `{workspace_name}` has no environment named `{environment_name}`. {there_are}"
    raise NotFound("environment.not_found", sentence)


async def list_environments(db: AsyncSession, workspace_id: int) -> list[Environment]:
    """The environments of a workspace in their order; empty for a workspace that is not there."""
    return await store.environments_of(db, None, [workspace_id])


async def list_workspaces(
    db: AsyncSession, caller: Principal | None, after: int | None, limit: int
) -> tuple[list[tuple[Workspace, list[Environment]]], int | None]:
    """A page of workspaces by id, each with its environments, and the id that the next page starts after.

    The caller sees those that they may read, or in which they may read something.
    """
    found = await store.workspaces_after(db, caller, after, limit + 1)
    page = found[:limit]
    environments = await store.environments_of(db, caller, [workspace.id for workspace in page]) if page else []
    grouped: dict[int, list[Environment]] = {workspace.id: [] for workspace in page}
    for environment in environments:
        grouped[environment.workspace_id].append(rules.as_seen(caller, environment))
    return [(workspace, grouped[workspace.id]) for workspace in page], page[-1].id if len(found) > limit else None


async def create_workspace(db: AsyncSession, owner: Principal | None, fields: WorkspaceFields) -> Workspace:
    """Make a workspace without environments.

    Raises: Forbidden; Invalid with every problem; Conflict when the name is taken.
    """
    require_administrator(owner)
    rules.check_workspace(fields)
    await store.ensure_company(db)
    try:
        workspace = await get_workspace(db, await store.add_workspace(db, fields))
    except IntegrityError as error:
        raise _taken("workspace", fields.name) from error
    await activity.record(
        db, key="workspace.create", owner=owner, trackable_type="Workspace", trackable_id=str(workspace.id)
    )
    return workspace


async def change_workspace(
    db: AsyncSession, owner: Principal | None, workspace: Workspace, fields: WorkspaceFields
) -> Workspace:
    """Overwrite the workspace's fields; equal fields change and record nothing.

    Raises: Forbidden; Invalid with every problem; Conflict when the name is taken.
    """
    require(owner, Level.WRITE, Place(workspace.id))
    if fields == WorkspaceFields(workspace.name, workspace.description, workspace.external_id):
        return workspace
    rules.check_workspace(fields)
    try:
        await store.change_workspace(db, workspace.id, fields)
    except IntegrityError as error:
        raise _taken("workspace", fields.name) from error
    await activity.record(
        db, key="workspace.update", owner=owner, trackable_type="Workspace", trackable_id=str(workspace.id)
    )
    return await get_workspace(db, workspace.id)


async def create_environment(
    db: AsyncSession, owner: Principal | None, workspace_id: int, fields: EnvironmentFields
) -> Environment:
    """Make an environment behind the workspace's last one.

    Raises: Forbidden; NotFound; Invalid with every problem; Conflict when the name is taken in the workspace.
    """
    workspace = await get_workspace(db, workspace_id)
    require(owner, Level.CREATE, Place(workspace_id))
    position = await store.next_position(db, workspace.id)
    rules.check_environment(fields)
    colored = EnvironmentFields(fields.name, fields.description, fields.color or rules.color_at(position))
    try:
        environment = await get_environment(db, await store.add_environment(db, workspace.id, colored, position))
    except IntegrityError as error:
        raise _taken("environment", fields.name) from error
    await _tell_environment(db, "environment.create", owner, environment)
    return environment


async def change_environment(
    db: AsyncSession, owner: Principal | None, environment: Environment, fields: EnvironmentFields
) -> Environment:
    """Overwrite the environment's fields (an empty color keeps the old); equal fields change and record nothing.

    Raises: Forbidden; Invalid with every problem; Conflict when the name is taken in the workspace.
    """
    require(owner, Level.WRITE, Place(environment.workspace_id, environment.id))
    wanted = EnvironmentFields(fields.name, fields.description, fields.color or environment.color)
    if wanted == EnvironmentFields(environment.name, environment.description, environment.color):
        return environment
    rules.check_environment(wanted)
    try:
        await store.change_environment(db, environment.id, wanted)
    except IntegrityError as error:
        raise _taken("environment", fields.name) from error
    await _tell_environment(db, "environment.update", owner, environment)
    return await get_environment(db, environment.id)


async def chain_added(db: AsyncSession, environment_id: int) -> None:
    """Count one chain more, in the transaction that adds it.

    Raises: NotFound when the environment is gone.
    """
    if not await store.count_chains(db, environment_id, 1):
        raise NotFound("environment.not_found", f"There is no environment {environment_id}.")


async def chain_removed(db: AsyncSession, environment_id: int) -> None:
    """Count one chain less, in the transaction that removes it."""
    await store.count_chains(db, environment_id, -1)


async def _tell_environment(db: AsyncSession, key: str, owner: Principal | None, environment: Environment) -> None:
    await activity.record(
        db,
        key=key,
        owner=owner,
        trackable_type="Environment",
        trackable_id=str(environment.id),
        recipient_type="Workspace",
        recipient_id=str(environment.workspace_id),
    )


def _taken(kind: str, name: str) -> Conflict:
    return Conflict(f"{kind}.name_taken", f"The {kind} name `{name}` is taken; choose another.")
