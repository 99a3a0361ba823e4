"""The whole application with one workspace, on both databases, and a client that speaks of its files."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest

from onecloud.workspaces import actions as workspaces
from tests.runs.conftest import house as house  # noqa: PLC0414 - a fixture of the next room
from tests.runs.house import House
from tests.whole import Whole, whole_app


@dataclass(slots=True)
class Files:
    """A client of the files of the house's workspace."""

    whole: Whole
    workspace_id: int

    @property
    def path(self) -> str:
        return f"/api/v2/workspaces/{self.workspace_id}/resources"

    async def raw(self, method: str, path: str, data: Any, token: str | None = None, **more: Any) -> httpx2.Response:
        headers = {"Authorization": f"Bearer {token or self.whole.token}", **more.pop("headers", {})}
        return await self.whole.client.request(method, path, content=data, headers=headers, **more)

    async def add(self, name: str, data: bytes, **params: str) -> dict[str, Any]:
        answer = await self.raw("POST", self.path, data, params={"name": name, **params})
        assert answer.status_code == 201, answer.text
        return answer.json()

    async def call(self, method: str, path: str, body: Any = None, **headers: str) -> httpx2.Response:
        given = {"Authorization": f"Bearer {self.whole.token}", **headers}
        return await self.whole.client.request(method, path, json=body, headers=given)


@pytest.fixture
async def files(house: House) -> AsyncIterator[Files]:
    """The files of the workspace Finance."""
    async with house.ground.database.reading() as db:
        workspace = await workspaces.find_workspace(db, "Finance")
    async with whole_app(house) as whole:
        yield Files(whole, workspace.id)
