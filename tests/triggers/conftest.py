"""A client of the whole application, and chains for triggers to start."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest

from tests.runs.conftest import house as house  # noqa: PLC0414 - a fixture of the next room
from tests.runs.house import House
from tests.whole import Whole, whole_app


def document(name: str, inputs: str = "", *, concurrent: bool = True, wait: bool = False) -> str:
    """A chain that gives back its input `value`; with `wait` it goes on until it is stopped."""
    asked = inputs or "[{name: value}]"
    node = "{command: event.delay, inputs: {amount: 60}}" if wait else "{command: files.create, inputs: {text: a}}"
    return (
        f"onecloud: 1\nname: {name}\nallow_concurrent_runs: {str(concurrent).lower()}\ninputs: {asked}\n"
        'outputs: [{name: value, value: "${{ input.value }}"}, {name: more, value: 7}]\nstart: make\nnodes: {make: '
        + node
        + "}\n"
    )


@dataclass(slots=True)
class Client:
    """A client of the whole application."""

    whole: Whole
    house: House

    async def call(self, method: str, path: str, body: Any = None, **headers: str) -> httpx2.Response:
        """One request as an administrator."""
        sent = {"Authorization": f"Bearer {self.whole.token}", **{k.replace("_", "-"): v for k, v in headers.items()}}
        return await self.whole.client.request(method, path, json=body, headers=sent)

    async def ok(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """The answer of a request that succeeds."""
        answer = await self.call(method, path, body, **headers)
        assert answer.status_code in {200, 201, 204}, answer.text
        return answer.json() if answer.content else None

    async def refused(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, str]:
        """Status and code of a request that is refused."""
        answer = await self.call(method, path, body, **headers)
        return answer.status_code, answer.json()["code"]

    async def create(self, chain_id: int, source: dict[str, Any], **more: Any) -> Any:
        """A new trigger `t`; gives `trigger` and `secrets`."""
        body = {"name": "t", "source": source, **more}
        return await self.ok("POST", f"/api/v2/chains/{chain_id}/triggers", body)

    async def hook(self, made: Any, content: bytes | str = b"{}", query: str = "", **headers: str) -> httpx2.Response:
        """A request to a webhook, without credentials."""
        kind = {"content-type": "application/json"}
        sent = {**kind, **{name.replace("_", "-"): value for name, value in headers.items()}}
        return await self.whole.client.post(made["secrets"]["address"] + query, content=content, headers=sent)

    async def fires(self, made: Any) -> list[Any]:
        """What became of a trigger's times, newest first."""
        return (await self.ok("GET", f"/api/v2/triggers/{made['trigger']['id']}/fires"))["items"]


@pytest.fixture
async def client(house: House) -> AsyncIterator[Client]:
    """The application over a furnished house, on each database in turn."""
    async with whole_app(house) as whole:
        yield Client(whole, house)
