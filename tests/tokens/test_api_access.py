"""The API access page's routes. Source: product facts 9.1."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any

import httpx2
from sqlalchemy import insert, select

from onecloud.access import actions as access
from onecloud.access.model import User
from onecloud.access.tables import UserRow
from onecloud.activity.tables import ActivityRow
from onecloud.infra.db import database_now
from onecloud.tokens.last_used import LastUsed
from tests.tokens.conftest import House

PAGE = "/api/v2/api-access"


async def _send(house: House, user: User, method: str, path: str = PAGE, body: Any = None) -> httpx2.Response:
    return await house.http.request(method, path, json=body, headers={"X-User": str(user.id)})


async def test_enabling_shows_the_tokens_once_and_they_work(house: House) -> None:
    user = await house.person()
    before = await house.page(user)
    assert before == {
        "enabled": False,
        "client_id": None,
        "created_at": None,
        "access_token_days": 1,
        "max_access_token_days": 90,
        "access_token": None,
        "refresh_token": None,
    }
    answer = await _send(house, user, "POST", body={})
    assert answer.status_code == 201
    assert (answer.headers["Cache-Control"], answer.headers["Pragma"]) == ("no-store", "no-cache")
    shown = answer.json()
    assert set(shown) == {"client_id", "access_token", "refresh_token", "token_type", "expires_in", "expires_at"}
    assert (shown["token_type"], shown["expires_in"]) == ("Bearer", 86_400)
    assert (await house.call(shown["access_token"])).status_code == 200
    page = await _send(house, user, "GET")
    assert page.headers["Cache-Control"] == "no-store"
    assert shown["access_token"] not in page.text
    assert shown["refresh_token"] not in page.text
    facts = page.json()
    assert (facts["enabled"], facts["client_id"]) == (True, shown["client_id"])
    assert facts["access_token"]["hint"] == "oc_at_…" + shown["access_token"][-4:]
    assert facts["refresh_token"]["hint"] == "oc_rt_…" + shown["refresh_token"][-4:]
    assert facts["access_token"]["expires_at"] == shown["expires_at"]
    refreshable = datetime.fromisoformat(facts["refresh_token"]["expires_at"])
    assert refreshable - datetime.fromisoformat(facts["created_at"]) == timedelta(days=90)


async def test_enabling_twice_is_a_conflict_that_names_the_mend(house: House) -> None:
    user = await house.person()
    await _send(house, user, "POST", body={})
    again = await _send(house, user, "POST", body={})
    assert (again.status_code, again.json()["code"]) == (409, "api_access.enabled")
    assert "Revoke it first" in again.json()["detail"]


async def test_of_many_who_enable_at_once_one_succeeds(house: House) -> None:
    user = await house.person()
    answers = await asyncio.gather(*(_send(house, user, "POST", body={}) for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 7
    (won,) = [answer.json() for answer in answers if answer.status_code == 201]
    assert (await house.call(won["access_token"])).status_code == 200


async def test_revoking_ends_every_token_with_the_next_request_and_enabling_starts_anew(house: House) -> None:
    user = await house.person()
    first = (await _send(house, user, "POST", body={})).json()
    assert (await _send(house, user, "DELETE")).status_code == 204
    assert (await house.call(first["access_token"])).status_code == 401
    body = {"client_id": first["client_id"], "refresh_token": first["refresh_token"]}
    assert (await house.refresh(body)).json()["error"] == "invalid_grant"
    assert (await house.page(user))["enabled"] is False
    assert (await _send(house, user, "DELETE")).status_code == 204
    second = (await _send(house, user, "POST", body={})).json()
    assert second["client_id"] != first["client_id"]
    assert (await house.call(second["access_token"])).status_code == 200
    assert (await house.call(first["access_token"])).status_code == 401


async def test_settings_count_from_the_next_refresh_and_the_page_says_so(house: House) -> None:
    user = await house.person()
    shown = (await _send(house, user, "POST", body={"access_token_days": 2})).json()
    assert shown["expires_in"] == 2 * 86_400
    changed = await _send(house, user, "PUT", f"{PAGE}/settings", {"access_token_days": 30})
    assert changed.status_code == 200
    assert changed.json()["access_token_days"] == 30
    assert changed.json()["access_token"]["expires_at"] == shown["expires_at"]
    body = {"client_id": shown["client_id"], "refresh_token": shown["refresh_token"]}
    assert (await house.refresh(body)).json()["expires_in"] == 30 * 86_400


async def test_a_lowered_maximum_counts_from_the_next_refresh(house: House) -> None:
    issued = await house.access(days=30)
    house.with_settings(token_max_days=3)
    assert (await house.refresh(issued)).json()["expires_in"] == 3 * 86_400


async def test_days_outside_the_limit_are_refused_everywhere(house: House) -> None:
    user = await house.person()
    for days in (0, 91):
        assert (await _send(house, user, "POST", body={"access_token_days": days})).status_code == 422
    assert (await house.page(user))["enabled"] is False
    await _send(house, user, "POST", body={})
    refused = await _send(house, user, "PUT", f"{PAGE}/settings", {"access_token_days": 91})
    assert (refused.status_code, refused.json()["code"]) == (422, "api_access.days")


async def test_settings_without_api_access_are_not_found(house: House) -> None:
    answer = await _send(house, await house.person(), "PUT", f"{PAGE}/settings", {"access_token_days": 2})
    assert (answer.status_code, answer.json()["code"]) == (404, "api_access.disabled")


async def test_the_page_is_for_administrators_only(house: House) -> None:
    async with house.ground.database.transaction() as db:
        values = {"email": "bob@example.com", "first_name": "", "last_name": "", "created_at": await database_now(db)}
        made = await db.execute(insert(UserRow).values(values).returning(UserRow.id))
        bob = await access.get_user(db, made.scalar_one())
    for method, path in (("GET", PAGE), ("POST", PAGE), ("DELETE", PAGE), ("PUT", f"{PAGE}/settings")):
        answer = await _send(house, bob, method, path, {"access_token_days": 1})
        assert answer.status_code == 403, (method, path)
        nobody = await house.http.request(method, path, json={"access_token_days": 1})
        assert nobody.status_code == 401, (method, path)


async def test_each_administrator_sees_and_ends_only_their_own(house: House) -> None:
    ada, grace = await house.person(), await house.person("grace@example.com")
    hers = await house.enable(ada)
    assert (await house.page(grace))["enabled"] is False
    await _send(house, grace, "DELETE")
    assert (await house.call(hers.pair.access.reveal())).status_code == 200


async def test_the_page_shows_last_use_of_both_tokens_and_hides_revoked_ones(house: House) -> None:
    user = await house.person()
    issued = await house.enable(user)
    token_id = (await house.call(issued.pair.access.reveal())).json()["token_id"]
    used = LastUsed()
    used.note(token_id, issued.now + timedelta(seconds=1), "192.0.2.5", "curl/8")
    async with house.ground.database.transaction() as db:
        await used.flush(db)
    seen = (await house.page(user))["access_token"]
    assert (seen["last_used_ip"], seen["last_used_agent"]) == ("192.0.2.5", "curl/8")
    await house.refresh(issued, headers={"User-Agent": "robot/2"})
    page = await house.page(user)
    assert page["access_token"]["last_used_at"] is None
    assert (page["refresh_token"]["last_used_ip"], page["refresh_token"]["last_used_agent"]) == ("192.0.2.7", "robot/2")
    await house.refresh(issued)  # a reuse: the family ends
    page = await house.page(user)
    assert (page["enabled"], page["access_token"], page["refresh_token"]) == (True, None, None)


async def test_enable_change_and_revoke_are_told_with_who_and_which_client(house: House) -> None:
    user = await house.person()
    shown = (await _send(house, user, "POST", body={})).json()
    await _send(house, user, "PUT", f"{PAGE}/settings", {"access_token_days": 5})
    await _send(house, user, "DELETE")
    async with house.ground.database.reading() as db:
        query = select(ActivityRow).where(ActivityRow.trackable_type == "ApiApplication").order_by(ActivityRow.id)
        rows = (await db.execute(query)).scalars().all()
    assert [row.key for row in rows] == [f"api_application.{verb}" for verb in ("create", "update", "revoke")]
    assert {row.owner_id for row in rows} == {str(user.id)}
    assert {str(row.parameters["client_id"]) for row in rows} == {shown["client_id"]}
    assert shown["access_token"] not in str([row.parameters for row in rows])
