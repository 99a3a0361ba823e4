"""Refreshing: strict single use, and what a second use leads to."""

from __future__ import annotations

from tests.tokens.conftest import House


async def test_a_refresh_gives_a_new_pair_that_works(house: House) -> None:
    first = await house.access()
    answer = await house.refresh(first)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert (await house.call(body["access_token"])).json()["email"] == "ada@example.com"
    assert (await house.call(first.pair.access.reveal())).status_code == 401
