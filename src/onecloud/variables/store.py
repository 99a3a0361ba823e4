"""Every query of workspace variables; texts pass sealed or plain as they are stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, Select, and_, bindparam, case, delete, func, insert, null, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.access.store import seen_environments, seen_workspaces
from onecloud.infra.db import database_time, plain
from onecloud.kernel.principal import Principal
from onecloud.variables.model import Shown
from onecloud.variables.tables import EnvironmentValueRow, VariableRow
from onecloud.workspaces import store as workspaces
from onecloud.workspaces.model import Environment, Workspace

_workspace: Final = workspaces.workspaces().subquery("w")
_environment: Final = workspaces.environments().subquery("e")
_own_value: Final = and_(
    EnvironmentValueRow.variable_id == VariableRow.id, EnvironmentValueRow.environment_id == _environment.c.id
)


def _unless_secret(text: ColumnElement[str]) -> ColumnElement[str | None]:
    """The text, or NULL for an encrypted variable: even its sealed form does not leave the database for a list."""
    return case((VariableRow.encrypted, null()), else_=text)


_DEFAULT: Final = _unless_secret(VariableRow.default_value.expression)
_EFFECTIVE: Final[ColumnElement[str]] = func.coalesce(EnvironmentValueRow.value, VariableRow.default_value)

# One SELECT each: lists with their variables must not ask once per row.
_WITH_VARIABLES: Final[Select[*tuple[Any, ...]]] = (
    select(
        _workspace,
        VariableRow.key,
        VariableRow.label,
        _DEFAULT.label("default"),
        _DEFAULT.label("value"),
        VariableRow.encrypted,
    )
    .select_from(_workspace)
    .outerjoin(VariableRow, VariableRow.workspace_id == _workspace.c.id)
    .order_by(_workspace.c.id, VariableRow.id)
)
_ONE_WITH_VARIABLES: Final = _WITH_VARIABLES.where(_workspace.c.id == bindparam("workspace_id"))

_ENVIRONMENTS: Final[Select[*tuple[Any, ...]]] = (
    select(
        _environment,
        VariableRow.key,
        VariableRow.label,
        _DEFAULT.label("default"),
        _unless_secret(_EFFECTIVE).label("value"),
        VariableRow.encrypted,
    )
    .select_from(_workspace)
    .outerjoin(_environment, _environment.c.workspace_id == _workspace.c.id)
    .outerjoin(VariableRow, VariableRow.workspace_id == _workspace.c.id)
    .outerjoin(EnvironmentValueRow, _own_value)
    .where(_workspace.c.id == bindparam("workspace_id"))
    .order_by(_environment.c.position, _environment.c.id, VariableRow.id)
)
_ONE_ENVIRONMENT: Final = _ENVIRONMENTS.where(_environment.c.id == bindparam("environment_id"))

_VALUES: Final = (
    select(VariableRow.key, VariableRow.encrypted, _EFFECTIVE)
    .select_from(_environment)
    .join(VariableRow, VariableRow.workspace_id == _environment.c.workspace_id)
    .outerjoin(EnvironmentValueRow, _own_value)
    .where(_environment.c.id == bindparam("environment_id"))
    .order_by(VariableRow.id)
)

_SHOWN_WIDTH: Final = 5


def _shown(row: Row[*tuple[Any, ...]]) -> Shown | None:
    key, label, default, value, encrypted = row[-_SHOWN_WIDTH:]
    return None if key is None else Shown(key, label, default or "", value, encrypted)


async def workspaces_with_variables(
    db: AsyncSession, caller: Principal | None, workspace_id: int | None
) -> list[tuple[Workspace, list[Shown]]]:
    """The workspaces that the caller may see (or the one) with their variables, in order of making."""
    if workspace_id is None:
        seen = seen_workspaces(caller, workspace_id=_workspace.c.id)
        rows = await plain(db, _WITH_VARIABLES if seen is None else _WITH_VARIABLES.where(seen))
    else:
        rows = await plain(db, _ONE_WITH_VARIABLES, {"workspace_id": workspace_id})
    found: dict[int, tuple[Workspace, list[Shown]]] = {}
    for row in rows:
        if row[0] not in found:
            found[row[0]] = (Workspace(*row[:-_SHOWN_WIDTH]), [])
        if (variable := _shown(row)) is not None:
            found[row[0]][1].append(variable)
    return list(found.values())


async def environments_with_variables(
    db: AsyncSession, caller: Principal | None, workspace_id: int, environment_id: int | None
) -> list[tuple[Environment, list[Shown]]] | None:
    """The environments that the caller may see (or the one) of a workspace with its variables' values there.

    None without the workspace.
    """
    if environment_id is None:
        seen = seen_environments(caller, workspace_id=_workspace.c.id, environment_id=_environment.c.id)
        query = _ENVIRONMENTS if seen is None else _ENVIRONMENTS.where(seen)
        rows = (await plain(db, query, {"workspace_id": workspace_id})).all()
    else:
        both = {"workspace_id": workspace_id, "environment_id": environment_id}
        rows = (await plain(db, _ONE_ENVIRONMENT, both)).all()
    if not rows:
        return None
    found: dict[int, tuple[Environment, list[Shown]]] = {}
    for row in rows:
        if row[0] is None:  # the outer join's row of a workspace without environments
            continue
        if row[0] not in found:
            found[row[0]] = (Environment(*row[:-_SHOWN_WIDTH]), [])
        if (variable := _shown(row)) is not None:
            found[row[0]][1].append(variable)
    return list(found.values())


async def values_in(db: AsyncSession, environment_id: int) -> Sequence[tuple[str, bool, str]]:
    """Key, whether it is encrypted, and text as stored, of every variable as it is in the environment."""
    rows = await plain(db, _VALUES, {"environment_id": environment_id})
    return [(row[0], row[1], row[2]) for row in rows]


async def variable_for_update(db: AsyncSession, workspace_id: int, key: str) -> tuple[int, str, bool, str] | None:
    """Id, label, encrypted and default text as stored; locked until the transaction ends."""
    query = select(VariableRow).where(VariableRow.workspace_id == workspace_id, VariableRow.key == key)
    row = (await db.scalars(query.with_for_update())).one_or_none()
    return (row.id, row.label, row.encrypted, row.default_value) if row else None


async def own_values(db: AsyncSession, variable_id: int) -> dict[int, str]:
    """The variable's own texts as stored, by environment id."""
    query = select(EnvironmentValueRow.environment_id, EnvironmentValueRow.value)
    rows = await db.execute(query.where(EnvironmentValueRow.variable_id == variable_id))
    return {row[0]: row[1] for row in rows}


async def add_variable(
    db: AsyncSession, workspace_id: int, *, key: str, label: str, encrypted: bool, default: str
) -> int:
    """Write a variable; its new id.

    Raises: sqlalchemy.exc.IntegrityError when the key is taken.
    """
    row = insert(VariableRow).values(
        workspace_id=workspace_id,
        key=key,
        label=label,
        encrypted=encrypted,
        default_value=default,
        created_at=database_time(),
        updated_at=database_time(),
    )
    return (await db.execute(row.returning(VariableRow.id))).scalar_one()


async def change_variable(db: AsyncSession, variable_id: int, *, label: str, encrypted: bool, default: str) -> None:
    """Overwrite a variable but for its key."""
    await db.execute(
        update(VariableRow)
        .where(VariableRow.id == variable_id)
        .values(label=label, encrypted=encrypted, default_value=default, updated_at=database_time())
    )


async def set_own_values(db: AsyncSession, variable_id: int, values: Mapping[int, str]) -> None:
    """Make these the variable's own texts, by environment id; others are removed."""
    await db.execute(delete(EnvironmentValueRow).where(EnvironmentValueRow.variable_id == variable_id))
    if values:
        await db.execute(
            insert(EnvironmentValueRow).values(
                [
                    {
                        "variable_id": variable_id,
                        "environment_id": environment_id,
                        "value": value,
                        "updated_at": database_time(),
                    }
                    for environment_id, value in values.items()
                ]
            )
        )
