"""The room over HTTP: cookies, CSRF, setup, reset, people, and who may call what."""

from __future__ import annotations

from http.cookies import SimpleCookie

import pytest

from onecloud.access import actions
from onecloud.access.guard import unguarded
from onecloud.access.model import User
from onecloud.access.routes import SESSION_COOKIE, router
from onecloud.infra.http import Ground
from tests.access.conftest import EMAIL, PASSWORD, WRONG, Browser, admin, signed_in

NEW = "brand-new-horse-3"
CREDENTIALS = {"email": EMAIL, "password": PASSWORD}


async def test_sign_in_sets_a_cookie_that_scripts_cannot_read(browser: Browser, ada: User) -> None:
    answer = await browser().post("/api/v2/session", json=CREDENTIALS)
    assert answer.status_code == 201
    cookie = SimpleCookie(answer.headers["set-cookie"])[SESSION_COOKIE]
    assert (cookie["path"], cookie["samesite"], cookie["httponly"], cookie["secure"]) == ("/", "lax", True, "")
    assert cookie.value not in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json()["user"] == {
        "id": str(ada.id),
        "email": EMAIL,
        "first_name": "Ada",
        "last_name": "Lovelace",
        "is_admin": True,
        "may_use_api": True,
        "time_zone": None,
    }


async def test_the_session_answers_with_the_same_csrf_token_until_sign_out(browser: Browser, ada: User) -> None:
    page = await signed_in(browser())
    answer = await page.client.get("/api/v2/session")
    assert answer.json()["csrf_token"] == page.csrf["X-CSRF-Token"]
    stolen = page.client.cookies[SESSION_COOKIE]
    assert (await page.client.delete("/api/v2/session", headers=page.csrf)).status_code == 204
    assert SESSION_COOKIE not in page.client.cookies
    replay = await browser().get("/api/v2/session", headers={"cookie": f"{SESSION_COOKIE}={stolen}"})
    assert (replay.status_code, replay.json()["code"]) == (401, "session.missing")


async def test_a_cookie_planted_before_sign_in_never_becomes_a_session(browser: Browser, ada: User) -> None:
    client = browser()
    client.cookies.set(SESSION_COOKIE, "planted-by-somebody", domain="cloud.test")
    await client.post("/api/v2/session", json=CREDENTIALS)
    planted = await browser().get("/api/v2/session", headers={"cookie": f"{SESSION_COOKIE}=planted-by-somebody"})
    assert planted.status_code == 401


async def test_sign_out_everywhere_ends_the_other_browser_too(browser: Browser, ada: User) -> None:
    here, there = await signed_in(browser()), await signed_in(browser())
    assert (await here.client.delete("/api/v2/sessions", headers=here.csrf)).status_code == 204
    assert (await there.client.get("/api/v2/session")).status_code == 401


async def test_unsafe_requests_need_the_csrf_token_of_their_own_session(browser: Browser, ada: User) -> None:
    page, other = await signed_in(browser()), await signed_in(browser())
    for headers in ({}, {"X-CSRF-Token": "guess"}, other.csrf):
        answer = await page.client.delete("/api/v2/session", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "csrf.failed")
    assert (await page.client.get("/api/v2/session")).status_code == 200


async def test_the_public_doors_refuse_pages_of_other_sites(browser: Browser, ada: User) -> None:
    for path in ("/api/v2/session", "/api/v2/setup", "/api/v2/password-reset"):
        for headers in ({"sec-fetch-site": "cross-site"}, {"origin": "http://evil.test"}):
            answer = await browser().post(path, json=CREDENTIALS, headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (403, "cross_site.refused"), path
    own = await browser().post("/api/v2/session", json=CREDENTIALS, headers={"origin": "http://cloud.test"})
    assert own.status_code == 201


async def test_refused_sign_ins_are_committed_and_end_in_a_lock(browser: Browser, ada: User) -> None:
    client = browser()
    for _ in range(6):
        answer = await client.post("/api/v2/session", json=CREDENTIALS | {"password": WRONG})
        assert (answer.status_code, answer.json()["code"]) == (401, "sign_in.refused")
        assert "set-cookie" not in answer.headers
    assert (await client.post("/api/v2/session", json=CREDENTIALS)).status_code == 401


async def test_setup_makes_the_first_administrator_once(browser: Browser, ground: Ground) -> None:
    client = browser()
    assert (await client.get("/api/v2/setup")).json() == {"needed": True}
    async with ground.database.transaction() as db:
        path = await actions.setup_link(db, ground.keys)
    assert path is not None
    body = CREDENTIALS | {"token": path.partition("=")[2], "first_name": "Ada"}
    weak = await client.post("/api/v2/setup", json=body | {"password": "weak"})
    assert (weak.status_code, {p["where"] for p in weak.json()["problems"]}) == (422, {"password"})
    wrong = await client.post("/api/v2/setup", json=body | {"token": "guess"})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "setup.link_dead")
    made = await client.post("/api/v2/setup", json=body)
    assert made.status_code == 201, made.text
    assert (await client.get("/api/v2/session")).json()["user"]["email"] == EMAIL
    again = await client.post("/api/v2/setup", json=body)
    assert (again.status_code, again.json()["code"]) == (409, "setup.done")
    assert (await client.get("/api/v2/setup")).json() == {"needed": False}


async def test_an_administrator_makes_a_reset_link_that_opens_the_account(browser: Browser, ada: User) -> None:
    page = await signed_in(browser())
    made = await page.client.post(f"/api/v2/users/{ada.id}/reset-link", headers=page.csrf)
    assert made.status_code == 201
    url: str = made.json()["url"]
    assert url.startswith("http://cloud.test/reset#token=")
    body = {"token": url.partition("=")[2], "password": NEW}
    assert (await browser().post("/api/v2/password-reset", json=body)).status_code == 204
    assert (await browser().post("/api/v2/password-reset", json=body)).json()["code"] == "reset.link_dead"
    assert (await page.client.get("/api/v2/session")).status_code == 401
    await signed_in(browser(), password=NEW)


async def test_people_are_listed_page_by_page_and_changed(browser: Browser, ground: Ground, ada: User) -> None:
    bob = await admin(ground, "bob@example.com")
    page = await signed_in(browser())
    first = (await page.client.get("/api/v2/users?limit=1")).json()
    second = (await page.client.get(f"/api/v2/users?limit=1&cursor={first['next_cursor']}")).json()
    assert [item["email"] for item in first["items"] + second["items"]] == [EMAIL, "bob@example.com"]
    assert second["next_cursor"] is None
    path = f"/api/v2/users/{bob.id}"
    changed = await page.client.patch(path, json={"disabled": True, "is_admin": False}, headers=page.csrf)
    assert (changed.status_code, changed.json()["disabled"], changed.json()["is_admin"]) == (200, True, False)
    assert (await page.client.patch(path, json={}, headers=page.csrf)).json() == changed.json()
    last = await page.client.patch(f"/api/v2/users/{ada.id}", json={"is_admin": False}, headers=page.csrf)
    assert (last.status_code, last.json()["code"]) == (409, "user.last_administrator")
    for unknown in ("999", "x"):
        answer = await page.client.patch(f"/api/v2/users/{unknown}", json={}, headers=page.csrf)
        assert answer.status_code == 404
    assert (await page.client.get("/api/v2/users?cursor=x")).status_code == 400
    assert (await page.client.get("/api/v2/users?limit=0")).status_code == 400


async def test_a_half_refused_change_changes_nothing(browser: Browser, ada: User) -> None:
    page = await signed_in(browser())
    path = f"/api/v2/users/{ada.id}"
    refused = await page.client.patch(path, json={"disabled": False, "is_admin": False}, headers=page.csrf)
    assert refused.status_code == 409
    (person,) = (await page.client.get("/api/v2/users")).json()["items"]
    assert (person["is_admin"], person["disabled"], person["locked"]) == (True, False, False)


async def test_the_sign_in_log_is_newest_first_in_pages(browser: Browser, ada: User) -> None:
    await browser().post("/api/v2/session", json={"email": "nobody@example.com", "password": WRONG})
    page = await signed_in(browser())
    first = (await page.client.get("/api/v2/login-activity?limit=1")).json()
    second = (await page.client.get(f"/api/v2/login-activity?limit=1&cursor={first['next_cursor']}")).json()
    (success,), (failure,) = first["items"], second["items"]
    assert (success["success"], success["user_id"], success["ip"], success["agent"]) == (
        True,
        str(ada.id),
        "192.0.2.7",
        "tests",
    )
    assert (failure["identity"], failure["failure_reason"], failure["user_id"]) == (
        "nobody@example.com",
        "not_found",
        None,
    )
    assert second["next_cursor"] is None


ADMIN_ONLY = [
    ("GET", "/api/v2/users"),
    ("PATCH", "/api/v2/users/1"),
    ("POST", "/api/v2/users/1/reset-link"),
    ("GET", "/api/v2/login-activity"),
]


async def test_people_and_the_log_are_for_administrators(browser: Browser, ground: Ground, ada: User) -> None:
    bob = await admin(ground, "bob@example.com")
    async with ground.database.transaction() as db:
        await actions.set_admin(db, None, bob.id, is_admin=False)
    page, stranger = await signed_in(browser(), "bob@example.com"), browser()
    for method, path in ADMIN_ONLY:
        answer = await page.client.request(method, path, json={}, headers=page.csrf)
        assert (answer.status_code, answer.json()["code"]) == (403, "admin.required"), path
        assert (await stranger.request(method, path, json={})).status_code == 401, path
    for method, path in (("GET", "/api/v2/session"), ("DELETE", "/api/v2/session"), ("DELETE", "/api/v2/sessions")):
        assert (await stranger.request(method, path)).status_code == 401, path
    assert (await page.client.get("/api/v2/session")).json()["user"]["is_admin"] is False


async def test_losing_the_right_is_felt_by_the_next_request(browser: Browser, ground: Ground, ada: User) -> None:
    bob = await admin(ground, "bob@example.com")
    page = await signed_in(browser(), "bob@example.com")
    async with ground.database.transaction() as db:
        await actions.set_disabled(db, None, bob.id, disabled=True)
    assert (await page.client.get("/api/v2/users")).status_code == 401


@pytest.mark.parametrize(
    "body", [{}, {"email": EMAIL}, {"email": 1, "password": []}, {**CREDENTIALS, "email": "x" * 1001}]
)
async def test_an_unreadable_sign_in_is_refused_before_anything_is_asked(
    browser: Browser, body: dict[str, object]
) -> None:
    assert (await browser().post("/api/v2/session", json=body)).status_code == 422


@pytest.mark.parametrize("email", ["\x00", "a\x00@b", "ﷺ" * 200, "' OR 1=1 --", "", "💥@💥"])
async def test_strange_names_are_plain_refusals(browser: Browser, ada: User, email: str) -> None:
    answer = await browser().post("/api/v2/session", json={"email": email, "password": "\x00ﷺ"})
    assert (answer.status_code, answer.json()["code"]) == (401, "sign_in.refused")


def test_every_route_of_the_room_is_guarded_or_public() -> None:
    assert unguarded(router.routes) == []
