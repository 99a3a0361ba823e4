"""The whole application without an engine, with an administrator's token and one environment, on both databases."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest

from onecloud.api.app import create_app
from onecloud.connections import actions as connections
from onecloud.connections.model import ConnectionFields
from onecloud.infra.blobs import Blobs
from onecloud.infra.http import Ground
from onecloud.kernel.principal import Principal
from onecloud.resources import actions as resources
from onecloud.resources.incoming import receive
from onecloud.resources.model import NewVersion
from onecloud.tokens import actions as tokens
from onecloud.tokens.policy import policy_of
from onecloud.variables import actions as variables
from onecloud.variables.model import VariableFields
from onecloud.workspaces import actions as workspaces
from tests.runs.house import furnish


@dataclass(slots=True)
class Surface:
    """A client with an administrator's token."""

    ground: Ground
    client: httpx2.AsyncClient
    admin: Principal
    environment_id: int

    async def call(self, method: str, path: str, body: Any = None, **headers: str) -> httpx2.Response:
        return await self.client.request(method, f"/api/v2{path}", json=body, headers=headers)

    async def done(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """The answer's body, when it went well."""
        answer = await self.call(method, path, body, **headers)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    async def furnish(self) -> None:
        """A variable, a file and two connections in the workspace Finance."""
        ground, keys = self.ground, self.ground.keys

        async def coming() -> AsyncIterator[bytes]:
            yield b"EUR,1\n"

        async with ground.database.transaction() as db:
            place = await workspaces.get_environment(db, self.environment_id)
            workspace = place.workspace_id
            await variables.put_variable(db, keys, None, workspace, VariableFields("dwh", default="finance"))
            content = await receive(coming(), Blobs(ground.settings.blobs_folder), workspace)
            await resources.add(db, None, workspace, "rates.csv", NewVersion(content))
            for name in ("Warehouse", "Sandbox"):
                fields = ConnectionFields(
                    name, "sql", "", {"system": "sqlite", "path": "a.db"}, {}, frozenset({self.environment_id})
                )
                await connections.put_connection(db, keys, None, workspace, fields)


@pytest.fixture
async def surface(ground: Ground) -> AsyncIterator[Surface]:
    admin, environment_id = await furnish(ground)
    async with ground.database.transaction() as db:
        issued = await tokens.enable(db, ground.keys, policy_of(ground.settings), admin)
    headers = {"Authorization": f"Bearer {issued.pair.access.reveal()}"}
    transport = httpx2.ASGITransport(create_app(ground))
    async with httpx2.AsyncClient(transport=transport, base_url="http://onecloud.test", headers=headers) as client:
        yield Surface(ground, client, admin, environment_id)
