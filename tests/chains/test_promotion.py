"""Copying chains within a workspace and promoting them to another environment of it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onecloud.chains.document import document_value, parse_value
from onecloud.chains.model import Definition
from onecloud.chains.outline import connections, with_children, with_connections
from onecloud.connections import actions as connecting
from onecloud.connections.model import ConnectionFields
from onecloud.kernel.jsonvalue import dump
from onecloud.kernel.permission import Level, Place
from onecloud.kernel.principal import Principal
from onecloud.variables import actions as variables
from onecloud.variables.model import VariableFields
from onecloud.workspaces import actions as workspaces
from tests.chains.life import SMALL, Life, with_text
from tests.chains.test_document import definitions

CHAIN: dict[str, Any] = {
    "onecloud": 1,
    "name": "Load",
    "start": "fetch",
    "variables": [{"name": "key", "value": "dev-secret", "encrypted": True}],
    "nodes": {
        "fetch": {"command": "http.request", "connection": "api dev", "inputs": {"url": "${{ workspace.BASE }}/x"}},
        "g": {
            "group": {
                "start": ["again"],
                "nodes": {
                    "again": {"command": "http.request", "connection": "api dev", "inputs": {"url": "/y"}},
                    "store": {
                        "command": "http.request",
                        "connection": "shared",
                        "inputs": {"url": "/z"},
                    },
                    "child": {"command": "event.run_chain", "inputs": {"chain": "Child"}},
                    "any": {"command": "event.run_chain", "inputs": {"chain": "${{ workspace.EMPTY }}"}},
                },
                "links": [
                    {"from": "again", "to": "store"},
                    {"from": "store", "to": "child"},
                    {"from": "child", "to": "any"},
                ],
            }
        },
    },
    "links": [{"from": "fetch", "to": "g"}],
}


async def furnished(life: Life) -> None:
    """Connections and variables: `api dev` only in DEV, `api prod` only in PROD, `shared` in both."""
    async with life.ground.database.transaction() as db:
        keys = life.ground.keys
        workspace = (await workspaces.get_environment(db, life.dev)).workspace_id
        for name, connector, places in (
            ("api dev", "http", {life.dev}),
            ("api prod", "http", {life.prod}),
            ("shared", "http", {life.dev, life.prod}),
            ("base", "sql", {life.dev, life.prod}),
        ):
            fields = ConnectionFields(
                name,
                connector,
                properties={"base_url": "http://x"} if connector == "http" else {},
                secrets={} if connector == "http" else {"url": "sqlite:///x.db"},
                environment_ids=frozenset(places),
            )
            await connecting.put_connection(db, keys, None, workspace, fields)
        for key, default, own in (("BASE", "http://dev", {}), ("EMPTY", "", {life.dev: "Child"})):
            await variables.put_variable(db, keys, None, workspace, VariableFields(key, default=default, values=own))


async def planned(life: Life, chain: str, **more: Any) -> Any:
    body = {"environment_id": str(life.prod), "name": "Load", **more}
    return await life.good("POST", f"/api/v2/chains/{chain}/promote/plan", body)


def promotion(life: Life, revision: int | None = None, **more: Any) -> dict[str, Any]:
    mapping = {"api dev": "api prod", "shared": "shared"}
    return {
        "environment_id": str(life.prod),
        "name": "Load",
        "connections": mapping,
        "target_revision": revision,
        **more,
    }


async def test_a_plan_tells_everything_that_the_target_needs(life: Life) -> None:
    await furnished(life)
    chain = await life.published(CHAIN)
    plan = await planned(life, chain)
    assert plan["source"] == {"chain_id": chain, "version": 1, "revision": None}
    assert plan["target"] == {
        "environment_id": str(life.prod),
        "environment_name": "PROD",
        "name": "Load",
        "chain_id": None,
        "revision": None,
    }
    assert plan["connections"] == [
        {
            "name": "api dev",
            "connector": "http",
            "uses": ["nodes.fetch.connection", "nodes.g.group.nodes.again.connection"],
            "candidates": ["api prod", "shared"],
            "suggested": None,
        },
        {
            "name": "shared",
            "connector": "http",
            "uses": ["nodes.g.group.nodes.store.connection"],
            "candidates": ["api prod", "shared"],
            "suggested": "shared",
        },
    ]
    assert [(c["name"], c["fixed"], c["in_target"], c["published"]) for c in plan["children"]] == [
        ("Child", True, False, False),
        ("${{ workspace.EMPTY }}", False, False, False),
    ]
    assert [(v["name"], v["exists"], v["empty"], v["same_as_source"]) for v in plan["variables"]] == [
        ("BASE", True, False, True),
        ("EMPTY", True, True, False),
    ]
    assert plan["resources"] == []
    assert plan["secrets"] == [{"name": "key", "in_source": True, "in_target": False}]
    assert {c["kind"] for c in plan["changes"]} == {"added"}
    assert "dev-secret" not in dump(plan)
    async with life.ground.database.reading() as db:
        assert (await workspaces.get_environment(db, life.prod)).chains_count == 0, "nothing was done"


async def test_a_plan_names_the_files_that_the_chain_uses(life: Life) -> None:
    chain = (await life.made(with_text('${{ resource["map.csv"].name }}')))["chain_id"]
    plan = await planned(life, chain, of="draft")
    assert plan["resources"] == [{"name": "map.csv", "exists": False}]
    assert [p["where"] for p in plan["problems"]] == ["nodes.make.inputs.text"]


async def test_a_promoted_chain_arrives_unpublished_with_the_connections_that_were_chosen(life: Life) -> None:
    await furnished(life)
    chain = await life.published(CHAIN)
    arrived = await life.good("POST", f"/api/v2/chains/{chain}/promote", promotion(life))
    assert (arrived["environment_id"], arrived["name"], arrived["problems"]) == (str(life.prod), "Load", [])
    draft = await life.draft(arrived["chain_id"])
    nodes = draft["document"]["nodes"]
    assert (draft["published"], draft["saved_by"]["name"]) == (None, "Ada Lovelace")
    assert nodes["fetch"]["connection"] == "api prod"
    assert nodes["g"]["group"]["nodes"]["again"]["connection"] == "api prod"
    assert nodes["g"]["group"]["nodes"]["store"]["connection"] == "shared"
    await life.good("POST", f"/api/v2/chains/{arrived['chain_id']}/publish", {})


async def test_promoting_again_changes_the_draft_there_and_keeps_its_secret_and_what_runs(life: Life) -> None:
    await furnished(life)
    chain = await life.published(CHAIN)
    there = (await life.good("POST", f"/api/v2/chains/{chain}/promote", promotion(life)))["chain_id"]
    secret = [{"name": "key", "value": "prod-secret", "encrypted": True}]
    document = (await life.draft(there))["document"]
    await life.save(there, {**document, "variables": secret}, 1)
    await life.good("POST", f"/api/v2/chains/{there}/publish", {})

    await life.save(chain, {**CHAIN, "description": "Newer"}, 1)
    await life.good("POST", f"/api/v2/chains/{chain}/publish", {})
    plan = await planned(life, chain)
    assert (plan["target"]["chain_id"], plan["target"]["revision"]) == (there, 2)
    assert [need["suggested"] for need in plan["connections"]] == ["api prod", "shared"], "as the chain there has it"
    assert plan["secrets"] == [{"name": "key", "in_source": True, "in_target": True}]
    assert [(c["name"], c["kind"]) for c in plan["changes"]] == [("description", "added")]
    taking = await planned(life, chain, take_secrets=True)
    assert [(c["name"], c["hidden"]) for c in taking["changes"]] == [("description", False), ("key", True)]

    path = f"/api/v2/chains/{chain}/promote"
    await life.refused(412, "chain.draft_changed", "POST", path, promotion(life, 1))
    await life.refused(412, "chain.draft_changed", "POST", path, promotion(life, None))
    arrived = await life.good("POST", path, promotion(life, 2))
    assert (arrived["chain_id"], arrived["revision"], arrived["unpublished_changes"]) == (there, 3, True)
    found = await life.good("GET", f"/api/v2/chains/{there}/diff")
    assert [(c["name"], c["after"]) for c in found["changes"]] == [("description", "Newer")]
    assert (await life.good("GET", f"/api/v2/chains/{there}"))["description"] == "", "what is published runs on"
    taken = await life.good("POST", path, promotion(life, 3, take_secrets=True))
    assert taken["revision"] == 4
    found = await life.good("GET", f"/api/v2/chains/{there}/diff")
    assert [c["name"] for c in found["changes"]] == ["description", "key"]


@pytest.mark.parametrize(
    ("mapping", "words"),
    [
        ({}, "connections.api dev: `api dev` is mapped to no connection of the target."),
        ({"api dev": "api dev", "shared": "shared"}, "No connection `api dev` is enabled in the target environment."),
        ({"api dev": "base", "shared": "shared"}, "`base` is a connection of `sql`, not of `http`."),
        ({"api dev": None, "shared": None, "other": None}, "connections.other: The chain uses no such connection."),
    ],
)
async def test_a_mapping_that_does_not_fit_is_refused_and_nothing_is_made(
    life: Life, mapping: dict[str, str | None], words: str
) -> None:
    await furnished(life)
    chain = await life.published(CHAIN)
    body = {**promotion(life), "connections": mapping}
    refused = await life.refused(422, "chain.promotion", "POST", f"/api/v2/chains/{chain}/promote", body)
    assert words in " ".join(f"{p['where']}: {p['message']}" for p in refused["problems"])
    assert (await life.good("GET", f"/api/v2/environments/{life.prod}/chains"))["items"] == []


async def test_null_leaves_the_nodes_without_a_connection(life: Life) -> None:
    await furnished(life)
    chain = await life.published(CHAIN)
    body = promotion(life, connections={"api dev": None, "shared": "shared"})
    arrived = await life.good("POST", f"/api/v2/chains/{chain}/promote", body)
    assert "connection" not in (await life.draft(arrived["chain_id"]))["document"]["nodes"]["fetch"]


async def test_what_is_promoted_can_be_chosen(life: Life) -> None:
    chain = (await life.made())["chain_id"]
    body = {"environment_id": str(life.prod), "name": "There"}
    path = f"/api/v2/chains/{chain}/promote"
    await life.refused(409, "chain.not_published", "POST", path, body)
    await life.good("POST", path, {**body, "of": "draft"})
    await life.good("POST", f"/api/v2/chains/{chain}/publish", {})
    await life.save(chain, with_text("two"), 1)
    await life.good("POST", f"/api/v2/chains/{chain}/publish", {})
    there = await life.good("POST", path, {**body, "name": "First", "of": "1"})
    assert (await life.draft(there["chain_id"]))["document"]["nodes"]["make"]["inputs"]["text"] == "one"
    await life.refused(404, "chain.version_not_found", "POST", path, {**body, "of": "7"})
    await life.refused(422, "request.invalid", "POST", path, {**body, "of": "newest"})


async def test_chains_stay_in_their_workspace_and_move_to_another_environment_of_it(life: Life) -> None:
    chain = await life.published()
    for path in ("promote/plan", "promote", "copy"):
        body = {"environment_id": str(life.elsewhere), "name": "x"}
        refused = await life.refused(422, "chain.other_workspace", "POST", f"/api/v2/chains/{chain}/{path}", body)
        assert "Export the chain and import it there." in refused["detail"]
        body = {"environment_id": "999", "name": "x"}
        await life.refused(404, "environment.not_found", "POST", f"/api/v2/chains/{chain}/{path}", body)
    body = {"environment_id": str(life.dev), "name": "x"}
    refused = await life.refused(422, "chain.promotion", "POST", f"/api/v2/chains/{chain}/promote", body)
    assert "in this environment already" in refused["detail"]


async def test_of_many_promotions_at_once_one_arrives(life: Life) -> None:
    chain = await life.published()
    body = {"environment_id": str(life.prod), "name": "Report"}
    answers = await asyncio.gather(*(life.call("POST", f"/api/v2/chains/{chain}/promote", body) for _ in range(6)))
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses[0] == 200
    assert set(statuses[1:]) <= {409, 412}, statuses
    assert len((await life.good("GET", f"/api/v2/environments/{life.prod}/chains"))["items"]) == 1


async def test_a_copy_has_everything_but_the_history(life: Life) -> None:
    secret = [{"name": "key", "value": "s3cret", "encrypted": True}]
    chain = await life.published(with_text("one", variables=secret, tags=["a"]))
    await life.save(chain, with_text("two", variables=[{**secret[0], "value": None}], tags=["a"]), 1)
    path = f"/api/v2/chains/{chain}/copy"
    await life.refused(409, "chain.name_taken", "POST", path, {"environment_id": str(life.dev), "name": "Report"})
    copy = await life.good("POST", path, {"environment_id": str(life.dev), "name": "Report - Copy"})
    assert (copy["problems"], copy["revision"]) == ([], 1), "the secret came along"
    draft = await life.draft(copy["chain_id"])
    assert (draft["document"]["nodes"]["make"]["inputs"]["text"], draft["published"]) == ("two", None)
    of_published = {"environment_id": str(life.prod), "name": "Report", "of": "published"}
    there = await life.good("POST", path, of_published)
    assert (await life.draft(there["chain_id"]))["document"]["nodes"]["make"]["inputs"]["text"] == "one"


async def test_who_may_only_read_a_chain_copies_it_without_its_secrets(life: Life) -> None:
    chain = await life.published(with_text("x", variables=[{"name": "key", "value": "s3cret", "encrypted": True}]))
    async with life.ground.database.reading() as db:
        workspace = (await workspaces.get_environment(db, life.dev)).workspace_id
    grants = {
        Place(workspace, life.dev, int(chain)): Level.READ,
        Place(workspace, life.prod): Level.CREATE,
    }
    life.callers["bob"] = Principal(998, "bob@example.com", "Bob", is_admin=False, via="session", grants=grants)
    body = {"environment_id": str(life.prod), "name": "Mine"}
    copy = await life.good("POST", f"/api/v2/chains/{chain}/copy", body, by="bob")
    assert [p["where"] for p in copy["problems"]] == ["variables[0].value"]
    await life.refused(403, "permission.needed", "POST", f"/api/v2/chains/{chain}/promote", body, by="bob")
    await life.refused(403, "permission.needed", "POST", f"/api/v2/chains/{chain}/export", by="bob")
    in_dev = {"environment_id": str(life.dev), "name": "Mine"}
    await life.refused(404, "environment.not_found", "POST", f"/api/v2/chains/{chain}/copy", in_dev, by="bob")


@given(definitions(), st.dictionaries(st.text("ab", min_size=1, max_size=2), st.none() | st.text("xy", min_size=1)))
def test_a_mapping_changes_connections_and_nothing_else(definition: Definition, mapping: dict[str, str | None]) -> None:
    document = document_value(definition)
    mapped = with_connections(document, mapping)
    for before in connections(document):
        wanted = mapping.get(before.name, before.name)
        assert {u.name for u in connections(mapped) if u.where == before.where} == ({wanted} - {None})
    assert dump(with_connections(document, {})) == dump(document)
    assert dump(with_children(document, {})) == dump(document)
    parse_value(mapped)


def test_names_in_what_an_author_wrote_are_no_connections() -> None:
    document = {
        **SMALL,
        "nodes": {
            "connection": {
                "command": "x.y",
                "connection": "a",
                "inputs": {"connection": "b", "deep": [{"connection": "c"}]},
            },
            "inputs": {"command": "x.y", "connection": "d"},
        },
        "outputs": [{"name": "o", "value": {"connection": "e"}}],
        "triggers": [{"kind": "file", "connection": "f"}],
    }
    assert [(u.name, u.where) for u in connections(document)] == [
        ("a", "nodes.connection.connection"),
        ("d", "nodes.inputs.connection"),
        ("f", "triggers[0].connection"),
    ]
    mapped = with_connections(document, dict.fromkeys("abcdef", "z"))
    assert [u.name for u in connections(mapped)] == ["z", "z", "z"]
    assert mapped["nodes"]["connection"]["inputs"] == {"connection": "b", "deep": [{"connection": "c"}]}  # type: ignore[index, call-overload]
