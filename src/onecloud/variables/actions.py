"""Setting workspace variables, and reading them for lists (masked) and for runs (opened)."""

from __future__ import annotations

from typing import Final

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.access.permissions import may_read, require
from onecloud.activity import actions as activity
from onecloud.infra.crypto import Keyring
from onecloud.kernel.errors import Conflict, Invalid, NotFound, Problem
from onecloud.kernel.permission import Level, Place
from onecloud.kernel.principal import Principal
from onecloud.kernel.secret import Secret
from onecloud.variables import store, values
from onecloud.variables.model import Shown, StoredVariable, VariableFields
from onecloud.workspaces import actions as workspaces
from onecloud.workspaces.model import Environment, Workspace
from onecloud.workspaces.permits import permit_workspace
from onecloud.workspaces.rules import as_seen

PURPOSE: Final = "variable"


async def values_for(db: AsyncSession, keys: Keyring, environment_id: int) -> dict[str, str | Secret]:
    """Every variable of the environment's workspace by key, as it is in that environment; encrypted ones as Secret.

    Raises: KeyUnusable when a text was sealed under a key that is gone.
    """
    return {
        key: Secret(keys.unseal(text, PURPOSE)) if encrypted else text
        for key, encrypted, text in await store.values_in(db, environment_id)
    }


async def list_workspaces(db: AsyncSession, caller: Principal | None) -> list[tuple[Workspace, list[Shown]]]:
    """The workspaces that the caller may see, by id, with the variables of those that they may read (defaults)."""
    found = await store.workspaces_with_variables(db, caller, None)
    return [(workspace, shown if may_read(caller, Place(workspace.id)) else []) for workspace, shown in found]


async def get_workspace(db: AsyncSession, caller: Principal | None, workspace_id: int) -> tuple[Workspace, list[Shown]]:
    """One workspace that the caller may see, with its variables if they may read it.

    Raises: NotFound.
    """
    permit_workspace(caller, Level.SEE, workspace_id)
    found = await store.workspaces_with_variables(db, caller, workspace_id)
    if not found:
        raise NotFound("workspace.not_found", f"There is no workspace {workspace_id}.")
    workspace, shown = found[0]
    return workspace, shown if may_read(caller, Place(workspace_id)) else []


async def list_environments(
    db: AsyncSession, caller: Principal | None, workspace_id: int
) -> list[tuple[Environment, list[Shown]]]:
    """The environments of a workspace that the caller may see, in their order, with the variables as they are there.

    Raises: NotFound without such a workspace.
    """
    permit_workspace(caller, Level.SEE, workspace_id)
    found = await store.environments_with_variables(db, caller, workspace_id, None)
    if found is None:
        raise NotFound("workspace.not_found", f"There is no workspace {workspace_id}.")
    return [_as_seen(caller, *one) for one in found]


async def get_environment(
    db: AsyncSession, caller: Principal | None, workspace_id: int, environment_id: int
) -> tuple[Environment, list[Shown]]:
    """One environment of the workspace with the variables as they are there.

    Raises: NotFound, also when the environment is in another workspace.
    """
    sentence = f"There is no environment {environment_id} in a workspace {workspace_id}."
    missing = NotFound("environment.not_found", sentence)
    require(caller, Level.SEE, Place(workspace_id, environment_id), hidden=missing)
    found = await store.environments_with_variables(db, caller, workspace_id, environment_id)
    if not found:
        raise missing
    return _as_seen(caller, *found[0])


def _as_seen(caller: Principal | None, environment: Environment, shown: list[Shown]) -> tuple[Environment, list[Shown]]:
    """Variables are for who may read the environment, not for who only passes through it."""
    readable = may_read(caller, Place(environment.workspace_id, environment.id))
    return as_seen(caller, environment), shown if readable else []


async def put_variable(
    db: AsyncSession, keys: Keyring, owner: Principal | None, workspace_id: int, fields: VariableFields
) -> bool:
    """Make the variable of that key, or change it; False when it was the same already.

    Raises: Forbidden; NotFound without such a workspace; Invalid with every problem; Conflict when another
    writer makes the same key at this moment.
    """
    workspace = await workspaces.get_workspace(db, workspace_id)
    permit_workspace(owner, Level.WRITE, workspace_id)
    values.check(fields)
    before = await _opened(db, keys, workspace_id, fields.key)
    known = {environment.id for environment in await workspaces.list_environments(db, workspace.id)}
    if unknown := sorted(set(fields.values) - known):
        problem = Problem("values", f"There is no environment {unknown[0]} in this workspace.")
        raise Invalid("variable.invalid", problem.message, problems=(problem,))
    after = values.merged(before, fields)
    if after == before:
        return False
    variable_id = await _save(db, keys, workspace_id, after)
    await activity.record(
        db,
        key="workspace_variable.update" if before else "workspace_variable.create",
        owner=owner,
        trackable_type="WorkspaceVariable",
        trackable_id=str(variable_id),
        recipient_type="Workspace",
        recipient_id=str(workspace_id),
        parameters={"key": fields.key, "encrypted": fields.encrypted},
    )
    return True


async def _opened(db: AsyncSession, keys: Keyring, workspace_id: int, key: str) -> StoredVariable | None:
    found = await store.variable_for_update(db, workspace_id, key)
    if found is None:
        return None
    variable_id, label, encrypted, default = found
    own = await store.own_values(db, variable_id)
    if encrypted:
        default = keys.unseal(default, PURPOSE)
        own = {environment_id: keys.unseal(text, PURPOSE) for environment_id, text in own.items()}
    return StoredVariable(variable_id, key, label, encrypted, default, own)


async def _save(db: AsyncSession, keys: Keyring, workspace_id: int, variable: StoredVariable) -> int:
    def stored(text: str) -> str:
        return keys.seal(text, PURPOSE) if variable.encrypted else text

    label, encrypted, default = variable.label, variable.encrypted, stored(variable.default)
    variable_id = variable.id
    if variable_id:
        await store.change_variable(db, variable_id, label=label, encrypted=encrypted, default=default)
    else:
        try:
            variable_id = await store.add_variable(
                db, workspace_id, key=variable.key, label=label, encrypted=encrypted, default=default
            )
        except IntegrityError as error:
            sentence = f"The variable `{variable.key}` was just made by somebody else; try again."
            raise Conflict("variable.key_taken", sentence) from error
    own = {environment_id: stored(text) for environment_id, text in variable.values.items()}
    await store.set_own_values(db, variable_id, own)
    return variable_id
