"""Invitations over API v2: a link that works once, mailed or shown once."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
from sqlalchemy import select

from onecloud.access import actions as access
from onecloud.access.tables import LinkRow
from onecloud.activity.actions import changes, login_activity
from onecloud.api.app import create_app
from onecloud.infra.http import Ground
from onecloud.notify import actions as notify
from onecloud.people.invitations import letter
from tests.people.conftest import Office

PASSWORD = "correct-horse-1"


def token_of(url: str) -> str:
    """The token in a link's fragment."""
    parts = urlsplit(url)
    assert (parts.path, parts.query) == ("/invitation", "")
    return parts.fragment.removeprefix("token=")


async def invited(office: Office, email: str = "bob@example.com", **more: Any) -> dict[str, Any]:
    """A new invitation."""
    answer = await office.call("POST", "/api/v2/invitations", {"email": email, **more})
    assert answer.status_code == 201, answer.text
    assert answer.headers["cache-control"] == "no-store"
    return answer.json()


async def accept(office: Office, token: str, **more: Any) -> httpx2.Response:
    """Somebody without credentials opens the link."""
    body = {"token": token, "password": PASSWORD, **more}
    return await office.client.post("/api/v2/invitation", json=body, headers={"Authorization": ""})


async def test_an_invited_person_chooses_a_password_and_is_in(office: Office) -> None:
    group = (await office.call("POST", "/api/v2/groups", {"name": "Team"})).json()["id"]
    made = await invited(office, " BOB@example.com", first_name="Bob", group_ids=[group])
    assert (made["user"]["email"], made["user"]["invited"], made["user"]["is_admin"]) == (
        "bob@example.com",
        True,
        False,
    )
    token = token_of(made["url"])
    look = await office.client.post("/api/v2/invitation/look", json={"token": token})
    assert look.json() == {"email": "bob@example.com", "first_name": "Bob", "last_name": ""}
    refused = await accept(office, token, password="short")
    assert (refused.status_code, refused.json()["code"]) == (422, "user.invalid")
    answer = await accept(office, token, first_name="Robert", last_name="Builder")
    assert answer.status_code == 201, answer.text
    assert answer.json()["user"]["first_name"] == "Robert"
    assert "oc_session" in answer.headers["set-cookie"]
    members = (await office.call("GET", f"/api/v2/groups/{group}/members")).json()["items"]
    assert [(one["email"], one["last_name"], one["invited"]) for one in members] == [
        ("bob@example.com", "Builder", False)
    ]
    again = await accept(office, token)
    assert (again.status_code, again.json()["code"]) == (422, "invitation.link_dead")
    entered = await office.client.post(
        "/api/v2/session", json={"email": "bob@example.com", "password": PASSWORD}, headers={"Authorization": ""}
    )
    assert entered.status_code == 201
    async with office.ground.database.reading() as db:
        told, _ = await changes(db, None, 20)
        logins, _ = await login_activity(db, None, 5)
    keys = [entry.key for entry in told]
    assert keys[:2] == ["user.accept_invitation", "user.invite"]
    assert {"user.create", "user_group_user.create"} <= set(keys)
    assert [attempt.context for attempt in logins] == ["sessions#create", "invitations#create"]


async def test_of_parallel_answers_one_wins(office: Office) -> None:
    token = token_of((await invited(office))["url"])
    answers = await asyncio.gather(*(accept(office, token) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 422, 422, 422]


async def test_a_new_invitation_kills_the_one_before(office: Office) -> None:
    made = await invited(office)
    again = await office.call("POST", f"/api/v2/users/{made['user']['id']}/invitation")
    assert (await accept(office, token_of(made["url"]))).json()["code"] == "invitation.link_dead"
    assert (await accept(office, token_of(again.json()["url"]))).status_code == 201
    late = await office.call("POST", f"/api/v2/users/{made['user']['id']}/invitation")
    assert (late.status_code, late.json()["code"]) == (409, "user.not_invited")


async def test_a_disabled_person_cannot_accept(office: Office) -> None:
    made = await invited(office)
    path = f"/api/v2/users/{made['user']['id']}"
    assert (await office.call("PATCH", path, {"disabled": True})).json()["disabled"] is True
    assert (await accept(office, token_of(made["url"]))).json()["code"] == "invitation.link_dead"
    assert (await office.call("POST", f"{path}/invitation")).json()["code"] == "user.disabled"


async def test_an_invited_administrator_is_nobody_who_could_keep_the_house(office: Office) -> None:
    admins = (await office.call("GET", "/api/v2/groups")).json()["items"][0]["id"]
    made = await invited(office, group_ids=[admins])
    answer = await office.call("PATCH", f"/api/v2/users/{office.admin.user_id}", {"disabled": True})
    assert (answer.status_code, answer.json()["code"]) == (409, "user.last_administrator")
    assert (await accept(office, token_of(made["url"]))).json()["user"]["is_admin"] is True
    answer = await office.call("PATCH", f"/api/v2/users/{office.admin.user_id}", {"disabled": True})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"email": "nobody"}, "user.invalid"),
        ({"email": "ada@example.com"}, "user.email_taken"),
        ({"email": "new@example.com", "group_ids": ["999"]}, "user_group.not_found"),
        ({"email": "new@example.com", "group_ids": ["x"]}, "user_group.not_found"),
    ],
)
async def test_who_cannot_be_invited_is_refused_and_nobody_is_made(
    office: Office, body: dict[str, Any], code: str
) -> None:
    answer = await office.call("POST", "/api/v2/invitations", body)
    assert answer.json()["code"] == code
    assert [user["email"] for user in (await office.call("GET", "/api/v2/users")).json()["items"]] == [
        "ada@example.com"
    ]


async def test_the_database_holds_no_token(office: Office) -> None:
    token = token_of((await invited(office))["url"])
    async with office.ground.database.reading() as db:
        rows = list(await db.scalars(select(LinkRow.token_hash)))
    assert rows
    assert token not in rows


async def test_with_mail_set_up_the_link_is_mailed_and_not_shown(ground: Ground, office: Office) -> None:
    settings = ground.settings.model_copy(
        update={"smtp_host": "mail.test", "smtp_from": "oc@example.com", "public_url": "https://oc.example.com"}
    )
    transport = httpx2.ASGITransport(create_app(replace(ground, settings=settings)))
    async with httpx2.AsyncClient(
        transport=transport, base_url="http://onecloud.test", headers=office.client.headers
    ) as client:
        answer = await client.post("/api/v2/invitations", json={"email": "bob@example.com"})
    assert (answer.status_code, answer.json()["url"]) == (201, None)
    async with ground.database.reading() as db:
        (delivery,), _ = await notify.deliveries(db, None, None, 5)
        assert await access.user_by_email(db, "bob@example.com")
    assert (delivery.to, delivery.subject, delivery.state) == ("bob@example.com", "Invitation to OneCloud", "queued")


async def test_the_mail_says_who_invites_and_until_when(office: Office) -> None:
    made = await invited(office)
    async with office.ground.database.reading() as db:
        user = await access.user_by_email(db, "bob@example.com")
    mail = letter(office.admin, user.email, made["url"], user.created_at)
    assert mail.text.startswith("ada@example.com invites you")
    assert made["url"] in mail.text
    assert f"{user.created_at:%Y-%m-%d %H:%M} UTC" in mail.text
