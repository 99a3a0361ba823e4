"""The whole application for the tests of a chain's life: two environments, two administrators, and short calls."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx2
from fastapi import FastAPI, Request, Response
from starlette.middleware.base import RequestResponseEndpoint

from onecloud.access import actions as access
from onecloud.api import errors
from onecloud.api.v1.chains import router as v1_chains
from onecloud.api.v1.metadata import router as v1_metadata
from onecloud.chains.routes import router as chains
from onecloud.infra.blobs import Blobs
from onecloud.infra.http import Ground
from onecloud.kernel.principal import Principal
from onecloud.runs.chain_deletion import router as deletion
from onecloud.runs.changes import Changes
from onecloud.runs.parts import RunParts
from onecloud.runs.routes import router as runs
from onecloud.workspaces import actions as workspaces
from onecloud.workspaces.model import EnvironmentFields, WorkspaceFields

PASSWORD = "correct-horse-9"
SMALL: Mapping[str, Any] = {
    "onecloud": 1,
    "name": "Report",
    "start": "make",
    "nodes": {"make": {"command": "files.create", "inputs": {"name": "a.txt", "text": "one"}}},
}


def with_text(text: str, **more: Any) -> dict[str, Any]:
    """The small chain with another text in its file, and further fields."""
    node = {"command": "files.create", "inputs": {"name": "a.txt", "text": text}}
    return {**SMALL, "nodes": {"make": node}, **more}


@dataclass(slots=True)
class Life:
    """Routes over a ground; `caller` is who calls unless told otherwise."""

    ground: Ground
    client: httpx2.AsyncClient
    dev: int
    prod: int
    elsewhere: int
    ada: Principal
    grace: Principal
    callers: dict[str, Principal]

    async def call(
        self, method: str, path: str, body: Any = None, *, by: str = "ada", match: int | str | None = None, **more: Any
    ) -> httpx2.Response:
        """One request."""
        headers = {"x-caller": by, **({} if match is None else {"If-Match": f'"{match}"'}), **more.pop("headers", {})}
        return await self.client.request(method, path, json=body, headers=headers, **more)

    async def good(self, method: str, path: str, body: Any = None, **more: Any) -> Any:
        """The body of an answer that must be good."""
        answer = await self.call(method, path, body, **more)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    async def refused(self, status: int, code: str, method: str, path: str, body: Any = None, **more: Any) -> Any:
        """The body of an answer that must be this refusal."""
        answer = await self.call(method, path, body, **more)
        assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
        return answer.json()

    async def made(self, document: Mapping[str, Any] = SMALL, *, environment: int | None = None) -> Any:
        """A new chain."""
        path = f"/api/v2/environments/{environment or self.dev}/chains"
        return await self.good("POST", path, {"document": dict(document)})

    async def published(self, document: Mapping[str, Any] = SMALL, *, environment: int | None = None) -> str:
        """The id of a new chain that is published."""
        made = await self.made(document, environment=environment)
        await self.good("POST", f"/api/v2/chains/{made['chain_id']}/publish", {"comment": "First"})
        return str(made["chain_id"])

    async def draft(self, chain: str) -> Any:
        """The chain's draft."""
        return await self.good("GET", f"/api/v2/chains/{chain}/draft")

    async def save(self, chain: str, document: Mapping[str, Any], revision: int, **more: Any) -> Any:
        """Save the draft, which must be accepted."""
        path = f"/api/v2/chains/{chain}/draft"
        return await self.good("PUT", path, {"document": dict(document)}, match=revision, **more)


def small_app(ground: Ground, callers: Mapping[str, Principal]) -> FastAPI:
    """The routes of chains and runs; the header `x-caller` says who calls."""
    app = FastAPI()
    app.state.ground = ground
    app.state.runs = RunParts(blobs=Blobs(ground.settings.blobs_folder), changes=Changes(), signals=None)
    errors.install(app)
    for router in (v1_metadata, v1_chains, chains, runs, deletion):
        app.include_router(router)

    async def identify(request: Request, proceed: RequestResponseEndpoint) -> Response:
        request.state.principal = callers.get(request.headers.get("x-caller", ""))
        return await proceed(request)

    app.middleware("http")(identify)
    return app


@asynccontextmanager
async def lived(ground: Ground) -> AsyncGenerator[Life]:
    """A furnished house."""
    async with ground.database.transaction() as db:
        ada = await access.create_admin(db, "ada@example.com", PASSWORD, "Ada", "Lovelace")
        grace = await access.create_admin(db, "grace@example.com", PASSWORD, "", "")
        sales = await workspaces.create_workspace(db, None, WorkspaceFields("Sales"))
        other = await workspaces.create_workspace(db, None, WorkspaceFields("Other"))
        dev = await workspaces.create_environment(db, None, sales.id, EnvironmentFields("DEV"))
        prod = await workspaces.create_environment(db, None, sales.id, EnvironmentFields("PROD"))
        elsewhere = await workspaces.create_environment(db, None, other.id, EnvironmentFields("DEV"))
    callers = {
        "ada": Principal(ada.id, "ada@example.com", "Ada Lovelace", is_admin=True, via="session"),
        "grace": Principal(grace.id, "grace@example.com", "", is_admin=True, via="session"),
        "eve": Principal(999, "eve@example.com", "Eve", is_admin=False, via="session"),
    }
    transport = httpx2.ASGITransport(small_app(ground, callers), raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://onecloud.test") as client:
        yield Life(ground, client, dev.id, prod.id, elsewhere.id, callers["ada"], callers["grace"], callers)
