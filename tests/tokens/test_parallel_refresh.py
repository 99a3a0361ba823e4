"""Fifty requests with one refresh token at the same moment, two hundred times over, on both databases.

Without a key exactly one wins, and the others, being a reuse, end the family. With a shared Idempotency-Key all
fifty get the one pair. Nothing ever answers 5xx.
"""

from __future__ import annotations

import asyncio
from collections import Counter

import httpx2
import pytest
from sqlalchemy import func, select

from onecloud.activity.tables import ActivityRow
from onecloud.kernel.principal import Principal
from onecloud.tokens import actions
from onecloud.tokens.model import Issued
from onecloud.tokens.tables import FamilyRow, RefreshTokenRow
from tests.tokens.conftest import House

ROUNDS = 200
PARALLEL = 50


async def _round(house: House, issued: Issued, key: str) -> list[httpx2.Response]:
    """All requests at once; each is under way before any is answered."""
    return await asyncio.gather(*(house.refresh(issued, key=key) for _ in range(PARALLEL)))


async def _fresh(house: House, caller: Principal) -> Issued:
    async with house.ground.database.transaction() as db:
        await actions.revoke(db, caller)
    async with house.ground.database.transaction() as db:
        return await actions.enable(db, house.ground.keys, house.policy, caller)


@pytest.mark.timeout(280)
async def test_one_of_fifty_parallel_refreshes_wins_and_the_rest_end_the_family(house: House) -> None:
    caller = await house.principal(await house.person())
    for number in range(ROUNDS):
        issued = await _fresh(house, caller)
        answers = await _round(house, issued, "")
        assert Counter(answer.status_code for answer in answers) == {200: 1, 400: PARALLEL - 1}, number
        assert {a.json()["error"] for a in answers if a.status_code == 400} == {"invalid_grant"}
    winner = next(answer.json() for answer in answers if answer.status_code == 200)
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


@pytest.mark.timeout(280)
async def test_fifty_parallel_refreshes_with_one_key_all_get_the_same_pair(house: House) -> None:
    caller = await house.principal(await house.person())
    issued = await _fresh(house, caller)
    for number in range(ROUNDS):
        answers = await _round(house, issued, f"round-{number}")
        assert {answer.status_code for answer in answers} == {200}, number
        pairs = {(a.json()["access_token"], a.json()["refresh_token"]) for a in answers}
        assert len(pairs) == 1, number
        ((access, refresh),) = pairs
        assert (await house.call(access)).status_code == 200
        issued = house.issued(issued.client_id, access, refresh)
    async with house.ground.database.reading() as db:
        family = (await db.execute(select(FamilyRow.generation, FamilyRow.revoked_at))).one()
    assert tuple(family) == (ROUNDS + 1, None)
