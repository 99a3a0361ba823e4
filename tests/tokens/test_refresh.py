"""Refreshing: strict single use, the safe retry, and what a second use leads to. Source: RFC 6749 6, RFC 9700 4.14."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from onecloud.access import actions as access
from onecloud.activity.tables import ActivityRow
from onecloud.infra.crypto import Keyring
from onecloud.tokens import actions
from onecloud.tokens.model import Issued
from onecloud.tokens.tables import AccessTokenRow, FamilyRow, RefreshTokenRow
from tests.tokens.conftest import House


async def _refreshed(house: House, issued: Issued, key: str = "") -> Issued:
    answer = await house.refresh(issued, key=key)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    return house.issued(issued.client_id, body["access_token"], body["refresh_token"])


async def _is_alive(house: House, issued: Issued) -> bool:
    return (await house.call(issued.pair.access.reveal())).status_code == 200


async def test_a_refresh_gives_a_new_pair_and_the_older_access_token_ends(house: House) -> None:
    first = await house.access()
    assert await _is_alive(house, first)
    second = await _refreshed(house, first)
    assert await _is_alive(house, second)
    refused = await house.call(first.pair.access.reveal())
    assert (refused.status_code, refused.json()["code"]) == (401, "token.revoked")


async def test_a_chain_of_refreshes_never_loses_the_family(house: House) -> None:
    issued = await house.access()
    for _ in range(5):
        issued = await _refreshed(house, issued)
    assert await _is_alive(house, issued)


async def test_a_spent_token_kills_its_family_and_the_refusal_is_remembered(house: House) -> None:
    first = await house.access()
    second = await _refreshed(house, first)
    again = await house.refresh(first)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    assert not await _is_alive(house, second)
    assert (await house.refresh(second)).json()["error"] == "invalid_grant"


async def test_a_reuse_ends_that_family_only(house: House) -> None:
    first, other = await house.access(), await house.access("grace@example.com")
    await _refreshed(house, first)
    await house.refresh(first)
    assert await _is_alive(house, other)
    await _refreshed(house, other)


async def test_a_reuse_tells_who_from_where_and_what_was_cut_off_once(house: House) -> None:
    first = await house.access()
    second = await _refreshed(house, first)
    for _ in range(3):
        await house.refresh(first, headers={"User-Agent": "thief/1.0"})
    async with house.ground.database.reading() as db:
        rows = (await db.execute(select(ActivityRow).where(ActivityRow.key == "token_family.reuse"))).scalars().all()
    (told,) = rows
    assert told.parameters["client_id"] == first.client_id
    assert (told.parameters["ip"], told.parameters["agent"]) == ("192.0.2.7", "thief/1.0")
    cut_off = [text.reveal()[:6] + "…" + text.reveal()[-4:] for text in (second.pair.access, second.pair.refresh)]
    assert told.parameters["cut_off"] == cut_off


async def test_the_same_key_gets_the_same_pair_again(house: House) -> None:
    first = await house.access()
    bodies = [(await house.refresh(first, key="job-7")).json() for _ in range(3)]
    assert len({(body["access_token"], body["refresh_token"]) for body in bodies}) == 1
    assert (await house.call(bodies[0]["access_token"])).status_code == 200


@pytest.mark.parametrize("second", ["job-8", ""])
async def test_another_key_or_none_is_a_reuse(house: House, second: str) -> None:
    first = await house.access()
    won = await _refreshed(house, first, "job-7")
    assert (await house.refresh(first, key=second)).status_code == 400
    assert not await _is_alive(house, won)


async def test_a_key_on_the_second_request_only_is_a_reuse(house: House) -> None:
    first = await house.access()
    won = await _refreshed(house, first)
    assert (await house.refresh(first, key="late")).status_code == 400
    assert not await _is_alive(house, won)


async def test_the_same_key_after_a_minute_is_a_reuse(house: House) -> None:
    first = await house.access()
    won = await _refreshed(house, first, "k")
    await house.age(timedelta(seconds=55))
    assert (await house.refresh(first, key="k")).status_code == 200
    await house.age(timedelta(seconds=6))
    assert (await house.refresh(first, key="k")).status_code == 400
    assert not await _is_alive(house, won)


async def test_the_same_key_after_the_successor_was_used_is_a_reuse(house: House) -> None:
    first = await house.access()
    second = await _refreshed(house, first, "k")
    third = await _refreshed(house, second, "k")
    assert (await house.refresh(first, key="k")).status_code == 400
    assert not await _is_alive(house, third)


async def test_the_same_key_from_another_client_is_a_reuse(house: House) -> None:
    first, other = await house.access(), await house.access("grace@example.com")
    won = await _refreshed(house, first, "k")
    body = house.form(first, client_id=other.client_id)
    answer = await house.http.post("/oauth/token", data=body, headers={"Idempotency-Key": "k"})
    assert answer.json()["error"] == "invalid_grant"
    assert not await _is_alive(house, won)
    assert await _is_alive(house, other)


async def test_a_window_by_setting_lets_a_client_without_a_key_repeat(house: House) -> None:
    house.with_settings(refresh_retry_seconds=40)
    first = await house.access()
    won = await _refreshed(house, first)
    await house.age(timedelta(seconds=30))
    again = (await house.refresh(first)).json()
    assert again["refresh_token"] == won.pair.refresh.reveal()
    assert (await house.refresh(first, key="now with one")).json()["refresh_token"] == won.pair.refresh.reveal()
    await house.age(timedelta(seconds=11))
    assert (await house.refresh(first)).status_code == 400
    assert not await _is_alive(house, won)


async def test_the_answer_to_a_retry_counts_the_seconds_that_are_left(house: House) -> None:
    first = await house.access(days=2)
    assert (await house.refresh(first, key="k")).json()["expires_in"] == 2 * 86_400
    await house.age(timedelta(seconds=50))
    # The sealed answer keeps its own moment of ending, which ageing the rows does not move.
    assert (await house.refresh(first, key="k")).json()["expires_in"] in range(2 * 86_400 - 60, 2 * 86_400 + 1)


async def test_a_live_token_shown_by_another_client_is_refused_and_not_spent(house: House) -> None:
    first, other = await house.access(), await house.access("grace@example.com")
    body = house.form(first, client_id=other.client_id)
    answer = await house.http.post("/oauth/token", data=body)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    await _refreshed(house, first)


async def test_a_family_not_refreshed_for_its_idle_limit_ends(house: House) -> None:
    house.with_settings(refresh_idle_days=5)
    first = await house.access()
    await house.age(timedelta(days=4, hours=23))
    second = await _refreshed(house, first)
    await house.age(timedelta(days=5, seconds=1))
    answer = await house.refresh(second)
    assert (answer.json()["error"], "expired" in answer.json()["error_description"]) == ("invalid_grant", True)


async def test_a_family_ends_at_its_absolute_limit_and_its_access_token_with_it(house: House) -> None:
    house.with_settings(refresh_max_days=3, token_max_days=2)
    first = await house.access(days=2)
    await house.age(timedelta(days=2))
    second = await _refreshed(house, first)
    assert await _is_alive(house, second)
    await house.age(timedelta(days=1, seconds=1))
    assert not await _is_alive(house, second)
    assert (await house.refresh(second)).status_code == 400


async def test_an_access_token_lives_as_long_as_was_chosen(house: House) -> None:
    first = await house.access(days=7)
    assert first.expires_in_s == 7 * 86_400
    await house.age(timedelta(days=6, hours=23))
    assert await _is_alive(house, first)
    await house.age(timedelta(hours=1, seconds=1))
    assert (await house.call(first.pair.access.reveal())).json()["code"] == "token.expired"
    await _refreshed(house, first)


async def test_a_refresh_token_outlives_its_access_token(house: House) -> None:
    house.with_settings(refresh_idle_days=3)
    first = await house.access(days=30)
    await house.age(timedelta(days=30, hours=12))
    assert not await _is_alive(house, first)
    await _refreshed(house, first)


@pytest.mark.parametrize("ending", ["disabled", "no admin", "revoked"])
async def test_losing_the_right_ends_refresh_and_access_with_the_very_next_request(house: House, ending: str) -> None:
    await house.access("grace@example.com")
    user = await house.person()
    issued = await house.enable(user)
    async with house.ground.database.transaction() as db:
        if ending == "disabled":
            await access.set_disabled(db, None, user.id, disabled=True)
        elif ending == "no admin":
            await access.set_admin(db, None, user.id, is_admin=False)
        else:
            await actions.revoke(db, await house.principal(user))
    refused = await house.call(issued.pair.access.reveal())
    assert (refused.status_code, refused.json()["code"]) == (401, "token.revoked")
    assert refused.headers["WWW-Authenticate"].startswith("Bearer ")
    assert (await house.refresh(issued)).json()["error"] == "invalid_grant"


async def test_a_right_given_back_does_not_wake_old_tokens(house: House) -> None:
    await house.access("grace@example.com")
    user = await house.person()
    issued = await house.enable(user)
    async with house.ground.database.transaction() as db:
        await access.set_disabled(db, None, user.id, disabled=True)
        await access.set_disabled(db, None, user.id, disabled=False)
    assert not await _is_alive(house, issued)
    assert (await house.refresh(issued)).status_code == 400


async def test_no_table_holds_a_token_or_what_opens_the_sealed_pair(house: House) -> None:
    house.with_settings(refresh_retry_seconds=60)
    first = await house.access()
    second = await _refreshed(house, first, "k")
    stored: list[str] = []
    async with house.ground.database.reading() as db:
        for table in (AccessTokenRow, RefreshTokenRow, FamilyRow, ActivityRow):
            for row in (await db.execute(select(table.__table__))).all():
                stored += [str(value) for value in row]
    text = "\n".join(stored)
    for issued in (first, second):
        for token in (issued.pair.access.reveal(), issued.pair.refresh.reveal()):
            assert token not in text
            assert token[6:49] not in text


async def test_sealed_pairs_are_wiped_after_their_window_and_with_the_family(house: House) -> None:
    first = await house.access()
    await _refreshed(house, first, "k")
    sealed = select(RefreshTokenRow.id).where(RefreshTokenRow.keyed_seal.is_not(None))
    async with house.ground.database.transaction() as db:
        assert await actions.forget_retries(db) == 0
        assert len((await db.execute(sealed)).all()) == 1
    await house.age(timedelta(minutes=6))
    async with house.ground.database.transaction() as db:
        assert await actions.forget_retries(db) == 1
        assert (await db.execute(sealed)).all() == []


async def test_a_second_refresh_wipes_the_seal_of_the_first(house: House) -> None:
    second = await _refreshed(house, await house.access(), "k")
    await _refreshed(house, second, "k")
    async with house.ground.database.reading() as db:
        rows = await db.execute(select(RefreshTokenRow.generation).where(RefreshTokenRow.keyed_seal.is_not(None)))
        assert [row[0] for row in rows] == [2]


async def test_a_token_hashed_under_a_retired_key_still_works(house: House) -> None:
    first = await house.access()
    keys = Keyring((b"\x02" * 32, *house.ground.keys.keys))
    house.app.state.ground = replace(house.app.state.ground, keys=keys)
    answer = await house.refresh(first, key="k")
    assert answer.status_code == 200
    # The answer was sealed under the new key; a rotation in between does not lose the retry.
    house.app.state.ground = replace(house.app.state.ground, keys=Keyring((b"\x03" * 32, *keys.keys)))
    assert (await house.refresh(first, key="k")).json()["refresh_token"] == answer.json()["refresh_token"]


async def test_stored_moments_are_of_the_databases_clock(house: House) -> None:
    first = await house.access()
    assert abs(first.now - datetime.now(UTC)) < timedelta(seconds=10)
    async with house.ground.database.reading() as db:
        row = (await db.execute(select(AccessTokenRow.created_at, AccessTokenRow.expires_at))).one()
    assert row[1] - row[0] == timedelta(days=1)
