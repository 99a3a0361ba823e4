"""Make a workspace as its document has it: nothing is removed, and what is the same already is not written."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import field as dataclass_field

from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.connections import actions
from onecloud.connections.document import ConnectionPart, VariablePart, WorkspaceDocument, invalid
from onecloud.connections.model import ConnectionFields
from onecloud.infra.crypto import Keyring
from onecloud.kernel.errors import Invalid, NotFound, Problem
from onecloud.kernel.principal import Principal
from onecloud.variables import actions as variables
from onecloud.variables.language import near
from onecloud.variables.model import VariableFields
from onecloud.workspaces import actions as workspaces
from onecloud.workspaces.model import Environment, EnvironmentFields, Workspace, WorkspaceFields
from onecloud.workspaces.rules import check_workspace


@dataclass(slots=True)
class AppliedWorkspace:
    """The workspace after applying. `changes` names what had to be made or changed, such as `environments.DEV`."""

    workspace: Workspace
    environments: list[Environment]
    changes: list[str] = dataclass_field(default_factory=list[str])


async def apply(
    db: AsyncSession, keys: Keyring, owner: Principal | None, document: WorkspaceDocument
) -> AppliedWorkspace:
    """Make or change the workspace of the document's name; what the document does not name stays as it is.

    Raises: Forbidden; Invalid with every problem of the first part that has any, its `where` within the document.
    """
    applied = await _workspace(db, owner, document)
    await _environments(db, owner, document, applied)
    places = {environment.name: environment.id for environment in applied.environments}
    for index, variable in enumerate(document.variables):
        with _within(f"variables[{index}]"):
            fields = _variable_fields(variable, places)
            if await variables.put_variable(db, keys, owner, applied.workspace.id, fields):
                applied.changes.append(f"variables.{variable.key}")
    for index, connection in enumerate(document.connections):
        with _within(f"connections[{index}]"):
            fields = _connection_fields(connection, places)
            if await actions.put_connection(db, keys, owner, applied.workspace.id, fields):
                applied.changes.append(f"connections.{connection.name}")
    return applied


async def _workspace(db: AsyncSession, owner: Principal | None, document: WorkspaceDocument) -> AppliedWorkspace:
    fields = WorkspaceFields(document.name, document.description, document.external_id)
    check_workspace(fields)
    try:
        before = await workspaces.find_workspace(db, document.name)
    except NotFound:
        return AppliedWorkspace(await workspaces.create_workspace(db, owner, fields), [], ["workspace"])
    after = await workspaces.change_workspace(db, owner, before, fields)
    environments = await workspaces.list_environments(db, after.id)
    return AppliedWorkspace(after, environments, [] if after == before else ["workspace"])


async def _environments(
    db: AsyncSession, owner: Principal | None, document: WorkspaceDocument, applied: AppliedWorkspace
) -> None:
    known = {environment.name: environment for environment in applied.environments}
    for index, part in enumerate(document.environments):
        fields = EnvironmentFields(part.name, part.description, part.color)
        before = known.get(part.name)
        with _within(f"environments[{index}]"):
            if before is None:
                after = await workspaces.create_environment(db, owner, applied.workspace.id, fields)
            else:
                after = await workspaces.change_environment(db, owner, before, fields)
        if after != before:
            applied.changes.append(f"environments.{part.name}")
    applied.environments = await workspaces.list_environments(db, applied.workspace.id)


def _variable_fields(part: VariablePart, places: Mapping[str, int]) -> VariableFields:
    return VariableFields(
        key=part.key,
        label=part.label,
        default=part.default,
        encrypted=part.encrypted,
        values={_place(name, "values", places): value for name, value in part.values.items()},
    )


def _connection_fields(part: ConnectionPart, places: Mapping[str, int]) -> ConnectionFields:
    return ConnectionFields(
        name=part.name,
        connector=part.connector,
        description=part.description,
        properties=part.properties,
        secrets=part.secrets,
        environment_ids=frozenset(_place(name, "environments", places) for name in part.environments),
    )


def _place(name: str, where: str, places: Mapping[str, int]) -> int:
    if name not in places:
        raise invalid([Problem(where, f"there is no environment `{name}`.", near(name, places.keys()))])
    return places[name]


@contextmanager
def _within(part: str) -> Generator[None]:
    """Name the part of the document in every problem that leaves the block."""
    try:
        yield
    except Invalid as error:
        problems = error.problems or (Problem("", error.message),)
        placed = [Problem(f"{part}.{p.where}" if p.where else part, p.message, p.mend) for p in problems]
        raise invalid(placed) from error
