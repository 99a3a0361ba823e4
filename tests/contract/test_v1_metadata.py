"""The eight metadata operations of API v1: their bodies against the schemas, and what they must not tell."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI, Request, Response
from sqlalchemy import event
from starlette.middleware.base import RequestResponseEndpoint

from onecloud.api import errors
from onecloud.api.v1.metadata import router
from onecloud.chains import model as chain_model
from onecloud.chains import store as chain_store
from onecloud.chains.model import Definition, Link, Node, RuntimeInput, When
from onecloud.infra.http import Ground
from onecloud.kernel.principal import Principal
from onecloud.variables import actions as variables
from onecloud.variables.model import VariableFields
from onecloud.workspaces import actions as workspaces
from onecloud.workspaces.model import EnvironmentFields, WorkspaceFields
from tests.contract import v1_schemas as schemas

ADMIN = Principal(user_id=1, email="a@x.y", name="Ada", is_admin=True, via="token")
READER = Principal(user_id=2, email="r@x.y", name="Rob", is_admin=False, via="token")
ROOT = "/api/v1/metadata"

SALES = Definition(
    name="Sales Report",
    description="Totals",
    start="read",
    nodes=(
        Node("read", "files.create", name="Read the file", description="From disk"),
        Node("mail", "http.request"),
        Node("alone", "http.request"),
    ),
    links=(Link("read", "mail", When.FAILURE), Link("read", "mail", When.SUCCESS)),
    allow_concurrent_runs=True,
    inputs=(
        RuntimeInput("period", "text"),
        RuntimeInput("count", "number"),
        RuntimeInput("again", "boolean"),
        RuntimeInput("day", "date"),
        RuntimeInput("kind", "dropdown", options=("a", "b")),
    ),
)


@dataclass(frozen=True, slots=True)
class World:
    """Two workspaces; the first has DEV and PROD, variables, and two chains in DEV, one of them published."""

    client: httpx2.AsyncClient
    ground: Ground
    finance: int
    hr: int
    dev: int
    prod: int
    hr_dev: int
    sales: int
    draft: int
    hr_chain: int

    async def get(self, path: str, role: str = "admin") -> httpx2.Response:
        return await self.client.get(f"{ROOT}{path}", headers={"x-role": role})

    async def data(self, path: str, role: str = "admin") -> Any:
        answer = await self.get(path, role)
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == "application/json"
        return answer.json()["data"]


async def add_chain(ground: Ground, environment_id: int, definition: Definition, *, publish: bool = True) -> int:
    async with ground.database.transaction() as db:
        chain_id = await chain_store.add_chain(db, environment_id, definition)
        assert chain_id is not None
        await workspaces.chain_added(db, environment_id)
        if publish:
            await chain_store.add_version(db, chain_id, definition, comment="", published_by=None)
    return chain_id


def small_app(ground: Ground) -> FastAPI:
    app = FastAPI()
    app.state.ground = ground
    errors.install(app)
    app.include_router(router)

    async def identify(request: Request, proceed: RequestResponseEndpoint) -> Response:
        request.state.principal = {"admin": ADMIN, "reader": READER}.get(request.headers.get("x-role", ""))
        return await proceed(request)

    app.middleware("http")(identify)
    return app


@pytest.fixture
async def world(ground: Ground) -> AsyncIterator[World]:
    async with ground.database.transaction() as db:
        finance = await workspaces.create_workspace(db, None, WorkspaceFields("Finance", "Books", "201"))
        hr = await workspaces.create_workspace(db, None, WorkspaceFields("HR"))
        dev = await workspaces.create_environment(db, None, finance.id, EnvironmentFields("DEV", "First", "#123456"))
        prod = await workspaces.create_environment(db, None, finance.id, EnvironmentFields("PROD"))
        hr_dev = await workspaces.create_environment(db, None, hr.id, EnvironmentFields("DEV"))
        plain = VariableFields("base", "Base URL", "http://default", values={prod.id: "http://prod"})
        await variables.put_variable(db, ground.keys, None, finance.id, plain)
        secret = VariableFields("password", "", "hunter2", encrypted=True, values={prod.id: "hunter3"})
        await variables.put_variable(db, ground.keys, None, finance.id, secret)
    sales = await add_chain(ground, dev.id, SALES)
    draft = await add_chain(ground, dev.id, Definition("Draft 100%_", "a", (Node("a", "http.request"),)), publish=False)
    hr_chain = await add_chain(ground, hr_dev.id, Definition("Größe sales", "a", (Node("a", "http.request"),)))
    transport = httpx2.ASGITransport(small_app(ground))
    async with httpx2.AsyncClient(transport=transport, base_url="http://onecloud.test") as client:
        yield World(client, ground, finance.id, hr.id, dev.id, prod.id, hr_dev.id, sales, draft, hr_chain)


async def test_every_answer_is_as_its_schema_says(world: World) -> None:
    w = world
    for path, schema in {
        "/workspace": schemas.each(schemas.WORKSPACE),
        f"/workspace/{w.finance}": schemas.WORKSPACE,
        f"/workspace/{w.finance}/environment": schemas.each(schemas.ENVIRONMENT),
        f"/workspace/{w.finance}/environment/{w.prod}": schemas.ENVIRONMENT,
        f"/environment/{w.dev}/chain": schemas.each(schemas.SHORT_CHAIN),
        f"/environment/{w.dev}/chain/{w.sales}": schemas.CHAIN,
        f"/environment/{w.dev}/chain/{w.sales}/command": schemas.each(schemas.COMMAND),
        "/chains/search": schemas.each(schemas.CHAIN),
    }.items():
        answer = await w.get(path)
        assert answer.status_code == 200, path
        schemas.check_data(answer.json(), schema)
        assert answer.json()["data"], path  # an empty list would pass any schema


async def test_workspaces_come_with_their_variables_in_order(world: World) -> None:
    listed = await world.data("/workspace")
    assert [(w["id"], w["company_id"], w["external_id"], w["name"], w["description"]) for w in listed] == [
        (str(world.finance), "1", "201", "Finance", "Books"),
        (str(world.hr), "1", "", "HR", ""),
    ]
    assert listed[0] == await world.data(f"/workspace/{world.finance}")
    assert listed[0]["variables"] == [
        {
            "key": "base",
            "label": "Base URL",
            "defaultValue": "http://default",
            "value": "http://default",
            "encrypted": False,
        },
        {"key": "password", "label": "password", "defaultValue": "", "value": None, "encrypted": True},
    ]
    assert listed[1]["variables"] == []


async def test_environments_come_in_their_order_with_the_values_they_have(world: World) -> None:
    dev, prod = await world.data(f"/workspace/{world.finance}/environment")
    assert (dev["id"], dev["name"], dev["description"], dev["position"]) == (str(world.dev), "DEV", "First", 0)
    assert (dev["color"], dev["settings"], dev["chains_count"]) == ("#123456", {"color": "#123456"}, 2)
    assert (prod["id"], prod["position"], prod["chains_count"]) == (str(world.prod), 1, 0)
    assert [e["variables"][0]["value"] for e in (dev, prod)] == ["http://default", "http://prod"]
    assert prod == await world.data(f"/workspace/{world.finance}/environment/{world.prod}")


async def test_no_answer_holds_anything_of_an_encrypted_value(world: World) -> None:
    w = world
    for path in ("/workspace", f"/workspace/{w.finance}/environment", f"/workspace/{w.finance}/environment/{w.prod}"):
        text = (await w.get(path)).text
        assert "hunter" not in text
        assert '"value":null' in text


async def test_a_chain_is_told_as_published(world: World) -> None:
    chain = await world.data(f"/environment/{world.dev}/chain/{world.sales}")
    assert (chain["id"], chain["internal_id"]) == (str(world.sales), world.sales)
    assert (chain["name"], chain["description"]) == ("Sales Report", "Totals")
    assert (chain["disabled"], chain["concurrency_enabled"], chain["schedules"]) == (False, True, [])
    assert [asked["data_type"] for asked in chain["runtime_inputs"]] == [
        "string",
        "number",
        "boolean",
        "date",
        "string",
    ]
    assert chain["runtime_inputs"][0]["vuid"] == f"data.chain.{chain_model.input_id(world.sales, 'period')}"
    short = (await world.data(f"/environment/{world.dev}/chain"))[0]
    assert short == {name: chain[name] for name in short}
    unpublished = await world.data(f"/environment/{world.dev}/chain/{world.draft}")
    assert unpublished["runtime_inputs"] == []


async def test_commands_carry_the_link_that_leads_to_them(world: World) -> None:
    commands = await world.data(f"/environment/{world.dev}/chain/{world.sales}/command")
    assert [(c["name"], c["description"]) for c in commands] == [
        ("Read the file", "From disk"),
        ("mail", ""),
        ("alone", ""),
    ]
    assert [c["id"] for c in commands] == [chain_model.node_id(world.sales, key) for key in ("read", "mail", "alone")]
    assert [c["link_id"] for c in commands] == ["", chain_model.link_id(world.sales, SALES.links[0]), ""]
    assert await world.data(f"/environment/{world.dev}/chain/{world.draft}/command") == []


async def test_lists_of_what_is_empty_are_empty(world: World) -> None:
    assert await world.data(f"/environment/{world.prod}/chain") == []
    async with world.ground.database.transaction() as db:
        bare = await workspaces.create_workspace(db, None, WorkspaceFields("Bare"))
    assert await world.data(f"/workspace/{bare.id}/environment") == []


async def test_what_is_not_there_is_404_in_the_documented_shape(world: World) -> None:
    w = world
    paths = (
        "/workspace/{missing}",
        "/workspace/{missing}/environment",
        f"/workspace/{{missing}}/environment/{w.dev}",
        f"/workspace/{w.finance}/environment/{{missing}}",
        "/environment/{missing}/chain",
        f"/environment/{{missing}}/chain/{w.sales}",
        f"/environment/{w.dev}/chain/{{missing}}",
        f"/environment/{w.dev}/chain/{{missing}}/command",
    )
    nothing = ("999999", "abc", "0", "-1", "1.0", "007", "9" * 40, "%00", "%F0%9F%92%A3")
    elsewhere = (
        f"/workspace/{w.hr}/environment/{w.dev}",
        f"/environment/{w.prod}/chain/{w.sales}",
        f"/environment/{w.hr_dev}/chain/{w.sales}",
        f"/environment/{w.prod}/chain/{w.sales}/command",
    )
    for path in (*(path.format(missing=missing) for path in paths for missing in nothing), *elsewhere):
        answer = await w.get(path)
        assert answer.status_code == 404, (path, answer.text)
        schemas.check(answer.json(), schemas.ERROR)


async def test_without_a_caller_every_operation_is_401(world: World) -> None:
    w = world
    for path in (
        "/workspace",
        f"/workspace/{w.finance}",
        f"/workspace/{w.finance}/environment",
        f"/workspace/{w.finance}/environment/{w.dev}",
        f"/environment/{w.dev}/chain",
        f"/environment/{w.dev}/chain/{w.sales}",
        f"/environment/{w.dev}/chain/{w.sales}/command",
        "/chains/search",
        "/workspace/999999",
    ):
        answer = await w.get(path, role="nobody")
        assert answer.status_code == 401, path
        assert answer.headers["www-authenticate"].startswith("Bearer")
        schemas.check(answer.json(), schemas.ERROR)


async def test_who_may_not_see_finds_empty_lists_and_nothing_by_id(world: World) -> None:
    w = world
    assert await w.data("/workspace", role="reader") == []
    assert await w.data("/chains/search", role="reader") == []
    for path in (
        f"/workspace/{w.finance}",
        f"/workspace/{w.finance}/environment",
        f"/workspace/{w.finance}/environment/{w.dev}",
        f"/environment/{w.dev}/chain",
        f"/environment/{w.dev}/chain/{w.sales}",
        f"/environment/{w.dev}/chain/{w.sales}/command",
    ):
        hidden = await w.get(path, role="reader")
        assert hidden.status_code == 404, path
        schemas.check(hidden.json(), schemas.ERROR)


async def found(world: World, **conditions: str | int) -> list[str]:
    answer = await world.client.get(f"{ROOT}/chains/search", params=conditions, headers={"x-role": "admin"})
    assert answer.status_code == 200, answer.text
    return [chain["name"] for chain in answer.json()["data"]]


async def test_a_search_finds_what_fits_every_condition(world: World) -> None:
    w = world
    sales, draft, other = "Sales Report", "Draft 100%_", "Größe sales"
    assert await found(w) == [sales, draft, other]
    assert await found(w, workspace_id=w.finance) == [sales, draft]
    assert await found(w, workspace_id=str(w.hr)) == [other]
    assert await found(w, external_workspace_id="201") == [sales, draft]
    assert await found(w, environment_id=w.hr_dev) == [other]
    assert await found(w, name="SALES") == [sales, other]
    assert await found(w, name="sales", workspace_id=w.hr) == [other]
    assert await found(w, name="größe") == [other]
    assert await found(w, parallel_execution_enabled="true") == [sales]
    assert await found(w, parallel_execution_enabled="false") == [draft, other]
    assert await found(w, parallel_execution_enabled="true", environment_id=w.hr_dev) == []


async def test_the_letters_of_a_pattern_are_searched_as_letters(world: World) -> None:
    assert await found(world, name="%") == ["Draft 100%_"]
    assert await found(world, name="_") == ["Draft 100%_"]
    assert await found(world, name="\\") == []
    assert await found(world, name="'") == []


async def test_a_search_for_what_cannot_be_finds_nothing(world: World) -> None:
    for conditions in (
        {"workspace_id": "-1"},
        {"workspace_id": "9" * 30},
        {"environment_id": "999999"},
        {"external_workspace_id": ""},
        {"external_workspace_id": "\x00"},
        {"name": "\x00"},
    ):
        assert await found(world, **conditions) == [], conditions


async def test_a_wrong_type_is_422_and_names_the_parameter(world: World) -> None:
    for parameter, value in (
        ("workspace_id", "abc"),
        ("workspace_id", "1.0"),
        ("workspace_id", " 1"),
        ("workspace_id", ""),
        ("environment_id", "1_0"),
        ("environment_id", "٣"),
        ("parallel_execution_enabled", "maybe"),
        ("parallel_execution_enabled", ""),
    ):
        answer = await world.client.get(f"{ROOT}/chains/search", params={parameter: value}, headers={"x-role": "admin"})
        assert answer.status_code == 422, (parameter, value)
        schemas.check(answer.json(), schemas.ERROR)
        assert parameter in answer.json()["error_description"]


async def test_no_operation_asks_the_database_more_than_twice_however_much_there_is(world: World) -> None:
    w = world
    for number in range(5):
        await add_chain(w.ground, w.dev, Definition(f"c{number}", "a", (Node("a", "http.request"),)))
    asked: list[str] = []
    reader = w.ground.database._reader.sync_engine  # pyright: ignore[reportPrivateUsage] - counting needs the engine

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        asked.append(statement)

    event.listen(reader, "before_cursor_execute", note)
    for path in (
        "/workspace",
        f"/workspace/{w.finance}",
        f"/workspace/{w.finance}/environment",
        f"/workspace/{w.finance}/environment/{w.prod}",
        f"/environment/{w.dev}/chain",
        f"/environment/{w.dev}/chain/{w.sales}",
        f"/environment/{w.dev}/chain/{w.sales}/command",
        "/chains/search",
    ):
        asked.clear()
        assert (await w.get(path)).status_code == 200
        assert len(asked) == 1, (path, asked)


async def test_the_published_description_names_every_operation_and_its_refusals(ground: Ground) -> None:
    described = small_app(ground).openapi()["paths"]
    operations = {
        operation["get"]["operationId"]: set(operation["get"]["responses"]) for operation in described.values()
    }
    assert set(operations) == {
        "getWorkspaces",
        "getWorkspace",
        "getEnvironments",
        "getEnvironment",
        "getChains",
        "getChain",
        "getCommands",
        "searchChains",
    }
    for name, statuses in operations.items():
        assert {"200", "401", "429"} <= statuses
        assert ("404" in statuses) == (name not in ("getWorkspaces", "searchChains"))
    search = {p["name"]: p["schema"] for p in described[f"{ROOT}/chains/search"]["get"]["parameters"]}
    assert {"type": "integer"} in search["workspace_id"]["anyOf"]
