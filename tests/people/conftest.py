"""The whole application with an administrator's token, on both databases."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest

from onecloud.access import actions as access
from onecloud.api.app import create_app
from onecloud.infra.http import Ground
from onecloud.kernel.principal import Principal
from onecloud.tokens import actions as tokens
from onecloud.tokens.policy import policy_of
from tests.access.world import World, make_world, person


@dataclass(frozen=True, slots=True)
class Office:
    """Where an administrator keeps people: a client with her token, a world of objects, and who she is."""

    ground: Ground
    client: httpx2.AsyncClient
    world: World
    admin: Principal

    async def call(self, method: str, path: str, body: Any = None, **headers: str) -> httpx2.Response:
        """The administrator's request."""
        return await self.client.request(method, path, json=body, headers=headers)


@pytest.fixture
async def office(ground: Ground) -> AsyncIterator[Office]:
    """The application, furnished."""
    world = await make_world(ground)
    async with ground.database.transaction() as db:
        ada = await person(db, "ada@example.com", admin=True)
        admin = await access.principal_of(db, ada.id, "session")
        assert admin is not None
        issued = await tokens.enable(db, ground.keys, policy_of(ground.settings), admin)
    transport = httpx2.ASGITransport(create_app(ground), client=("192.0.2.7", 5000))
    headers = {"Authorization": f"Bearer {issued.pair.access.reveal()}"}
    async with httpx2.AsyncClient(transport=transport, base_url="http://onecloud.test", headers=headers) as client:
        yield Office(ground, client, world, admin)
