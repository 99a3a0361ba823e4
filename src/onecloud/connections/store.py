"""Every query of connections; secrets pass sealed."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.connections.model import Connection
from onecloud.connections.tables import ConnectionEnvironmentRow, ConnectionRow
from onecloud.infra.db import database_time
from onecloud.kernel.jsonvalue import JsonObject


async def enabled(db: AsyncSession, environment_id: int, name: str) -> tuple[str, JsonObject, str] | None:
    """Connector, public properties and sealed secrets of the connection, if it is enabled in the environment."""
    query = (
        select(ConnectionRow.connector, ConnectionRow.properties, ConnectionRow.secrets)
        .join(ConnectionEnvironmentRow, ConnectionEnvironmentRow.connection_id == ConnectionRow.id)
        .where(ConnectionEnvironmentRow.environment_id == environment_id, ConnectionRow.name == name)
    )
    row = (await db.execute(query)).one_or_none()
    return (row[0], row[1], row[2]) if row else None


async def connectors_by_name(db: AsyncSession, environment_id: int) -> dict[str, str]:
    """Connector id by connection name of every connection enabled in the environment."""
    query = (
        select(ConnectionRow.name, ConnectionRow.connector)
        .join(ConnectionEnvironmentRow, ConnectionEnvironmentRow.connection_id == ConnectionRow.id)
        .where(ConnectionEnvironmentRow.environment_id == environment_id)
        .order_by(ConnectionRow.name)
    )
    return {row[0]: row[1] for row in await db.execute(query)}


async def connections_of(db: AsyncSession, workspace_id: int) -> list[Connection]:
    """The workspace's connections by name."""
    query = select(ConnectionRow).where(ConnectionRow.workspace_id == workspace_id).order_by(ConnectionRow.name)
    rows = list(await db.scalars(query))
    places = (
        select(ConnectionEnvironmentRow.connection_id, ConnectionEnvironmentRow.environment_id)
        .join(ConnectionRow, ConnectionRow.id == ConnectionEnvironmentRow.connection_id)
        .where(ConnectionRow.workspace_id == workspace_id)
    )
    where: dict[int, set[int]] = {row.id: set() for row in rows}
    for connection_id, environment_id in await db.execute(places):
        where[connection_id].add(environment_id)
    return [_connection(row, where[row.id]) for row in rows]


async def for_update(db: AsyncSession, workspace_id: int, name: str) -> tuple[Connection, str] | None:
    """The connection and its sealed secrets, locked until the transaction ends."""
    query = select(ConnectionRow).where(ConnectionRow.workspace_id == workspace_id, ConnectionRow.name == name)
    row = (await db.scalars(query.with_for_update())).one_or_none()
    if row is None:
        return None
    places = select(ConnectionEnvironmentRow.environment_id).where(ConnectionEnvironmentRow.connection_id == row.id)
    return _connection(row, await db.scalars(places)), row.secrets


async def add(db: AsyncSession, connection: Connection, secrets: str) -> int:
    """Write a connection with its sealed secrets; its new id.

    Raises: sqlalchemy.exc.IntegrityError when the name is taken in the workspace.
    """
    row = insert(ConnectionRow).values(
        workspace_id=connection.workspace_id,
        name=connection.name,
        description=connection.description,
        connector=connection.connector,
        properties=connection.properties,
        secrets=secrets,
        secret_names=list(connection.secret_names),
        created_at=database_time(),
        updated_at=database_time(),
    )
    connection_id = (await db.execute(row.returning(ConnectionRow.id))).scalar_one()
    await _enable(db, connection_id, connection.environment_ids)
    return connection_id


async def change(db: AsyncSession, connection: Connection, secrets: str) -> None:
    """Overwrite a connection but for its name."""
    await db.execute(
        update(ConnectionRow)
        .where(ConnectionRow.id == connection.id)
        .values(
            description=connection.description,
            connector=connection.connector,
            properties=connection.properties,
            secrets=secrets,
            secret_names=list(connection.secret_names),
            updated_at=database_time(),
        )
    )
    await db.execute(delete(ConnectionEnvironmentRow).where(ConnectionEnvironmentRow.connection_id == connection.id))
    await _enable(db, connection.id, connection.environment_ids)


async def _enable(db: AsyncSession, connection_id: int, environment_ids: Iterable[int]) -> None:
    places = [{"connection_id": connection_id, "environment_id": place} for place in sorted(environment_ids)]
    if places:
        await db.execute(insert(ConnectionEnvironmentRow).values(places))


def _connection(row: ConnectionRow, environment_ids: Iterable[int]) -> Connection:
    return Connection(
        id=row.id,
        workspace_id=row.workspace_id,
        name=row.name,
        description=row.description,
        connector=row.connector,
        properties=row.properties,
        secret_names=tuple(row.secret_names),
        environment_ids=frozenset(environment_ids),
    )
