"""Deliveries, the test mail and summaries over HTTP, through the whole application."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest
from sqlalchemy import text

from onecloud.access import actions as access
from onecloud.api.app import create_app
from onecloud.notify.model import Letter
from onecloud.tokens import actions as tokens
from onecloud.tokens.policy import policy_of
from onecloud.workspaces import actions as workspaces
from onecloud.workspaces.model import EnvironmentFields, WorkspaceFields
from tests.notify.conftest import ADA, Office
from tests.notify.servers import mail_house, talking

ROUTES = [
    ("GET", "/api/v2/admin/deliveries", None),
    ("POST", "/api/v2/admin/deliveries/1/retry", None),
    ("POST", "/api/v2/admin/mail/test", {"to": ADA}),
    ("GET", "/api/v2/admin/summaries", None),
    ("POST", "/api/v2/admin/summaries", {"environment_id": "1", "frequency": "daily", "email": ADA}),
    ("PATCH", "/api/v2/admin/summaries/1", {"frequency": "weekly"}),
    ("DELETE", "/api/v2/admin/summaries/1", None),
]


@dataclass(slots=True)
class Surface:
    """The application of an office, called with an administrator's token."""

    office: Office
    token: str

    async def call(self, method: str, path: str, body: Any = None, token: str | None = None) -> httpx2.Response:
        transport = httpx2.ASGITransport(create_app(self.office.ground))
        headers = {"Authorization": f"Bearer {token or self.token}"}
        async with httpx2.AsyncClient(transport=transport, base_url="http://onecloud.test", headers=headers) as client:
            return await client.request(method, path, json=body)

    async def activity(self) -> list[str]:
        async with self.office.ground.database.reading() as db:
            return [row[0] for row in await db.execute(text("SELECT key FROM activity ORDER BY id"))]


@pytest.fixture
async def surface(office: Office) -> Surface:
    ground = office.ground
    async with ground.database.transaction() as db:
        issued = await tokens.enable(db, ground.keys, policy_of(ground.settings), office.admin)
    return Surface(office, issued.pair.access.reveal())


@pytest.mark.parametrize(("method", "path", "body"), ROUTES)
async def test_only_administrators_may_call(surface: Surface, method: str, path: str, body: Any) -> None:
    answer = await surface.call(method, path, body, token="oc_at_nothing")
    assert answer.status_code == 401
    async with surface.office.ground.database.transaction() as db:
        bob = await access.create_admin(db, "bob@example.com", "correct-horse-1")
        principal = await access.principal_of(db, bob.id, "cli")
        assert principal is not None
        ground = surface.office.ground
        issued = await tokens.enable(db, ground.keys, policy_of(ground.settings), principal)
        await access.set_admin(db, None, bob.id, is_admin=False)
    answer = await surface.call(method, path, body, token=issued.pair.access.reveal())
    assert answer.status_code in {401, 403}  # a lost right ends the token itself


async def test_deliveries_page_by_page_and_of_one_state(surface: Surface) -> None:
    office = surface.office
    async with mail_house() as house:
        office.mail_goes_to(house.port)
        await office.queue(
            Letter(ADA, "first", "text", run_id=7, chain_id=3), Letter("eve@x.example", "second", "text")
        )
        await office.send()
    first = (await surface.call("GET", "/api/v2/admin/deliveries?limit=1")).json()
    (newest,) = first["items"]
    assert (newest["subject"], newest["state"]) == ("second", "given_up")
    assert "users only" in newest["last_error"]
    second = (await surface.call("GET", f"/api/v2/admin/deliveries?limit=1&cursor={first['next_cursor']}")).json()
    (oldest,) = second["items"]
    assert (oldest["to"], oldest["state"], oldest["run_id"], oldest["chain_id"]) == (ADA, "sent", "7", "3")
    assert second["next_cursor"] is None
    sent = (await surface.call("GET", "/api/v2/admin/deliveries?state=sent")).json()
    assert [item["subject"] for item in sent["items"]] == ["first"]


@pytest.mark.parametrize(
    ("query", "code"), [("state=lost", "delivery.state"), ("limit=0", "limit.invalid"), ("cursor=x", "cursor.invalid")]
)
async def test_a_list_that_cannot_be_is_refused(surface: Surface, query: str, code: str) -> None:
    answer = await surface.call("GET", f"/api/v2/admin/deliveries?{query}")
    assert (answer.status_code, answer.json()["code"]) == (400, code)


async def test_a_failed_delivery_is_tried_again_by_hand(surface: Surface) -> None:
    office = surface.office
    await office.queue(Letter(ADA, "first", "text"))
    await office.send()  # mail is not set up
    number = (await office.delivery()).id
    again = await surface.call("POST", f"/api/v2/admin/deliveries/{number}/retry")
    assert (again.status_code, again.json()["state"]) == (200, "queued")
    async with mail_house() as house:
        office.mail_goes_to(house.port)
        await office.send()
    assert (await office.delivery()).state == "sent"
    refused = await surface.call("POST", f"/api/v2/admin/deliveries/{number}/retry")
    assert (refused.status_code, refused.json()["code"]) == (409, "delivery.sent")
    for wrong in ("999", "x", "9" * 30):
        assert (await surface.call("POST", f"/api/v2/admin/deliveries/{wrong}/retry")).status_code == 404
    assert "delivery.retry" in await surface.activity()


async def test_a_test_mail_is_sent_while_one_waits(surface: Surface) -> None:
    async with mail_house() as house:
        surface.office.mail_goes_to(house.port, public_url="https://cloud.example.com")
        answer = await surface.call("POST", "/api/v2/admin/mail/test", {"to": "operator@elsewhere.example"})
        assert (answer.status_code, answer.json()["to"]) == (200, "operator@elsewhere.example")
        assert answer.json()["server"] == f"the mail server 127.0.0.1:{house.port}"
    (mail,) = house.taken
    assert mail.recipients == ["operator@elsewhere.example"]
    assert "asked for by" in mail.text()
    assert "mail.test" in await surface.activity()


async def test_a_test_mail_says_honestly_what_is_wrong(surface: Surface) -> None:
    unset = await surface.call("POST", "/api/v2/admin/mail/test", {"to": ADA})
    assert (unset.status_code, unset.json()["code"]) == (409, "mail.not_set_up")
    wrong = await surface.call("POST", "/api/v2/admin/mail/test", {"to": "nobody"})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "mail.address")
    async with mail_house() as house:
        house.rcpt_answers = ["550 No such user"]
        surface.office.mail_goes_to(house.port)
        refused = await surface.call("POST", "/api/v2/admin/mail/test", {"to": ADA})
    assert (refused.status_code, refused.json()["code"]) == (503, "mail.not_sent")
    assert "550 No such user" in refused.json()["detail"]
    assert "mail.test" not in await surface.activity()


async def test_a_test_mail_holds_no_transaction_while_it_waits(surface: Surface) -> None:
    reached = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        reached.set()
        await reader.read()

    async with talking(silent) as port:
        surface.office.mail_goes_to(port, smtp_timeout_seconds=3)
        asking = asyncio.create_task(surface.call("POST", "/api/v2/admin/mail/test", {"to": ADA}))
        await reached.wait()
        async with asyncio.timeout(2):  # SQLite has one writer
            await surface.office.queue(Letter(ADA, "meanwhile", "text"))
        assert not asking.done()
        assert (await asking).status_code == 503


async def test_summaries_are_made_changed_and_ended(surface: Surface) -> None:
    office = surface.office
    async with office.ground.database.transaction() as db:
        workspace = await workspaces.create_workspace(db, office.admin, WorkspaceFields("Books"))
        prod = await workspaces.create_environment(db, office.admin, workspace.id, EnvironmentFields("PROD"))
    body = {"environment_id": str(prod.id), "frequency": "daily", "apprise": "json://127.0.0.1:1/t0kenOfTheChannel"}
    made = await surface.call("POST", "/api/v2/admin/summaries", body)
    assert made.status_code == 201, made.text
    summary = made.json()
    assert (summary["environment_name"], summary["workspace_name"], summary["kind"]) == ("PROD", "Books", "apprise")
    assert "t0kenOfTheChannel" not in made.text
    twice = await surface.call("POST", "/api/v2/admin/summaries", body)
    assert (twice.status_code, twice.json()["code"]) == (409, "summary.exists")
    assert "t0kenOfTheChannel" not in twice.text

    path = f"/api/v2/admin/summaries/{summary['id']}"
    changed = (await surface.call("PATCH", path, {"frequency": "monthly", "email": ADA})).json()
    assert (changed["frequency"], changed["to"], changed["kind"]) == ("monthly", ADA, "mail")
    assert changed["next_at"].endswith("-01T09:00:00Z")
    assert (await surface.call("PATCH", path, {})).json() == changed
    both = await surface.call("PATCH", path, {"email": ADA, "apprise": "json://127.0.0.1:1/x"})
    assert (both.status_code, both.json()["code"]) == (422, "summary.recipient")
    listed = (await surface.call("GET", "/api/v2/admin/summaries")).json()
    assert listed == {"items": [changed], "next_cursor": None}

    assert (await surface.call("DELETE", path)).status_code == 204
    for method, wrong in (("DELETE", path), ("PATCH", path), ("DELETE", "/api/v2/admin/summaries/x")):
        gone = await surface.call(method, wrong, {} if method == "PATCH" else None)
        assert (gone.status_code, gone.json()["code"]) == (404, "summary.not_found")
    recorded = [key for key in await surface.activity() if key.startswith("summary.")]
    assert recorded == ["summary.create", "summary.update", "summary.destroy"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"environment_id": "1", "frequency": "hourly", "email": ADA}, 422),
        ({"environment_id": "1", "frequency": "daily"}, 422),
        ({"environment_id": "x", "frequency": "daily", "email": ADA}, 404),
        ({"environment_id": "77", "frequency": "daily", "email": ADA}, 404),
        ({"frequency": "daily", "email": ADA}, 422),
    ],
)
async def test_a_subscription_that_cannot_be_is_refused(surface: Surface, body: Any, status: int) -> None:
    assert (await surface.call("POST", "/api/v2/admin/summaries", body)).status_code == status


async def test_a_subscription_goes_with_its_environment(surface: Surface) -> None:
    office = surface.office
    async with office.ground.database.transaction() as db:
        workspace = await workspaces.create_workspace(db, office.admin, WorkspaceFields("Books"))
        prod = await workspaces.create_environment(db, office.admin, workspace.id, EnvironmentFields("PROD"))
    body = {"environment_id": str(prod.id), "frequency": "weekly", "email": ADA}
    assert (await surface.call("POST", "/api/v2/admin/summaries", body)).status_code == 201
    async with office.ground.database.transaction() as db:
        await db.execute(text("DELETE FROM environment"))
    assert (await surface.call("GET", "/api/v2/admin/summaries")).json()["items"] == []
