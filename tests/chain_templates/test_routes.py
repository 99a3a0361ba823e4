"""Templates over HTTP through the whole application, on both databases."""

from __future__ import annotations

from typing import Any

import pytest

from onecloud.chain_templates import actions
from onecloud.chain_templates.document import parse_text
from onecloud.chains import actions as chains
from onecloud.kernel.errors import Forbidden, NotFound, OneCloudError
from onecloud.kernel.permission import Level, Place
from onecloud.kernel.principal import Principal
from onecloud.variables import actions as variables
from tests.chain_templates.conftest import Surface
from tests.chain_templates.test_rules import TEMPLATE

CHAIN = """
onecloud: 1
name: Load
variables: [{name: limit, value: "10"}]
start: rates
nodes:
  rates: {command: files.list_content, inputs: {file: '${{ resource["rates.csv"] }}'}}
  ask: {command: sql.query, connection: Warehouse, inputs: {sql: "select '${{ workspace.dwh }}', ${{ chain.limit }}"}}
links: [{from: rates, to: ask}]
"""
PASSWORD = {"type": "chain", "name": "password", "value": "hunter2"}


async def published(surface: Surface, text: str = TEMPLATE) -> str:
    """A template with its document published; its path."""
    made = await surface.done("POST", "/templates", {"text": text})
    path = f"/templates/{made['template']['id']}"
    await surface.done("POST", f"{path}/publish", {"comment": "first"})
    return path


def order(surface: Surface, name: str = "May", **more: Any) -> dict[str, Any]:
    return {"environment_id": str(surface.environment_id), "name": name, **more}


async def test_a_template_is_made_read_changed_published_and_deleted(surface: Surface) -> None:
    made = await surface.done("POST", "/templates", {"text": TEMPLATE})
    template = made["template"]
    assert (template["name"], template["folder"], template["revision"]) == ("Monthly load", "Loads", 1)
    assert (template["published_version"], template["unpublished_changes"], made["problems"]) == (None, True, [])
    path = f"/templates/{template['id']}"
    read = await surface.call("GET", path)
    assert read.headers["etag"] == '"1"'
    assert read.json()["template"] == template
    assert parse_text(read.json()["text"]).content == parse_text(TEMPLATE).content
    document = {**read.json()["document"], "folder": "Default", "template": "Load", "description": "New"}
    saved = await surface.call("PUT", path, {"document": document}, **{"If-Match": '"1"'})
    assert saved.headers["etag"] == '"2"'
    assert (saved.json()["template"]["folder"], saved.json()["changed"]) == ("Default", True)
    same = await surface.done("PUT", path, {"document": document}, **{"If-Match": '"2"'})
    assert (same["changed"], same["template"]["revision"]) == (False, 2)
    version = await surface.done("POST", f"{path}/publish", {"comment": "first"})
    assert (version["version"], version["comment"], version["published_by"]) == (1, "first", "Ada Lovelace")
    assert (await surface.done("POST", f"{path}/publish", {}))["version"] == 1, "an unchanged draft makes no version"
    assert (await surface.done("GET", path))["template"]["unpublished_changes"] is False
    fewer = {**document, "variables": document["variables"][:-1]}
    await surface.done("PUT", path, {"document": fewer}, **{"If-Match": "*"})
    assert (await surface.done("GET", path))["template"]["unpublished_changes"] is True
    assert [v["version"] for v in (await surface.done("GET", f"{path}/versions"))["items"]] == [1]
    await surface.done("DELETE", path)
    assert (await surface.call("GET", path)).status_code == 404


async def test_nobody_overwrites_what_they_have_not_seen(surface: Surface) -> None:
    made = await surface.done("POST", "/templates", {"text": TEMPLATE})
    path = f"/templates/{made['template']['id']}"
    changed = TEMPLATE.replace("A month of data.", "Another month.")
    for if_match, status, code in ((None, 428, "if_match.missing"), ('"x"', 400, "if_match.invalid")):
        answer = await surface.call("PUT", path, {"text": changed}, **({"If-Match": if_match} if if_match else {}))
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    await surface.done("PUT", path, {"text": changed}, **{"If-Match": '"1"'})
    late = await surface.call("PUT", path, {"text": TEMPLATE}, **{"If-Match": '"1"'})
    assert (late.status_code, late.json()["code"]) == (412, "template.changed")


async def test_a_template_with_faults_is_a_draft_and_is_not_published(surface: Surface) -> None:
    made = await surface.done("POST", "/templates", {"text": TEMPLATE.replace("chain.limit", "chain.limt")})
    assert [(p["where"], p["line"]) for p in made["problems"]] == [("chain.nodes.many.group.nodes.ask.inputs.sql", 20)]
    path = f"/templates/{made['template']['id']}"
    refused = await surface.call("POST", f"{path}/publish", {})
    assert (refused.status_code, refused.json()["code"]) == (422, "template.invalid")
    refused = await surface.call("POST", f"{path}/plan", order(surface))
    assert (refused.status_code, refused.json()["code"]) == (409, "template.not_published")


async def test_folders_are_made_renamed_and_emptied_before_they_go(surface: Surface) -> None:
    empty = await surface.done("POST", "/template-folders", {"name": "Empty"})
    made = await surface.done("POST", "/templates", {"text": TEMPLATE})
    default = await surface.done("POST", "/template-folders", {"name": "Default"})
    folder = made["template"]["folder_id"]
    renamed = await surface.done("PATCH", f"/template-folders/{folder}", {"name": "All loads"})
    assert renamed == {"id": folder, "name": "All loads", "templates_count": 1}
    assert (await surface.done("GET", f"/templates?folder_id={folder}"))["items"][0]["folder"] == "All loads"
    assert (await surface.done("GET", f"/templates?folder_id={empty['id']}"))["items"] == []
    wrong: list[tuple[str, str, Any, int, str]] = [
        ("POST", "/template-folders", {"name": "Empty"}, 409, "template.folder_taken"),
        ("POST", "/template-folders", {"name": " "}, 422, "template.folder_invalid"),
        ("PATCH", f"/template-folders/{folder}", {"name": "Empty"}, 409, "template.folder_taken"),
        ("PATCH", f"/template-folders/{default['id']}", {"name": "X"}, 409, "template.folder_default"),
        ("DELETE", f"/template-folders/{default['id']}", None, 409, "template.folder_default"),
        ("DELETE", f"/template-folders/{folder}", None, 409, "template.folder_not_empty"),
        ("DELETE", "/template-folders/999", None, 404, "template.folder_not_found"),
        ("GET", "/templates?folder_id=x", None, 404, "template.folder_not_found"),
        ("GET", "/templates/x", None, 404, "template.not_found"),
        ("GET", "/templates/999/versions", None, 404, "template.not_found"),
        ("POST", "/templates", {"text": TEMPLATE.replace("Loads", "All loads")}, 409, "template.name_taken"),
        ("POST", "/templates", {}, 422, "template.document"),
        ("POST", "/templates", {"text": "[", "document": {}}, 422, "template.document"),
        ("GET", "/templates?cursor=x", None, 400, "cursor.invalid"),
    ]
    for method, path, body, status, code in wrong:
        answer = await surface.call(method, path, body)
        assert (answer.status_code, answer.json()["code"]) == (status, code), (method, path, answer.text)
    await surface.done("DELETE", f"/template-folders/{empty['id']}")
    listed = (await surface.done("GET", "/template-folders"))["items"]
    assert [(one["name"], one["templates_count"]) for one in listed] == [("All loads", 1), ("Default", 0)]


async def test_lists_come_in_pages(surface: Surface) -> None:
    for number in range(3):
        await surface.done("POST", "/templates", {"text": TEMPLATE.replace("Monthly load", f"Load {number}")})
    first = await surface.done("GET", "/templates?limit=2")
    rest = await surface.done("GET", f"/templates?limit=2&cursor={first['next_cursor']}")
    assert [one["name"] for one in first["items"] + rest["items"]] == ["Load 0", "Load 1", "Load 2"]
    assert rest["next_cursor"] is None


async def test_a_chain_becomes_a_template_and_the_template_a_chain_elsewhere(surface: Surface) -> None:
    await surface.furnish()
    async with surface.ground.database.transaction() as db:
        applied = await chains.apply(
            db, surface.ground.keys, surface.admin, surface.environment_id, CHAIN, publish=True
        )
    made = await surface.done("POST", f"/chains/{applied.chain.id}/template", {})
    template = made["template"]
    assert (template["name"], template["folder"], made["problems"]) == ("Load - Template", "Default", [])
    path = f"/templates/{made['template']['id']}"
    await surface.done("POST", f"{path}/publish", {})
    plan = await surface.done("POST", f"{path}/plan", order(surface))
    assert (plan["ready"], plan["choice_problems"]) == (True, [])
    assert [(v["type"], v["name"], v["how"], v["to"]) for v in plan["variables"]] == [
        ("workspace", "dwh", "use", "dwh"),
        ("resource", "rates.csv", "use", "rates.csv"),
        ("chain", "limit", "set", "limit"),
    ]
    assert (plan["workspace_variables"], plan["workspace_resources"]) == (["dwh"], ["rates.csv"])
    (ask,) = plan["connections"]
    assert (ask["node"], ask["required"], ask["choices"], ask["connection"]) == (
        "ask",
        True,
        ["Sandbox", "Warehouse"],
        None,
    )
    assert [p["where"] for p in plan["problems"]] == ["nodes.ask.connection"]
    chosen = order(surface, connections=[{"node": "ask", "connection": "Sandbox"}])
    made = await surface.done("POST", f"{path}/chains", chosen)
    assert (made["name"], made["problems"]) == ("May", [])
    async with surface.ground.database.transaction() as db:
        done = await chains.publish(db, surface.admin, int(made["chain_id"]))
        assert done.version is not None
        node = done.version.definition.node("ask")
    assert node is not None
    assert node.connection == "Sandbox"
    again = await surface.call("POST", f"{path}/chains", chosen)
    assert (again.status_code, again.json()["code"]) == (422, "template.choices")
    assert again.json()["problems"][0]["where"] == "name"


async def test_the_workspace_gets_the_variables_that_it_lacks_with_the_chain_or_not_at_all(surface: Surface) -> None:
    await surface.furnish()
    path = await published(surface)
    wrong = order(surface, variables=[PASSWORD], connections=[{"node": "ask", "connection": "Files"}])
    refused = await surface.call("POST", f"{path}/chains", wrong)
    assert (refused.status_code, refused.json()["code"]) == (422, "template.choices")
    workspace = await _values(surface)
    assert "schema" not in workspace
    plan = await surface.done("POST", f"{path}/plan", order(surface, variables=[PASSWORD]))
    assert [(v["name"], v["how"], v["value"]) for v in plan["variables"]] == [
        ("schema", "create", "public"),
        ("rates.csv", "use", None),
        ("limit", "set", "10"),
        ("password", "set", None),
        ("last_id", "set", 7),
    ]
    assert "hunter2" not in str(plan)
    assert "schema" not in await _values(surface), "a plan writes nothing"
    right = order(surface, variables=[PASSWORD], connections=[{"node": "ask", "connection": "Warehouse"}])
    made = await surface.done("POST", f"{path}/chains", right)
    assert made["problems"] == []
    assert (await _values(surface))["schema"] == "public"


async def _values(surface: Surface) -> dict[str, Any]:
    async with surface.ground.database.reading() as db:
        return {**await variables.values_for(db, surface.ground.keys, surface.environment_id)}


@pytest.mark.parametrize(
    ("level", "keep", "make"),
    [(None, Forbidden, NotFound), (Level.READ, Forbidden, Forbidden), (Level.CREATE, None, None)],
)
async def test_keeping_templates_takes_create_somewhere_and_a_chain_takes_it_there(
    surface: Surface,
    level: Level | None,
    keep: type[OneCloudError] | None,
    make: type[OneCloudError] | None,
) -> None:
    path = await published(surface)
    template_id, environment = int(path.rsplit("/", 1)[1]), surface.environment_id
    grants = {} if level is None else {Place(1, environment): level}
    person = Principal(7, "bob@example.com", "Bob", is_admin=False, via="session", grants=grants)
    parsed = parse_text(TEMPLATE.replace("Monthly load", "Mine"))

    async with surface.ground.database.reading() as db:
        assert (await actions.list_templates(db, None, None, 10))[0], "everybody reads them"
        if make is None:
            assert (await actions.plan(db, person, template_id, actions.Order(environment, "May"))).made.variables
        else:
            with pytest.raises(make):
                await actions.plan(db, person, template_id, actions.Order(environment, "May"))
    async with surface.ground.database.transaction() as db:
        if keep is None:
            await actions.add(db, person, parsed)
            return
        for attempt in (
            actions.add(db, person, parsed),
            actions.save(db, person, template_id, parsed),
            actions.publish(db, person, template_id),
            actions.remove(db, person, template_id),
            actions.add_folder(db, person, "Mine"),
        ):
            with pytest.raises(keep):
                await attempt
