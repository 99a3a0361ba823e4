"""The whole application in this process: every route, the frame, a running engine and a real token."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx2
from fastapi import FastAPI

from onecloud.api.app import create_app
from onecloud.infra.http import Ground
from onecloud.tokens import actions as tokens
from onecloud.tokens.policy import policy_of
from tests.runs.house import House

ADDRESS = "http://onecloud.test"


@dataclass(slots=True)
class Whole:
    """The application, a client without credentials, and the access token of an administrator."""

    app: FastAPI
    house: House
    client: httpx2.AsyncClient
    token: str

    async def call(self, method: str, path: str, body: Any = None, token: str | None = None) -> httpx2.Response:
        """One request with the administrator's token, or with another."""
        headers = {"Authorization": f"Bearer {token or self.token}"}
        return await self.client.request(method, path, json=body, headers=headers)


@asynccontextmanager
async def whole_app(house: House) -> AsyncGenerator[Whole]:
    """The application over a house whose engine runs."""
    ground: Ground = house.ground
    app = create_app(ground, signals=house.engine, changes=house.changes, blobs=house.blobs)
    async with ground.database.transaction() as db:
        issued = await tokens.enable(db, ground.keys, policy_of(ground.settings), house.caller)
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url=ADDRESS) as client:
        yield Whole(app, house, client, issued.pair.access.reveal())
