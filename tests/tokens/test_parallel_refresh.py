"""Fifty requests with one refresh token at the same moment, two hundred times over, on both databases.

Without a key exactly one wins, and the others, being a reuse, end the family. With a shared Idempotency-Key all
fifty get the one pair. Nothing ever answers 5xx.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from dataclasses import dataclass
from urllib.parse import urlencode

import pytest
from sqlalchemy import func, select, text
from starlette.types import Message, Scope

from onecloud.activity.tables import ActivityRow
from onecloud.kernel.principal import Principal
from onecloud.tokens import actions
from onecloud.tokens.model import Issued
from onecloud.tokens.tables import FamilyRow, RefreshTokenRow
from tests.tokens.conftest import House

ROUNDS = 200
PARALLEL = 50


@dataclass
class _Answer:
    """What the application sent; an HTTP client's own work would make twenty thousand requests needlessly slow."""

    status: int = 0
    body: bytes = b""

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        else:
            self.body += message.get("body", b"")

    def json(self) -> dict[str, str]:
        return json.loads(self.body)


async def _post(house: House, body: bytes, key: str) -> _Answer:
    headers = [(b"content-type", b"application/x-www-form-urlencoded")]
    headers += [(b"idempotency-key", key.encode())] if key else []
    scope: Scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/oauth/token",
        "query_string": b"",
        "root_path": "",
        "headers": headers,
        "client": ("192.0.2.7", 4321),
        "server": ("one.test", 80),
    }
    unread = [body]

    async def receive() -> Message:
        return {"type": "http.request", "body": unread.pop(), "more_body": False}

    answer = _Answer()
    await house.app(scope, receive, answer.send)
    return answer


async def _round(house: House, issued: Issued, key: str) -> list[_Answer]:
    """All requests at once: each is under way before any is answered."""
    body = urlencode(house.form(issued)).encode()
    return await asyncio.gather(*(_post(house, body, key) for _ in range(PARALLEL)))


async def _fresh(house: House, caller: Principal) -> Issued:
    async with house.ground.database.transaction() as db:
        await actions.revoke(db, caller)
    async with house.ground.database.transaction() as db:
        return await actions.enable(db, house.ground.keys, house.policy, caller)


@pytest.mark.timeout(600)
async def test_one_of_fifty_parallel_refreshes_wins_and_the_rest_end_the_family(house: House) -> None:
    caller = await house.principal(await house.person())
    answers: list[_Answer] = []
    for number in range(ROUNDS):
        issued = await _fresh(house, caller)
        answers = await _round(house, issued, "")
        assert Counter(answer.status for answer in answers) == {200: 1, 400: PARALLEL - 1}, number
        assert {a.json()["error"] for a in answers if a.status == 400} == {"invalid_grant"}
    winner = next(answer.json() for answer in answers if answer.status == 200)
    assert (await house.call(winner["access_token"])).status_code == 401
    async with house.ground.database.reading() as db:
        counted = await db.execute(
            select(FamilyRow.generation, FamilyRow.revoked_reason, func.count()).group_by(
                FamilyRow.generation, FamilyRow.revoked_reason
            )
        )
        assert [tuple(row) for row in counted] == [(2, "reuse", ROUNDS)]
        told = select(func.count()).where(ActivityRow.key == "token_family.reuse")
        assert await db.scalar(told) == ROUNDS
        assert await db.scalar(select(func.count()).select_from(RefreshTokenRow)) == 2 * ROUNDS


@pytest.mark.timeout(600)
async def test_fifty_parallel_refreshes_with_one_key_all_get_the_same_pair(house: House) -> None:
    caller = await house.principal(await house.person())
    issued = await _fresh(house, caller)
    for number in range(ROUNDS):
        answers = await _round(house, issued, f"round-{number}")
        assert {answer.status for answer in answers} == {200}, number
        pairs = {(a.json()["access_token"], a.json()["refresh_token"]) for a in answers}
        assert len(pairs) == 1, number
        ((access, refresh),) = pairs
        assert (await house.call(access)).status_code == 200
        issued = house.issued(issued.client_id, access, refresh)
    async with house.ground.database.reading() as db:
        family = (await db.execute(select(FamilyRow.generation, FamilyRow.revoked_at))).one()
    assert tuple(family) == (ROUNDS + 1, None)


async def _until_somebody_waits_for_a_lock(house: House) -> None:
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    async with house.ground.database.reading() as db:
        while not await db.scalar(waiting):
            await asyncio.sleep(0)


async def test_a_refresh_that_meets_a_revocation_in_flight_gets_nothing(house: House) -> None:
    caller = await house.principal(await house.person())
    issued = await _fresh(house, caller)
    async with house.ground.database.transaction() as db:
        await actions.revoke(db, caller)
        refreshing = asyncio.create_task(house.refresh(issued))
        # On PostgreSQL it has read the token as live by now and waits for the row; on SQLite for the one writer.
        if not house.ground.database.is_sqlite:
            await _until_somebody_waits_for_a_lock(house)
    answer = await refreshing
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    async with house.ground.database.reading() as db:
        assert await db.scalar(select(FamilyRow.generation)) == 1


async def test_refreshes_of_many_people_at_once_do_not_disturb_each_other(house: House) -> None:
    people = [await house.access(f"user{number}@example.com") for number in range(20)]
    answers = await asyncio.gather(*(house.refresh(issued) for issued in people))
    assert {answer.status_code for answer in answers} == {200}
