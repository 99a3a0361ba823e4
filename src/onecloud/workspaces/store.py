"""Every query of workspaces and environments, and the two SELECTs that rooms above join with."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Final

from sqlalchemy import Row, Select, bindparam, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.access.store import seen_environments, seen_workspaces
from onecloud.infra.db import database_time, plain
from onecloud.kernel.principal import Principal
from onecloud.workspaces.model import COMPANY_ID, Environment, EnvironmentFields, Workspace, WorkspaceFields
from onecloud.workspaces.tables import CompanyRow, EnvironmentRow, WorkspaceRow

# The columns stand in the order of the value's fields, so that a row's slice makes the value.
WORKSPACE: Final[tuple[Any, ...]] = (
    WorkspaceRow.id,
    WorkspaceRow.company_id,
    WorkspaceRow.external_id,
    WorkspaceRow.name,
    WorkspaceRow.description,
    WorkspaceRow.created_at,
    WorkspaceRow.updated_at,
)
ENVIRONMENT: Final[tuple[Any, ...]] = (
    EnvironmentRow.id,
    EnvironmentRow.workspace_id,
    EnvironmentRow.name,
    EnvironmentRow.description,
    EnvironmentRow.position,
    EnvironmentRow.color,
    EnvironmentRow.chains_count,
    EnvironmentRow.created_at,
    EnvironmentRow.updated_at,
)
IN_ORDER: Final = (EnvironmentRow.workspace_id, EnvironmentRow.position, EnvironmentRow.id)


def workspaces() -> Select[*tuple[Any, ...]]:
    """Every workspace; columns as the fields of `Workspace`. For joins of the rooms above."""
    return select(*WORKSPACE)


def environments() -> Select[*tuple[Any, ...]]:
    """Every environment; columns as the fields of `Environment`. For joins of the rooms above."""
    return select(*ENVIRONMENT)


def workspace_from(row: Row[*tuple[Any, ...]]) -> Workspace:
    """The value of a row of `workspaces()`."""
    return Workspace(*row)


def environment_from(row: Row[*tuple[Any, ...]]) -> Environment:
    """The value of a row of `environments()`."""
    return Environment(*row)


_WORKSPACE_BY_ID: Final = workspaces().where(WorkspaceRow.id == bindparam("id"))
_ENVIRONMENT_BY_ID: Final = environments().where(EnvironmentRow.id == bindparam("id"))
_WORKSPACE_OF: Final = select(EnvironmentRow.workspace_id).where(EnvironmentRow.id == bindparam("id"))
_ENVIRONMENT_WITH_WORKSPACE: Final = (
    select(*ENVIRONMENT, *WORKSPACE)
    .join(WorkspaceRow, WorkspaceRow.id == EnvironmentRow.workspace_id)
    .where(EnvironmentRow.id == bindparam("id"))
)


async def workspace(db: AsyncSession, workspace_id: int) -> Workspace | None:
    """The workspace of that id."""
    row = (await plain(db, _WORKSPACE_BY_ID, {"id": workspace_id})).one_or_none()
    return workspace_from(row) if row else None


async def workspace_named(db: AsyncSession, name: str) -> Workspace | None:
    """The workspace of that name."""
    query = workspaces().where(WorkspaceRow.company_id == COMPANY_ID, WorkspaceRow.name == name)
    row = (await db.execute(query)).one_or_none()
    return workspace_from(row) if row else None


async def workspace_names(db: AsyncSession) -> list[str]:
    """The names of all workspaces."""
    return list(await db.scalars(select(WorkspaceRow.name)))


async def workspaces_after(
    db: AsyncSession, caller: Principal | None, after: int | None, limit: int
) -> list[Workspace]:
    """Workspaces that the caller may see by id, those after the row `after`."""
    query = workspaces().order_by(WorkspaceRow.id).limit(limit)
    if (seen := seen_workspaces(caller, workspace_id=WorkspaceRow.id)) is not None:
        query = query.where(seen)
    if after is not None:
        query = query.where(WorkspaceRow.id > after)
    return [workspace_from(row) for row in await db.execute(query)]


async def environment(db: AsyncSession, environment_id: int) -> Environment | None:
    """The environment of that id."""
    row = (await plain(db, _ENVIRONMENT_BY_ID, {"id": environment_id})).one_or_none()
    return environment_from(row) if row else None


async def environment_with_workspace(db: AsyncSession, environment_id: int) -> tuple[Environment, Workspace] | None:
    """The environment of that id and the workspace it is in."""
    row = (await plain(db, _ENVIRONMENT_WITH_WORKSPACE, {"id": environment_id})).one_or_none()
    return (Environment(*row[: len(ENVIRONMENT)]), Workspace(*row[len(ENVIRONMENT) :])) if row else None


async def workspace_of(db: AsyncSession, environment_id: int) -> int | None:
    """The workspace that an environment is in."""
    return await db.scalar(_WORKSPACE_OF, {"id": environment_id})


async def environments_of(
    db: AsyncSession, caller: Principal | None, workspace_ids: Sequence[int]
) -> list[Environment]:
    """The environments of these workspaces that the caller may see, in their order."""
    query = environments().where(EnvironmentRow.workspace_id.in_(workspace_ids)).order_by(*IN_ORDER)
    seen = seen_environments(caller, workspace_id=EnvironmentRow.workspace_id, environment_id=EnvironmentRow.id)
    if seen is not None:
        query = query.where(seen)
    return [environment_from(row) for row in await db.execute(query)]


async def workspace_names_of(db: AsyncSession, workspace_ids: Collection[int]) -> dict[int, str]:
    """The names of these workspaces, of those that there are."""
    rows = await db.execute(select(WorkspaceRow.id, WorkspaceRow.name).where(WorkspaceRow.id.in_(workspace_ids)))
    return {row[0]: row[1] for row in rows}


async def environment_names_of(db: AsyncSession, environment_ids: Collection[int]) -> dict[int, str]:
    """The names of these environments, of those that there are."""
    query = select(EnvironmentRow.id, EnvironmentRow.name).where(EnvironmentRow.id.in_(environment_ids))
    return {row[0]: row[1] for row in await db.execute(query)}


async def workspaces_of(db: AsyncSession, environment_ids: Collection[int]) -> dict[int, int]:
    """The workspace that each of these environments is in, of those that there are."""
    query = select(EnvironmentRow.id, EnvironmentRow.workspace_id).where(EnvironmentRow.id.in_(environment_ids))
    return {row[0]: row[1] for row in await db.execute(query)}


async def next_position(db: AsyncSession, workspace_id: int) -> int:
    """The position behind the last environment."""
    query = select(func.max(EnvironmentRow.position)).where(EnvironmentRow.workspace_id == workspace_id)
    last = await db.scalar(query)
    return 0 if last is None else last + 1


async def ensure_company(db: AsyncSession) -> None:
    """Make the company's row unless it is there; several processes may try at once."""
    if await db.scalar(select(CompanyRow.id).where(CompanyRow.id == COMPANY_ID)):
        return
    on_postgres = db.get_bind().dialect.name == "postgresql"
    row = (postgres_insert if on_postgres else sqlite_insert)(CompanyRow).values(
        id=COMPANY_ID, name="Company", created_at=database_time()
    )
    await db.execute(row.on_conflict_do_nothing())


async def add_workspace(db: AsyncSession, fields: WorkspaceFields) -> int:
    """Write a workspace; its new id.

    Raises: sqlalchemy.exc.IntegrityError when the name is taken.
    """
    row = insert(WorkspaceRow).values(
        company_id=COMPANY_ID,
        external_id=fields.external_id,
        name=fields.name,
        description=fields.description,
        created_at=database_time(),
        updated_at=database_time(),
    )
    return (await db.execute(row.returning(WorkspaceRow.id))).scalar_one()


async def change_workspace(db: AsyncSession, workspace_id: int, fields: WorkspaceFields) -> None:
    """Overwrite what a person may set of the workspace.

    Raises: sqlalchemy.exc.IntegrityError when the name is taken.
    """
    await db.execute(
        update(WorkspaceRow)
        .where(WorkspaceRow.id == workspace_id)
        .values(
            external_id=fields.external_id,
            name=fields.name,
            description=fields.description,
            updated_at=database_time(),
        )
    )


async def add_environment(db: AsyncSession, workspace_id: int, fields: EnvironmentFields, position: int) -> int:
    """Write an environment; its new id.

    Raises: sqlalchemy.exc.IntegrityError when the name is taken in this workspace.
    """
    row = insert(EnvironmentRow).values(
        workspace_id=workspace_id,
        name=fields.name,
        description=fields.description,
        position=position,
        color=fields.color,
        chains_count=0,
        created_at=database_time(),
        updated_at=database_time(),
    )
    return (await db.execute(row.returning(EnvironmentRow.id))).scalar_one()


async def change_environment(db: AsyncSession, environment_id: int, fields: EnvironmentFields) -> None:
    """Overwrite what a person may set of the environment.

    Raises: sqlalchemy.exc.IntegrityError when the name is taken in the workspace.
    """
    await db.execute(
        update(EnvironmentRow)
        .where(EnvironmentRow.id == environment_id)
        .values(name=fields.name, description=fields.description, color=fields.color, updated_at=database_time())
    )


async def count_chains(db: AsyncSession, environment_id: int, difference: int) -> bool:
    """Add to the environment's counter of chains; False when there is no such environment."""
    change = (
        update(EnvironmentRow)
        .where(EnvironmentRow.id == environment_id)
        .values(chains_count=EnvironmentRow.chains_count + difference)
        .returning(EnvironmentRow.id)
    )
    return (await db.execute(change)).one_or_none() is not None
