"""Applying workspace documents on both databases: made, changed, left alone, refused whole."""

from __future__ import annotations

import pytest

from onecloud.connections import actions
from onecloud.connections.apply import AppliedWorkspace, apply
from onecloud.connections.document import read
from onecloud.infra.http import Ground
from onecloud.kernel.errors import Forbidden, Invalid
from onecloud.kernel.jsonvalue import Json
from onecloud.kernel.principal import Principal
from onecloud.kernel.secret import Secret
from onecloud.variables import actions as variables
from onecloud.workspaces import actions as workspaces

SECRETS = {"PW": "hunter2", "TOKEN": "t0ken"}
DOCUMENT: dict[str, Json] = {
    "onecloud": 1,
    "name": "Finance",
    "description": "Books",
    "environments": [{"name": "DEV", "color": "#3CB702"}, {"name": "PROD"}],
    "variables": [
        {"key": "base", "label": "Base URL", "default": "http://dev", "values": {"PROD": "http://prod"}},
        {"key": "pw", "encrypted": True, "default": "${ENV:PW}"},
    ],
    "connections": [
        {
            "name": "service",
            "connector": "http",
            "secrets": {"token": "${ENV:TOKEN}"},
            "properties": {"base_url": "https://service.test", "auth": "bearer"},
            "environments": ["DEV", "PROD"],
        }
    ],
}


async def applied(ground: Ground, value: Json, owner: Principal | None = None) -> AppliedWorkspace:
    document = read(value, SECRETS, lambda: None)
    async with ground.database.transaction() as db:
        return await apply(db, ground.keys, owner, document)


async def test_everything_is_made_once_and_the_same_document_changes_nothing(ground: Ground) -> None:
    first = await applied(ground, DOCUMENT)
    assert first.changes == [
        "workspace",
        "environments.DEV",
        "environments.PROD",
        "variables.base",
        "variables.pw",
        "connections.service",
    ]
    again = await applied(ground, DOCUMENT)
    assert again.changes == []
    assert (again.workspace, again.environments) == (first.workspace, first.environments)
    dev, prod = first.environments
    async with ground.database.reading() as db:
        assert await variables.values_for(db, ground.keys, prod.id) == {"base": "http://prod", "pw": Secret("hunter2")}
        assert (await actions.open_connection(db, ground.keys, dev.id, "service")).secrets == {"t0ken"}


async def test_a_changed_part_is_changed_alone_and_what_is_not_named_stays(ground: Ground) -> None:
    before = await applied(ground, DOCUMENT)
    after = await applied(
        ground,
        {
            "onecloud": 1,
            "name": "Finance",
            "description": "Books",
            "environments": [{"name": "PROD", "description": "Live"}, {"name": "QA"}],
            "variables": [{"key": "base", "default": "http://new", "label": "Base URL", "values": {"QA": "http://qa"}}],
        },
    )
    assert after.changes == ["environments.PROD", "environments.QA", "variables.base"]
    assert [(e.name, e.position) for e in after.environments] == [("DEV", 0), ("PROD", 1), ("QA", 2)]
    assert after.environments[1].color == before.environments[1].color
    async with ground.database.reading() as db:
        known = await variables.values_for(db, ground.keys, after.environments[2].id)
        assert [c.name for c in await actions.list_connections(db, after.workspace.id)] == ["service"]
    assert known == {"base": "http://qa", "pw": Secret("hunter2")}


async def test_a_fault_anywhere_leaves_nothing_half_done_and_names_its_place(ground: Ground) -> None:
    for part, where in (
        ({"variables": [{"key": "a"}, {"key": "b", "values": {"PRD": "x"}}]}, "variables[1].values"),
        ({"variables": [{"key": "1a"}]}, "variables[0].key"),
        ({"connections": [{"name": "c", "connector": "htpp"}]}, "connections[0].connector"),
        ({"connections": [{"name": "c", "connector": "http", "properties": {"x": 1}}]}, "connections[0].properties.x"),
        ({"connections": [{"name": "c", "connector": "http", "environments": ["X"]}]}, "connections[0].environments"),
        ({"environments": [{"name": "DEV", "color": "red"}]}, "environments[0].color"),
        ({"name": "a\x00b"}, "name"),
    ):
        with pytest.raises(Invalid) as caught:
            await applied(ground, {**DOCUMENT, **part})
        assert caught.value.problems[0].where == where
    async with ground.database.reading() as db:
        assert await workspaces.list_workspaces(db, None, None, 10) == ([], None)


async def test_only_administrators_and_the_operator_apply(ground: Ground) -> None:
    reader = Principal(user_id=7, email="r@x.y", name="R", is_admin=False, via="session")
    with pytest.raises(Forbidden):
        await applied(ground, DOCUMENT, reader)
