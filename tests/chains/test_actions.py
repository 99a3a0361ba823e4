"""Applying, publishing and finding chains, on both databases."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.activity import store as activity
from onecloud.chains import actions
from onecloud.chains.model import Applied
from onecloud.chains.sealing import PURPOSE
from onecloud.connections import actions as connections
from onecloud.connections.model import ConnectionFields
from onecloud.connector import Connector
from onecloud.infra.http import Ground
from onecloud.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from onecloud.kernel.permission import Level, Place
from onecloud.kernel.principal import Principal
from onecloud.variables import actions as variables
from onecloud.variables.model import VariableFields
from onecloud.workspaces import actions as workspaces
from onecloud.workspaces.model import Environment, EnvironmentFields, WorkspaceFields
from tests.access.world import group_with, person, principal
from tests.chains.make import SPECS, Properties, document

GUEST = Principal(7, "guest@example.com", "Guest", is_admin=False, via="session")
ADMIN = Principal(8, "admin@example.com", "Admin", is_admin=True, via="session")
GOOD = "a: {command: box.read, inputs: {path: x}}"
BAD = "a: {command: box.read}"


async def place(db: AsyncSession, workspace: str = "Sales", external_id: str = "") -> Environment:
    """A new environment in a new workspace."""
    made = await workspaces.create_workspace(db, None, WorkspaceFields(workspace, external_id=external_id))
    return await workspaces.create_environment(db, None, made.id, EnvironmentFields("DEV"))


async def put(ground: Ground, environment_id: int, text: str, *, publish: bool = False, comment: str = "") -> Applied:
    """Apply in a transaction of its own."""
    async with ground.database.transaction() as db:
        return await actions.apply(
            db, ground.keys, None, environment_id, text, publish=publish, comment=comment, commands=SPECS
        )


async def new_place(ground: Ground, workspace: str = "Sales", external_id: str = "") -> Environment:
    """`place` in a transaction of its own."""
    async with ground.database.transaction() as db:
        return await place(db, workspace, external_id)


async def test_a_published_chain_runs_its_version_and_an_edit_waits_for_the_next_publish(ground: Ground) -> None:
    there = await new_place(ground)
    first = await put(ground, there.id, document(GOOD), publish=True, comment="first")
    edited = await put(ground, there.id, document(GOOD, more="description: Edited\nallow_concurrent_runs: true\n"))
    async with ground.database.reading() as db:
        chain, version = await actions.published(db, first.chain.id)
    assert (version.number, version.comment, version.published_by) == (1, "first", None)
    assert version.definition.node("a") is not None
    assert (chain.description, chain.allow_concurrent_runs) == ("", False), "the published content decides"
    assert (edited.changed, edited.version) == (True, None)

    async with ground.database.transaction() as db:
        second = await actions.publish(db, ADMIN, chain.id, "second", commands=SPECS)
    assert second.version is not None
    assert (second.version.number, second.version.published_by, second.chain.description) == (2, 8, "Edited")
    async with ground.database.reading() as db:
        assert (await actions.version(db, version.id)).definition.description == "", "a version never changes"


async def test_the_same_document_again_changes_nothing(ground: Ground) -> None:
    there = await new_place(ground)
    text = document(GOOD, more="variables: [{name: key, value: s3cret, encrypted: true}]\n")
    first = await put(ground, there.id, text, publish=True)
    again = await put(ground, there.id, text, publish=True, comment="another comment")
    assert (first.changed, again.changed) == (True, False)
    assert first.version == again.version
    assert first.chain == again.chain


async def test_values_that_only_look_equal_are_a_change(ground: Ground) -> None:
    there = await new_place(ground)
    numbered = document("a: {command: box.read, inputs: {path: x, anything: 1}}")
    await put(ground, there.id, numbered, publish=True)
    assert (await put(ground, there.id, numbered.replace("anything: 1", "anything: true"), publish=True)).changed


async def test_a_draft_with_faults_is_kept_but_not_published(ground: Ground) -> None:
    there = await new_place(ground)
    good = await put(ground, there.id, document(GOOD), publish=True)
    with pytest.raises(Invalid) as refused:
        await put(ground, there.id, document(BAD), publish=True)
    assert refused.value.code == "chain.invalid"
    assert refused.value.problems[0].where == "nodes.a.inputs.path"
    assert refused.value.problems[0].message.startswith("Line 5: ")

    kept = await put(ground, there.id, document(BAD))
    assert [p.where for p in kept.problems] == ["nodes.a.inputs.path"]
    with pytest.raises(Invalid):
        async with ground.database.transaction() as db:
            await actions.publish(db, None, kept.chain.id, commands=SPECS)
    async with ground.database.reading() as db:
        assert (await actions.published(db, good.chain.id))[1] == good.version


async def test_a_fault_of_an_unconnected_node_does_not_block(ground: Ground) -> None:
    there = await new_place(ground)
    applied = await put(ground, there.id, document(f"{GOOD}\nb: {{command: box.read}}"), publish=True)
    assert applied.version is not None
    assert {p.where for p in applied.notes} == {"nodes.b", "nodes.b.inputs.path"}


async def test_names_are_checked_against_the_place(ground: Ground) -> None:
    there = await new_place(ground)
    shop = Connector("shop", "Shop", "For tests.", (), Properties)
    async with ground.database.transaction() as db:
        await variables.put_variable(db, ground.keys, None, there.workspace_id, VariableFields("FOLDER", default="x"))
        await connections.put_connection(
            db,
            ground.keys,
            None,
            there.workspace_id,
            ConnectionFields("warehouse", "shop", environment_ids=frozenset({there.id})),
            connectors={"shop": shop},
        )
    text = document("a: {command: shop.sell, connection: warehouse, inputs: {path: '${{ workspace.FOLDER }}'}}")
    assert (await put(ground, there.id, text, publish=True)).problems == ()
    wrong = text.replace("warehouse", "wearhouse").replace("FOLDER", "FOLDR")
    assert {p.where for p in (await put(ground, there.id, wrong)).problems} == {
        "nodes.a.connection",
        "nodes.a.inputs.path",
    }


async def test_an_encrypted_value_is_stored_sealed_kept_by_null_and_never_exported(ground: Ground) -> None:
    there = await new_place(ground)
    text = document(GOOD, more="variables: [{name: key, value: s3cret, encrypted: true}]\n")
    first = await put(ground, there.id, text, publish=True)
    assert first.version is not None
    stored = first.version.definition.variables[0]
    assert "s3cret" not in stored.value
    assert ground.keys.unseal(stored.value, PURPOSE) == "s3cret"

    async with ground.database.reading() as db:
        exported = await actions.export(db, first.chain.id)
    assert "s3cret" not in exported
    assert stored.value not in exported
    again = await put(ground, there.id, exported, publish=True)
    assert (again.changed, again.version) == (False, first.version)

    changed = await put(ground, there.id, text.replace("s3cret", "an0ther"), publish=True)
    assert changed.version is not None
    assert ground.keys.unseal(changed.version.definition.variables[0].value, PURPOSE) == "an0ther"


async def test_an_encrypted_variable_without_a_value_is_a_draft_that_cannot_be_published(ground: Ground) -> None:
    there = await new_place(ground)
    text = document(GOOD, more="variables: [{name: key, value: null, encrypted: true}]\n")
    with pytest.raises(Invalid) as refused:
        await put(ground, there.id, text, publish=True)
    assert refused.value.problems[0].where == "variables[0].value"
    kept = await put(ground, there.id, text)
    assert [p.where for p in kept.problems] == ["variables[0].value"]
    assert kept.problems[0].message.startswith("Line 4: No value of the encrypted variable `key`")
    with pytest.raises(Invalid):
        async with ground.database.transaction() as db:
            await actions.publish(db, None, kept.chain.id, commands=SPECS)
    given = await put(ground, there.id, text.replace("null", '""'), publish=True)
    assert given.version is not None, "an empty text is a value"


async def test_the_environment_counts_its_chains_and_the_changes_are_told(ground: Ground) -> None:
    there = await new_place(ground)
    for text in (document(GOOD), document(GOOD), document(GOOD).replace("name: Test", "name: Other")):
        await put(ground, there.id, text, publish=True)
    async with ground.database.reading() as db:
        assert (await workspaces.get_environment(db, there.id)).chains_count == 2
        assert await actions.count_by_environment(db, [there.id, 999]) == {there.id: 2, 999: 0}
        told = [a.key for a in await activity.activity_before(db, None, 50) if a.trackable_type == "Chain"]
    assert sorted(told) == ["chain.create", "chain.create", "chain.publish", "chain.publish"]


def guest(place: Place, level: Level) -> Principal:
    """Somebody whose group has this level there."""
    return replace(GUEST, grants={place: level})


async def test_changing_a_chain_needs_write_and_making_one_needs_create(ground: Ground) -> None:
    there = await new_place(ground)
    chain = (await put(ground, there.id, document(GOOD))).chain
    place = Place(there.workspace_id, there.id)
    text = document(GOOD).replace("name: Test", "name: Other")
    assert text != document(GOOD)
    async with ground.database.transaction() as db:
        for who, error in ((GUEST, NotFound), (guest(place, Level.EXECUTE), Forbidden)):
            with pytest.raises(error):
                await actions.apply(db, ground.keys, who, there.id, document(GOOD))
            with pytest.raises(error):
                await actions.publish(db, who, chain.id)
            with pytest.raises(error):
                await actions.set_disabled(db, who, chain.id, disabled=True)
        author = guest(place, Level.WRITE)
        await actions.apply(db, ground.keys, author, there.id, document(GOOD), commands=SPECS)
        with pytest.raises(Forbidden, match="`create` on the environment"):
            await actions.apply(db, ground.keys, author, there.id, text, commands=SPECS)
        await actions.apply(db, ground.keys, guest(place, Level.CREATE), there.id, text, commands=SPECS)


async def test_a_chain_that_is_hidden_is_not_betrayed_by_its_name(ground: Ground) -> None:
    there = await new_place(ground)
    await put(ground, there.id, document(GOOD))
    other = (await put(ground, there.id, document(GOOD).replace("name: Test", "name: Other"))).chain
    only_other = guest(Place(there.workspace_id, there.id, other.id), Level.ADMIN)
    async with ground.database.transaction() as db:
        for text in (document(GOOD), document(GOOD).replace("name: Test", "name: Nothing there")):
            with pytest.raises(NotFound, match=f"no environment {there.id}"):
                await actions.apply(db, ground.keys, only_other, there.id, text)


async def test_lists_hold_the_chains_that_may_be_read(ground: Ground) -> None:
    there = await new_place(ground)
    for name in ("Other", "Third"):
        await put(ground, there.id, document(GOOD).replace("name: Test", f"name: {name}"))
    chain = (await put(ground, there.id, document(GOOD))).chain
    async with ground.database.transaction() as db:
        bob = await person(db, "bob@example.com")
        await group_with(db, "Team", {Place(there.workspace_id, there.id, chain.id): Level.READ}, bob)
        caller = await principal(db, bob)
        assert [found.id for found, _ in await actions.list_chains(db, caller, there.id)] == [chain.id]
        assert [found.id for found in await actions.list_short(db, caller, there.id)] == [chain.id]
        assert [found.id for found, _ in await actions.search_chains(db, caller, name="T")] == [chain.id]
        stranger = await principal(db, await person(db, "eve@example.com"))
        assert await actions.search_chains(db, stranger) == []


async def test_what_is_not_there_is_said(ground: Ground) -> None:
    there = await new_place(ground)
    chain = (await put(ground, there.id, document(GOOD))).chain
    async with ground.database.transaction() as db:
        with pytest.raises(Conflict, match="never published"):
            await actions.published(db, chain.id)
        for missing in (actions.get_chain, actions.published, actions.version, actions.export):
            with pytest.raises(NotFound):
                await missing(db, 999)
        with pytest.raises(NotFound, match="Did you mean `Test`"):
            await actions.find_chain(db, there.id, "Tset")
        with pytest.raises(NotFound):
            await actions.apply(db, ground.keys, None, 999, document(GOOD), commands=SPECS)
        with pytest.raises(NotFound):
            await actions.publish(db, None, 999, commands=SPECS)
        assert (await actions.find_chain(db, there.id, "Test")).id == chain.id


async def test_execution_is_switched_off_and_on_once(ground: Ground) -> None:
    there = await new_place(ground)
    chain = (await put(ground, there.id, document(GOOD))).chain
    async with ground.database.transaction() as db:
        assert (await actions.set_disabled(db, None, chain.id, disabled=True)).disabled
        assert (await actions.set_disabled(db, None, chain.id, disabled=True)).disabled
        assert not (await actions.set_disabled(db, None, chain.id, disabled=False)).disabled
        told = [a.key for a in await activity.activity_before(db, None, 2)]
    assert told == ["chain.enable", "chain.disable"]


async def test_lists_are_paged_by_id(ground: Ground) -> None:
    there = await new_place(ground)
    for name in ("c", "a", "b"):
        await put(ground, there.id, document(GOOD).replace("name: Test", f"name: {name}"), publish=name == "a")
    async with ground.database.reading() as db:
        page = await actions.list_chains(db, None, there.id, limit=2)
        rest = await actions.list_chains(db, None, there.id, after=page[-1][0].id)
    assert [(c.name, v is not None) for c, v in (*page, *rest)] == [("c", False), ("a", True), ("b", False)]


async def test_search_joins_workspaces_and_every_condition_narrows(ground: Ground) -> None:
    sales, stock = await new_place(ground, "Sales", "W-1"), await new_place(ground, "Stock", "W-2")
    for there, name, more in (
        (sales, "Month End", "allow_concurrent_runs: true\n"),
        (sales, "100%_done", ""),
        (stock, "month start", ""),
    ):
        text = document(GOOD, more=more).replace("name: Test", f"name: {name}")
        await put(ground, there.id, text, publish=True)

    async with ground.database.reading() as db:

        async def found(**conditions: int | str | bool) -> list[str]:
            return [chain.name for chain, _ in await actions.search_chains(db, None, **conditions)]  # type: ignore[arg-type]

        assert await found() == ["Month End", "100%_done", "month start"]
        assert await found(name="MONTH") == ["Month End", "month start"]
        assert await found(name="%_") == ["100%_done"]
        assert await found(workspace_id=stock.workspace_id) == ["month start"]
        assert await found(external_workspace_id="W-1", concurrency=False) == ["100%_done"]
        assert await found(environment_id=sales.id, concurrency=True) == ["Month End"]
        assert await found(external_workspace_id="W-3") == []
