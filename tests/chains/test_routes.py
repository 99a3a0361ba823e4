"""`GET /api/v2/chains/{chain_id}`: the published graph for the web app, on both databases."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx2
import pytest
from fastapi import FastAPI

from onecloud.api import errors
from onecloud.chains import actions
from onecloud.chains.model import Link, When, input_id, link_id, node_id
from onecloud.chains.routes import router
from onecloud.infra.http import Ground, caller_of
from onecloud.kernel.principal import Principal
from onecloud.workspaces import actions as workspaces
from onecloud.workspaces.model import EnvironmentFields, WorkspaceFields

ADMIN = Principal(1, "ada@example.com", "Ada", is_admin=True, via="session")
GUEST = Principal(2, "bob@example.com", "Bob", is_admin=False, via="session")
TEXT = """
onecloud: 1
name: Report
description: For the page
inputs:
  - {name: region, type: dropdown, options: [North, South], default: North}
start: write
nodes:
  write: {command: files.create, name: Write it, inputs: {text: x}}
  pack: {command: files.zip, inputs: {files: "${{ node.write.file }}"}}
  alone: {command: files.create}
links:
  - {from: write, to: pack, when: any}
  - {from: alone, to: pack}
"""


@pytest.fixture
def app(ground: Ground) -> FastAPI:
    """An application with the rooms' routes only; its caller is an administrator."""
    app = FastAPI()
    app.state.ground = ground
    errors.install(app)
    app.include_router(router)
    app.dependency_overrides[caller_of] = lambda: ADMIN
    return app


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx2.AsyncClient]:
    """A client of the application."""
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://test") as client:
        yield client


async def stored(ground: Ground, *, publish: bool = True) -> int:
    """A chain's id."""
    async with ground.database.transaction() as db:
        workspace = await workspaces.create_workspace(db, None, WorkspaceFields("Sales"))
        place = await workspaces.create_environment(db, None, workspace.id, EnvironmentFields("DEV"))
        applied = await actions.apply(db, ground.keys, None, place.id, TEXT, publish=publish, comment="First")
    return applied.chain.id


async def test_a_published_chain_shows_its_connected_graph_and_inputs(
    ground: Ground, client: httpx2.AsyncClient
) -> None:
    chain_id = await stored(ground)
    answer = await client.get(f"/api/v2/chains/{chain_id}")
    body = answer.json()
    assert answer.status_code == 200
    assert (body["id"], body["name"], body["description"]) == (str(chain_id), "Report", "For the page")
    assert body["published"] | {"published_at": ""} == {"version": 1, "comment": "First", "published_at": ""}
    assert body["published"]["published_at"].endswith("Z")
    write, pack = node_id(chain_id, "write"), node_id(chain_id, "pack")
    assert body["graph"]["start"] == write
    assert [(n["id"], n["key"], n["name"], n["command_title"]) for n in body["graph"]["nodes"]] == [
        (write, "write", "Write it", "Create File"),
        (pack, "pack", "pack", "Zip"),
    ]
    link = {"id": link_id(chain_id, Link("write", "pack", When.ANY)), "source": write, "target": pack, "when": "any"}
    assert body["graph"]["links"] == [link]
    assert body["runtime_inputs"] == [
        {
            "id": input_id(chain_id, "region"),
            "name": "region",
            "type": "dropdown",
            "label": "region",
            "description": "",
            "required": False,
            "default": "North",
            "options": ["North", "South"],
        }
    ]


async def test_a_chain_that_was_never_published_has_no_graph(ground: Ground, client: httpx2.AsyncClient) -> None:
    body = (await client.get(f"/api/v2/chains/{await stored(ground, publish=False)}")).json()
    assert (body["published"], body["graph"], body["runtime_inputs"]) == (None, None, [])


async def test_what_is_not_there_or_not_to_be_seen_is_not_found(
    ground: Ground, app: FastAPI, client: httpx2.AsyncClient
) -> None:
    chain_id = await stored(ground)
    for missing in ("999", "0x1", "-1", str(2**70), "abc"):
        answer = await client.get(f"/api/v2/chains/{missing}")
        assert (answer.status_code, answer.json()["code"]) == (404, "chain.not_found")
    app.dependency_overrides[caller_of] = lambda: GUEST
    assert (await client.get(f"/api/v2/chains/{chain_id}")).status_code == 404
    del app.dependency_overrides[caller_of]
    assert (await client.get(f"/api/v2/chains/{chain_id}")).status_code == 401
