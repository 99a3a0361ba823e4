"""Workspace variables on both databases: what runs get, what lists show, what the tables hold."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import text

from onecloud.infra.http import Ground
from onecloud.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from onecloud.kernel.permission import Level, Place
from onecloud.kernel.principal import Principal
from onecloud.kernel.secret import Secret
from onecloud.variables import actions
from onecloud.variables.model import Shown, VariableFields
from onecloud.workspaces import actions as workspaces
from onecloud.workspaces.model import EnvironmentFields, WorkspaceFields


async def make(ground: Ground, name: str = "Finance") -> tuple[int, int, int]:
    """A workspace with DEV and PROD; the three ids."""
    async with ground.database.transaction() as db:
        workspace = await workspaces.create_workspace(db, None, WorkspaceFields(name))
        dev = await workspaces.create_environment(db, None, workspace.id, EnvironmentFields("DEV"))
        prod = await workspaces.create_environment(db, None, workspace.id, EnvironmentFields("PROD"))
    return workspace.id, dev.id, prod.id


async def put(ground: Ground, workspace_id: int, fields: VariableFields) -> None:
    async with ground.database.transaction() as db:
        await actions.put_variable(db, ground.keys, None, workspace_id, fields)


async def values(ground: Ground, environment_id: int) -> dict[str, str | Secret]:
    async with ground.database.reading() as db:
        return await actions.values_for(db, ground.keys, environment_id)


async def stored_texts(ground: Ground) -> str:
    async with ground.database.reading() as db:
        rows = [*await db.execute(text("SELECT default_value FROM workspace_variable"))]
        rows += [*await db.execute(text("SELECT value FROM environment_value"))]
        return repr([tuple(row) for row in rows])


async def test_an_environments_own_value_stands_in_for_the_default(ground: Ground) -> None:
    workspace, dev, prod = await make(ground)
    other, other_dev, _ = await make(ground, "HR")
    await put(ground, workspace, VariableFields("base", "Base URL", "http://default", values={prod: "http://prod"}))
    await put(ground, workspace, VariableFields("empty", default="x", values={dev: ""}))
    await put(ground, other, VariableFields("base", default="hr"))
    assert await values(ground, dev) == {"base": "http://default", "empty": ""}
    assert await values(ground, prod) == {"base": "http://prod", "empty": "x"}
    assert await values(ground, other_dev) == {"base": "hr"}
    assert await values(ground, 9999) == {}


async def test_an_encrypted_variable_is_sealed_in_the_table_and_secret_in_a_run(ground: Ground) -> None:
    workspace, dev, prod = await make(ground)
    await put(ground, workspace, VariableFields("pw", "", "hunter2", encrypted=True, values={prod: "hunter3"}))
    assert "hunter" not in await stored_texts(ground)
    assert await values(ground, dev) == {"pw": Secret("hunter2")}
    assert await values(ground, prod) == {"pw": Secret("hunter3")}


async def test_lists_show_values_and_tell_nothing_of_encrypted_ones(ground: Ground) -> None:
    workspace, dev, prod = await make(ground)
    await put(ground, workspace, VariableFields("base", "Base", "d", values={prod: "p"}))
    await put(ground, workspace, VariableFields("pw", "", "hunter2", encrypted=True, values={prod: "hunter3"}))
    secret = Shown("pw", "pw", "", None, encrypted=True)
    async with ground.database.reading() as db:
        assert await actions.list_workspaces(db, None) == [await actions.get_workspace(db, None, workspace)]
        assert (await actions.get_workspace(db, None, workspace))[1] == [Shown("base", "Base", "d", "d", False), secret]
        listed = await actions.list_environments(db, None, workspace)
        assert [(environment.id, shown) for environment, shown in listed] == [
            (dev, [Shown("base", "Base", "d", "d", False), secret]),
            (prod, [Shown("base", "Base", "d", "p", False), secret]),
        ]
        assert await actions.get_environment(db, None, workspace, prod) == listed[1]


async def test_lists_without_variables_or_environments_are_empty_and_what_is_missing_is_not_found(
    ground: Ground,
) -> None:
    workspace, dev, _ = await make(ground)
    other, _, _ = await make(ground, "HR")
    async with ground.database.transaction() as db:
        bare = await workspaces.create_workspace(db, None, WorkspaceFields("Bare"))
        await actions.put_variable(db, ground.keys, None, bare.id, VariableFields("x"))
    async with ground.database.reading() as db:
        assert await actions.list_environments(db, None, bare.id) == []
        assert [shown for _, shown in await actions.list_environments(db, None, workspace)] == [[], []]
        assert len(await actions.list_workspaces(db, None)) == 3
        with pytest.raises(NotFound):
            await actions.get_workspace(db, None, 999)
        with pytest.raises(NotFound):
            await actions.list_environments(db, None, 999)
        with pytest.raises(NotFound):
            await actions.get_environment(db, None, other, dev)
        with pytest.raises(NotFound):
            await actions.get_environment(db, None, bare.id, 999)


async def test_a_secret_not_given_again_is_kept_and_a_plain_value_not_given_again_is_gone(ground: Ground) -> None:
    workspace, dev, prod = await make(ground)
    await put(ground, workspace, VariableFields("pw", "", "one", encrypted=True, values={prod: "two"}))
    await put(ground, workspace, VariableFields("pw", "Password", encrypted=True, values={dev: "three"}))
    assert (await values(ground, dev), await values(ground, prod)) == ({"pw": Secret("three")}, {"pw": Secret("two")})
    await put(ground, workspace, VariableFields("base", "", "a", values={prod: "b"}))
    await put(ground, workspace, VariableFields("base", "", "c"))
    assert (await values(ground, prod))["base"] == "c"


async def test_switching_encryption_off_drops_the_secret_and_on_seals_what_was_there(ground: Ground) -> None:
    workspace, dev, prod = await make(ground)
    await put(ground, workspace, VariableFields("pw", "", "hidden", encrypted=True, values={prod: "deep"}))
    await put(ground, workspace, VariableFields("pw"))
    assert (await values(ground, dev), await values(ground, prod)) == ({"pw": ""}, {"pw": ""})
    await put(ground, workspace, VariableFields("pw", "", "open", values={prod: "wide"}))
    await put(ground, workspace, VariableFields("pw", encrypted=True))
    assert "open" not in await stored_texts(ground)
    assert "wide" not in await stored_texts(ground)
    assert await values(ground, prod) == {"pw": Secret("wide")}


async def test_what_cannot_be_set_is_refused_with_the_reason(ground: Ground) -> None:
    workspace, dev, _ = await make(ground)
    _, foreign, _ = await make(ground, "HR")
    stranger = Principal(user_id=7, email="r@x.y", name="R", is_admin=False, via="session")
    reader = replace(stranger, grants={Place(workspace): Level.EXECUTE})
    writer = replace(stranger, grants={Place(workspace): Level.WRITE})
    async with ground.database.transaction() as db:
        for key in ("", "1a", "a b", "a.b", "a\x00", "x" * 101):
            with pytest.raises(Invalid):
                await actions.put_variable(db, ground.keys, None, workspace, VariableFields(key))
        with pytest.raises(Invalid, match=f"no environment {foreign} in this workspace"):
            await actions.put_variable(
                db, ground.keys, None, workspace, VariableFields("a", values={dev: "1", foreign: "2"})
            )
        with pytest.raises(Invalid) as caught:
            await actions.put_variable(db, ground.keys, None, workspace, VariableFields("a", default="s3cret\x00"))
        assert "s3cret" not in str(caught.value)
        with pytest.raises(NotFound):
            await actions.put_variable(db, ground.keys, None, 999, VariableFields("a"))
        with pytest.raises(Forbidden):
            await actions.put_variable(db, ground.keys, reader, workspace, VariableFields("a"))
        with pytest.raises(NotFound):
            await actions.put_variable(db, ground.keys, stranger, workspace, VariableFields("a"))
        assert await actions.put_variable(db, ground.keys, writer, workspace, VariableFields("a"))


async def test_two_writers_of_one_new_key_do_not_make_two_variables(ground: Ground) -> None:
    workspace, dev, _ = await make(ground)

    async def one(value: str) -> str:
        try:
            await put(ground, workspace, VariableFields("k", default=value))
        except Conflict:
            return "refused"
        return value

    ends = await asyncio.gather(one("a"), one("b"))
    assert (await values(ground, dev))["k"] in ends
