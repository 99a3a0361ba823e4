"""Workspaces over HTTP through the whole application: API v2, and v1's metadata with a real token."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx2
import pytest

from onecloud.access import actions as access
from onecloud.api.app import create_app
from onecloud.infra.http import Ground
from onecloud.kernel.principal import Principal
from onecloud.tokens import actions as tokens
from onecloud.tokens.policy import policy_of
from onecloud.workspaces import actions
from onecloud.workspaces.model import Environment, EnvironmentFields, Workspace, WorkspaceFields
from tests.contract import v1_schemas as schemas

EVERYTHING = ["read", "execute", "write", "create", "admin"]


@dataclass(frozen=True, slots=True)
class Surface:
    """The application's client with an administrator's token on it."""

    ground: Ground
    client: httpx2.AsyncClient
    admin: Principal

    async def make(self, name: str, *environments: str) -> tuple[Workspace, list[Environment]]:
        async with self.ground.database.transaction() as db:
            workspace = await actions.create_workspace(db, self.admin, WorkspaceFields(name, "Books"))
            fields = [EnvironmentFields(environment) for environment in environments]
            made = [await actions.create_environment(db, self.admin, workspace.id, field) for field in fields]
        return workspace, made


@pytest.fixture
async def surface(ground: Ground) -> AsyncIterator[Surface]:
    async with ground.database.transaction() as db:
        user = await access.create_admin(db, "ada@example.com", "correct-horse-1!")
        admin = await access.principal_of(db, user.id, "cli")
        assert admin is not None
        issued = await tokens.enable(db, ground.keys, policy_of(ground.settings), admin)
    headers = {"Authorization": f"Bearer {issued.pair.access.reveal()}"}
    transport = httpx2.ASGITransport(create_app(ground))
    async with httpx2.AsyncClient(transport=transport, base_url="http://onecloud.test", headers=headers) as client:
        yield Surface(ground, client, admin)


async def test_the_home_page_lists_workspaces_with_environments_page_by_page(surface: Surface) -> None:
    finance, (dev, prod) = await surface.make("Finance", "DEV", "PROD")
    hr, _ = await surface.make("HR")
    first = (await surface.client.get("/api/v2/workspaces", params={"limit": 1})).json()
    assert first["items"] == [
        {
            "id": str(finance.id),
            "name": "Finance",
            "description": "Books",
            "environments": [
                {
                    "id": str(environment.id),
                    "name": environment.name,
                    "description": "",
                    "color": environment.color,
                    "position": position,
                    "chains_count": 0,
                    "permissions": EVERYTHING,
                }
                for position, environment in enumerate((dev, prod))
            ],
            "permissions": EVERYTHING,
        }
    ]
    rest = (await surface.client.get("/api/v2/workspaces", params={"cursor": first["next_cursor"]})).json()
    assert [(item["id"], item["environments"]) for item in rest["items"]] == [(str(hr.id), [])]
    assert rest["next_cursor"] is None


async def test_one_environment_names_its_workspace(surface: Surface) -> None:
    finance, (dev,) = await surface.make("Finance", "DEV")
    answer = await surface.client.get(f"/api/v2/environments/{dev.id}")
    assert answer.json() == {
        "id": str(dev.id),
        "name": "DEV",
        "description": "",
        "color": dev.color,
        "position": 0,
        "chains_count": 0,
        "permissions": EVERYTHING,
        "workspace": {"id": str(finance.id), "name": "Finance"},
    }


async def test_what_cannot_be_is_refused_as_a_problem_document(surface: Surface) -> None:
    for path, status in (
        ("/api/v2/environments/1", 404),
        ("/api/v2/environments/abc", 404),
        ("/api/v2/environments/" + "9" * 30, 404),
        ("/api/v2/workspaces?cursor=abc", 400),
        ("/api/v2/workspaces?limit=0", 400),
        ("/api/v2/workspaces?limit=x", 422),
    ):
        answer = await surface.client.get(path)
        assert answer.status_code == status, path
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["detail"]


async def test_without_credentials_or_with_dead_ones_nothing_is_told(surface: Surface) -> None:
    _, (dev,) = await surface.make("Finance", "DEV")
    paths = ("/api/v2/workspaces", f"/api/v2/environments/{dev.id}", "/api/v1/metadata/workspace")
    for path in paths:
        for headers in ({"Authorization": ""}, {"Authorization": "Bearer oc_at_nothing"}):
            answer = await surface.client.get(path, headers=headers)
            assert answer.status_code == 401, (path, headers)
            assert "Finance" not in answer.text
    async with surface.ground.database.transaction() as db:
        await tokens.revoke(db, surface.admin)
    for path in paths:
        assert (await surface.client.get(path)).status_code == 401


async def test_v1_answers_a_real_token_in_its_shapes_and_says_what_is_left_of_the_rate(surface: Surface) -> None:
    finance, (dev,) = await surface.make("Finance", "DEV")
    root = "/api/v1/metadata"
    for path, schema in {
        f"{root}/workspace": schemas.each(schemas.WORKSPACE),
        f"{root}/workspace/{finance.id}/environment/{dev.id}": schemas.ENVIRONMENT,
        f"{root}/chains/search?workspace_id={finance.id}": schemas.each(schemas.CHAIN),
    }.items():
        answer = await surface.client.get(path)
        assert answer.status_code == 200
        schemas.check_data(answer.json(), schema)
        assert {"oc-api-daily-remaining", "oc-api-burst-remaining"} <= set(answer.headers)
    for path, status in ((f"{root}/workspace/nothing", 404), (f"{root}/chains/search?workspace_id=x", 422)):
        refused = await surface.client.get(path)
        assert refused.status_code == status
        schemas.check(refused.json(), schemas.ERROR)
