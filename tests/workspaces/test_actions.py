"""Workspaces and environments on both databases."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import select

from onecloud.activity.tables import ActivityRow
from onecloud.infra.db import Database
from onecloud.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from onecloud.kernel.permission import Level, Place
from onecloud.kernel.principal import Principal
from onecloud.workspaces import actions
from onecloud.workspaces.model import Environment, EnvironmentFields, Workspace, WorkspaceFields

READER = Principal(user_id=7, email="r@x.y", name="R", is_admin=False, via="session")


async def make(database: Database, name: str = "Finance", *environments: str) -> tuple[Workspace, list[Environment]]:
    async with database.transaction() as db:
        workspace = await actions.create_workspace(db, None, WorkspaceFields(name))
        made = [
            await actions.create_environment(db, None, workspace.id, EnvironmentFields(environment))
            for environment in environments
        ]
    return workspace, made


async def test_environments_keep_the_order_they_were_made_in_and_get_distinct_colors(database: Database) -> None:
    workspace, _ = await make(database, "Finance", "PROD", "DEV", "QA")
    async with database.reading() as db:
        found = await actions.list_environments(db, workspace.id)
    assert [(e.name, e.position, e.chains_count) for e in found] == [("PROD", 0, 0), ("DEV", 1, 0), ("QA", 2, 0)]
    assert len({e.color for e in found}) == 3


async def test_an_environment_is_found_by_names_and_a_miss_lists_the_names(database: Database) -> None:
    _, (dev, _) = await make(database, "Finance", "DEV", "PROD")
    async with database.reading() as db:
        assert await actions.find_environment(db, "Finance", "DEV") == dev
        with pytest.raises(NotFound, match=r"no environment named `dev`\. There are: `DEV`, `PROD`\."):
            await actions.find_environment(db, "Finance", "dev")
        with pytest.raises(NotFound, match=r"no workspace named `HR`\. There are: `Finance`\."):
            await actions.find_environment(db, "HR", "DEV")
        with pytest.raises(NotFound):
            await actions.get_environment(db, dev.id + 100)
        with pytest.raises(NotFound):
            await actions.get_workspace(db, 100)


async def test_a_name_is_taken_once_per_workspace_and_free_in_another(database: Database) -> None:
    workspace, _ = await make(database, "Finance", "DEV")
    await make(database, "HR", "DEV")
    with pytest.raises(Conflict, match="The workspace name `HR` is taken"):
        await make(database, "HR")
    with pytest.raises(Conflict, match="The environment name `DEV` is taken"):
        async with database.transaction() as db:
            await actions.create_environment(db, None, workspace.id, EnvironmentFields("DEV"))


async def test_a_page_tells_where_the_next_one_starts_and_the_last_does_not(database: Database) -> None:
    for name in ("c", "a", "b"):
        await make(database, name, f"{name}-dev")
    async with database.reading() as db:
        first, after = await actions.list_workspaces(db, None, None, 2)
        rest, end = await actions.list_workspaces(db, None, after, 2)
        exact, exact_end = await actions.list_workspaces(db, None, None, 3)
    assert [(w.name, [e.name for e in environments]) for w, environments in first + rest] == [
        ("c", ["c-dev"]),
        ("a", ["a-dev"]),
        ("b", ["b-dev"]),
    ]
    assert end is None
    assert len(exact) == 3
    assert exact_end is None


async def test_counting_chains_at_the_same_time_loses_none(database: Database) -> None:
    _, (dev,) = await make(database, "Finance", "DEV")

    async def add() -> None:
        async with database.transaction() as db:
            await actions.chain_added(db, dev.id)

    await asyncio.gather(*(add() for _ in range(10)))
    async with database.transaction() as db:
        await actions.chain_removed(db, dev.id)
    async with database.reading() as db:
        assert (await actions.get_environment(db, dev.id)).chains_count == 9
    with pytest.raises(NotFound):
        async with database.transaction() as db:
            await actions.chain_added(db, dev.id + 1)


async def test_equal_fields_change_nothing_and_a_change_is_told(database: Database) -> None:
    workspace, (dev,) = await make(database, "Finance", "DEV")
    async with database.transaction() as db:
        same = await actions.change_workspace(db, None, workspace, WorkspaceFields("Finance"))
        same_dev = await actions.change_environment(db, None, dev, EnvironmentFields("DEV"))
    assert (same, same_dev) == (workspace, dev)
    async with database.transaction() as db:
        changed = await actions.change_workspace(db, None, workspace, WorkspaceFields("Finance", "Books", "201"))
        test = await actions.change_environment(db, None, dev, EnvironmentFields("TEST", "First", "#000000"))
        keys = list(await db.scalars(select(ActivityRow.key).order_by(ActivityRow.id)))
    assert (changed.description, changed.external_id) == ("Books", "201")
    assert (test.id, test.name, test.color, test.position) == (dev.id, "TEST", "#000000", 0)
    assert changed.updated_at >= workspace.updated_at
    assert keys == ["workspace.create", "environment.create", "workspace.update", "environment.update"]


async def test_a_reader_may_not_change_anything(database: Database) -> None:
    workspace, (dev,) = await make(database, "Finance", "DEV")
    reader = replace(READER, grants={Place(workspace.id): Level.READ})
    async with database.transaction() as db:
        with pytest.raises(NotFound):
            await actions.change_workspace(db, READER, workspace, WorkspaceFields("Mine"))
        with pytest.raises(Forbidden):
            await actions.create_workspace(db, reader, WorkspaceFields("Mine"))
        with pytest.raises(Forbidden):
            await actions.change_workspace(db, reader, workspace, WorkspaceFields("Mine"))
        with pytest.raises(Forbidden):
            await actions.create_environment(db, reader, workspace.id, EnvironmentFields("X"))
        with pytest.raises(Forbidden):
            await actions.change_environment(db, reader, dev, EnvironmentFields("X"))


async def test_each_level_allows_its_changes(database: Database) -> None:
    workspace, (dev,) = await make(database, "Finance", "DEV")
    writer = replace(READER, grants={Place(workspace.id): Level.WRITE})
    maker = replace(READER, grants={Place(workspace.id): Level.CREATE})
    async with database.transaction() as db:
        assert (await actions.change_workspace(db, writer, workspace, WorkspaceFields("Books"))).name == "Books"
        assert (await actions.change_environment(db, writer, dev, EnvironmentFields("TEST"))).name == "TEST"
        with pytest.raises(Forbidden, match="`create` on the workspace"):
            await actions.create_environment(db, writer, workspace.id, EnvironmentFields("QA"))
        assert (await actions.create_environment(db, maker, workspace.id, EnvironmentFields("QA"))).name == "QA"
        with pytest.raises(Forbidden, match="administrator"):
            await actions.create_workspace(db, maker, WorkspaceFields("Mine"))


async def test_bad_fields_are_told_one_by_one(database: Database) -> None:
    with pytest.raises(Invalid) as caught:
        async with database.transaction() as db:
            await actions.create_workspace(db, None, WorkspaceFields(" ", "\x00", "9" * 101))
    assert [problem.where for problem in caught.value.problems] == ["name", "description", "external_id"]
