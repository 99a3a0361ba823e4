"""Connections on both databases: sealed at rest, open only where enabled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from sqlalchemy import select, text

from onecloud.activity.tables import ActivityRow
from onecloud.connections import actions
from onecloud.connections.model import ConnectionFields, OpenConnection
from onecloud.connector.command import Connector
from onecloud.infra.http import Ground
from onecloud.kernel.errors import Forbidden, Invalid, NotFound
from onecloud.kernel.permission import Level, Place
from onecloud.kernel.principal import Principal
from onecloud.workspaces import actions as workspaces
from onecloud.workspaces.model import EnvironmentFields, WorkspaceFields
from tests.connections.form import BARE, CONNECTORS, Properties


async def make(ground: Ground, name: str = "Finance") -> tuple[int, int, int]:
    async with ground.database.transaction() as db:
        workspace = await workspaces.create_workspace(db, None, WorkspaceFields(name))
        dev = await workspaces.create_environment(db, None, workspace.id, EnvironmentFields("DEV"))
        prod = await workspaces.create_environment(db, None, workspace.id, EnvironmentFields("PROD"))
    return workspace.id, dev.id, prod.id


async def put(ground: Ground, workspace_id: int, fields: ConnectionFields, owner: Principal | None = None) -> None:
    async with ground.database.transaction() as db:
        await actions.put_connection(db, ground.keys, owner, workspace_id, fields, connectors=CONNECTORS)


async def opened(
    ground: Ground, environment_id: int, name: str = "wh", connectors: Sequence[Connector] | None = None
) -> OpenConnection:
    there = CONNECTORS if connectors is None else {connector.id: connector for connector in connectors}
    async with ground.database.reading() as db:
        return await actions.open_connection(db, ground.keys, environment_id, name, connectors=there)


def fields(*environments: int) -> ConnectionFields:
    return ConnectionFields(
        name="wh",
        connector="warehouse",
        properties={"host": "h", "tunnel": {"host": "t"}},
        secrets={"password": "hunter2", "tunnel": {"key": "deepkey"}},
        environment_ids=frozenset(environments),
    )


async def test_a_connection_opens_as_the_connectors_own_model_with_its_secrets_to_mask(ground: Ground) -> None:
    workspace, dev, _ = await make(ground)
    await put(ground, workspace, fields(dev))
    connection = await opened(ground, dev)
    assert isinstance(connection.properties, Properties)
    assert connection.connector_id == "warehouse"
    assert connection.properties.port == 5432
    assert connection.properties.password is not None
    assert connection.properties.password.get_secret_value() == "hunter2"
    assert connection.secrets == {"hunter2", "deepkey"}
    assert "hunter2" not in repr(connection)


async def test_no_secret_is_readable_in_the_table_nor_in_lists(ground: Ground) -> None:
    workspace, dev, prod = await make(ground)
    await put(ground, workspace, fields(dev, prod))
    async with ground.database.reading() as db:
        rows = repr([tuple(row) for row in await db.execute(text("SELECT * FROM connection"))])
        listed = await actions.list_connections(db, workspace)
    for secret in ("hunter2", "deepkey"):
        assert secret not in rows
        assert secret not in repr(listed)
    assert [(c.name, c.secret_names, c.environment_ids) for c in listed] == [
        ("wh", ("password", "tunnel"), frozenset({dev, prod}))
    ]


async def test_it_opens_only_in_environments_where_it_is_enabled(ground: Ground) -> None:
    workspace, dev, prod = await make(ground)
    await put(ground, workspace, fields(dev))
    with pytest.raises(NotFound, match=r"`wh` is enabled in this environment\. There are none\."):
        await opened(ground, prod)
    with pytest.raises(NotFound, match=r"Did you mean `wh`\?"):
        await opened(ground, dev, "wwh")
    await put(ground, workspace, fields(prod))
    assert (await opened(ground, prod)).connector_id == "warehouse"
    with pytest.raises(NotFound):
        await opened(ground, dev)
    async with ground.database.reading() as db:
        assert await actions.connectors_by_name(db, prod) == {"wh": "warehouse"}
        assert await actions.connectors_by_name(db, dev) == {}


async def test_a_secret_stays_until_it_is_given_again_or_removed(ground: Ground) -> None:
    workspace, dev, _ = await make(ground)
    await put(ground, workspace, fields(dev))
    await put(ground, workspace, replace(fields(dev), properties={"host": "new", "tunnel": {"host": "t"}}, secrets={}))
    assert (await opened(ground, dev)).secrets == {"hunter2", "deepkey"}
    await put(ground, workspace, replace(fields(dev), secrets={"password": "hunter3", "tunnel": None}))
    assert (await opened(ground, dev)).secrets == {"hunter3"}


async def test_equal_fields_change_and_record_nothing(ground: Ground) -> None:
    workspace, dev, prod = await make(ground)
    await put(ground, workspace, fields(dev))
    await put(ground, workspace, fields(dev))
    await put(ground, workspace, fields(dev, prod))
    async with ground.database.reading() as db:
        recorded = list(
            await db.scalars(
                select(ActivityRow).where(ActivityRow.trackable_type == "Connection").order_by(ActivityRow.id)
            )
        )
    assert [row.key for row in recorded] == ["connection.create", "connection.update"]
    assert "hunter2" not in repr([row.parameters for row in recorded])


async def test_what_cannot_be_set_is_refused_with_the_reason(ground: Ground) -> None:
    workspace, dev, _ = await make(ground)
    _, foreign, _ = await make(ground, "HR")
    stranger = Principal(user_id=7, email="r@x.y", name="R", is_admin=False, via="session")
    writer = replace(stranger, grants={Place(workspace): Level.CREATE})
    with pytest.raises(Invalid, match=r"`warehose` is not a connector\. Did you mean `warehouse`"):
        await put(ground, workspace, replace(fields(dev), connector="warehose"))
    with pytest.raises(Invalid, match="Bare needs no connection"):
        await put(ground, workspace, replace(fields(dev), connector="bare"))
    with pytest.raises(Invalid, match=r"properties\.host: field required"):
        await put(ground, workspace, replace(fields(dev), properties={}))
    with pytest.raises(Invalid, match=r"properties\.password: is a secret\. Give it under `secrets`"):
        await put(ground, workspace, replace(fields(dev), properties={"host": "h", "password": "p"}, secrets={}))
    with pytest.raises(Invalid, match=f"no environment {foreign}"):
        await put(ground, workspace, fields(dev, foreign))
    with pytest.raises(Invalid):
        await put(ground, workspace, replace(fields(dev), name="a\x00b"))
    with pytest.raises(NotFound):
        await put(ground, 999, fields())
    with pytest.raises(Forbidden):
        await put(ground, workspace, fields(dev), writer)
    with pytest.raises(NotFound):
        await put(ground, workspace, fields(dev), stranger)
    await put(ground, workspace, fields(dev), replace(stranger, grants={Place(workspace): Level.ADMIN}))


async def test_a_connection_whose_connector_changed_says_so_when_it_is_opened(ground: Ground) -> None:
    workspace, dev, _ = await make(ground)
    await put(ground, workspace, fields(dev))
    with pytest.raises(Invalid, match="`warehouse` is not a connector"):
        await opened(ground, dev, connectors=[BARE])
    with pytest.raises(Invalid, match="no longer takes a connection"):
        await opened(ground, dev, connectors=[replace(BARE, id="warehouse")])

    class Stricter(Properties):
        region: str

    with pytest.raises(Invalid, match=r"no longer takes the connection `wh`: properties\.region: field required"):
        await opened(ground, dev, connectors=[replace(BARE, id="warehouse", properties=Stricter)])
