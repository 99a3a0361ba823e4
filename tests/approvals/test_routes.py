"""Approvals and uploads over HTTP, through the whole application: with rights, without, and with bad input."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest

from onecloud.access import actions as access
from onecloud.access.actions.sessions import open_session
from onecloud.access.model import Visitor
from onecloud.access.rules import csrf_token
from onecloud.api.app import create_app
from onecloud.approvals.uploads.rules import MEGABYTE
from onecloud.chains import actions as chains
from onecloud.connector.context import FileRef
from onecloud.infra.http import Ground
from onecloud.infra.settings import Settings
from onecloud.kernel.permission import Place
from onecloud.runs import actions as runs
from onecloud.runs import store
from onecloud.runs.asking import ask_of, unit_of
from onecloud.runs.model import LaunchType, Unit
from onecloud.tokens import actions as tokens
from onecloud.tokens.policy import policy_of
from onecloud.workspaces import actions as workspaces
from onecloud.workspaces.model import EnvironmentFields, WorkspaceFields
from tests.approvals.conftest import Room

REPORT = FileRef(name="Märzbericht.html", blob="runs/7/report.html", size_bytes=11, media_type="text/html")


CHAIN = """
onecloud: 1
name: Month end
start: sign
nodes:
  sign: {command: event.approval, inputs: {title: Sign, approvers: bob@example.com}}
"""


@dataclass(slots=True)
class Surface:
    """The application, the sessions of people, and a run that can be told."""

    room: Room
    client: httpx2.AsyncClient
    cookies: dict[str, str]
    run: int

    async def call(self, who: str | None, method: str, path: str, body: Any = None, **more: Any) -> httpx2.Response:
        """One request of a signed-in person, or of nobody."""
        headers: dict[str, str] = {**more.pop("headers", {})}
        if who is not None:
            cookie = self.cookies[who]
            headers |= {"Cookie": f"oc_session={cookie}", "X-CSRF-Token": csrf_token(cookie)}
        return await self.client.request(method, f"/api/v2{path}", json=body, headers=headers, **more)

    async def messages(self) -> list[dict[str, Any]]:
        """What was left for the run."""
        async with self.room.ground.database.reading() as db:
            return [dict(one.payload) for one in await store.events_after(db, self.run, 0)]


@pytest.fixture
async def surface(room: Room) -> AsyncIterator[Surface]:
    settings = Settings.model_validate({**room.ground.settings.model_dump(), "upload_file_mb": 1})
    ground = room.ground = Ground(settings, room.ground.database, room.ground.keys)
    ada = room.who("ada")
    cookies: dict[str, str] = {}
    async with ground.database.transaction() as db:
        workspace = await workspaces.create_workspace(db, ada, WorkspaceFields("Finance"))
        environment = await workspaces.create_environment(db, ada, workspace.id, EnvironmentFields("DEV"))
        applied = await chains.apply(db, ground.keys, ada, environment.id, CHAIN, publish=True)
        run = await runs.start(db, ground.keys, None, ada, applied.chain.id, {}, LaunchType.MANUAL)
        room.chain = Place(workspace.id, environment.id, applied.chain.id)
        room.place = ask_of(run.id, Unit("sign"), 1).place
        for who, principal in room.people.items():
            user = await access.get_user(db, principal.user_id)
            made = await open_session(db, ground.keys, settings, user, Visitor("127.0.0.1", "test"), None)
            cookies[who] = made.token.reveal()
    transport = httpx2.ASGITransport(create_app(ground, blobs=room.blobs))
    async with httpx2.AsyncClient(transport=transport, base_url="http://onecloud.test") as client:
        yield Surface(room, client, cookies, run.id)


def test_a_place_is_found_again_from_its_text() -> None:
    for unit in (Unit("a"), Unit("b", 3), Unit("c", 0, 12)):
        assert unit_of(ask_of(7, unit, 2)) == unit


async def test_the_inbox_the_question_and_the_answer(surface: Surface) -> None:
    room = surface.room
    opened = await room.ask("bob@example.com", "cleo@example.com", run=surface.run, requesters=("dan@example.com",))
    inbox = (await surface.call("bob", "GET", "/approvals", params={"state": "open", "mine": True})).json()
    assert [(one["id"], one["title"], one["your_turn"]) for one in inbox["items"]] == [
        (str(opened.id), "Sign the report", True)
    ]
    assert inbox["next_cursor"] is None
    whole = (await surface.call("bob", "GET", f"/approvals/{opened.id}")).json()
    assert [(one["name"], one["standing"]) for one in whole["approvers"]] == [("Bob", "asked"), ("Cleo", "waiting")]
    assert (whole["details"], whole["due_days"], whole["may_edit"]) == ("All of March", 7.0, False)
    answer = await surface.call("bob", "POST", f"/approvals/{opened.id}/answer", {"verdict": "accept", "comment": "ok"})
    assert answer.status_code == 200
    first = answer.json()["approvers"][0]
    assert (first["standing"], first["comment"], first["via"]) == ("accepted", "ok", "web")
    assert await surface.messages() == []
    again = await surface.call("bob", "POST", f"/approvals/{opened.id}/answer", {"verdict": "reject"})
    assert (again.status_code, again.json()["code"]) == (409, "approval.answered")
    last = await surface.call("cleo", "POST", f"/approvals/{opened.id}/answer", {"verdict": "reject", "comment": "no"})
    assert (last.json()["state"], last.json()["text"]) == ("rejected", "Rejected by Cleo: no")
    (message,) = await surface.messages()
    assert message["unit"] == ["sign", -1, -1, 1]
    assert (message["exit_code"], message["message"]) == (1, "Rejected by Cleo: no")
    assert [one["verdict"] for one in message["outputs"]["answers"]] == ["accept", "reject"]


async def test_who_may_not_see_is_told_that_there_is_nothing(surface: Surface) -> None:
    opened = await surface.room.ask("bob@example.com", run=surface.run)
    path = f"/approvals/{opened.id}"
    for who, status in ((None, 401), ("dan", 404), ("ada", 200), ("bob", 200)):
        assert (await surface.call(who, "GET", path)).status_code == status
    for who, status in ((None, 401), ("dan", 404), ("ada", 403)):
        assert (await surface.call(who, "POST", f"{path}/answer", {"verdict": "accept"})).status_code == status
    for who, status in ((None, 401), ("dan", 404), ("bob", 403)):
        assert (await surface.call(who, "POST", f"{path}/edit", {})).status_code == status
    for odd in ("0x1", "-1", "9" * 30, "1%20", str(opened.id + 1)):
        assert (await surface.call("ada", "GET", f"/approvals/{odd}")).status_code == 404
        assert (await surface.call("ada", "GET", f"/uploads/{odd}")).status_code == 404
    assert (await surface.call("dan", "GET", "/approvals")).json()["items"] == []


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"verdict": "maybe"},
        {"verdict": "accept", "comment": "x" * 5_001},
        {"verdict": "accept", "comment": 7},
        {"verdict": "accept", "comment": "a\x00b"},
    ],
)
async def test_a_faulty_answer_is_refused(surface: Surface, body: dict[str, Any]) -> None:
    opened = await surface.room.ask("bob@example.com", run=surface.run)
    answer = await surface.call("bob", "POST", f"/approvals/{opened.id}/answer", body)
    assert answer.status_code == 422
    assert answer.json()["problems"]
    assert await surface.room.see(opened) == opened


async def test_an_administrator_changes_who_is_asked(surface: Surface) -> None:
    opened = await surface.room.ask("bob@example.com", run=surface.run)
    change = {"skip": [1], "add": ["dan@example.com"], "due_days": 2}
    edited = (await surface.call("ada", "POST", f"/approvals/{opened.id}/edit", change)).json()
    assert [(one["name"], one["standing"]) for one in edited["approvers"]] == [("Bob", "skipped"), ("Dan", "asked")]
    assert edited["may_edit"]
    faulty: list[tuple[dict[str, Any], int, str]] = [
        ({"skip": [9]}, 422, "approval.edit"),
        ({"add": ["eve@example.com"]}, 422, "approval.people"),
        ({"skip": [2]}, 409, "approval.nobody_left"),
        ({"due_days": 0}, 422, "request.invalid"),
        ({"skip": ["x"]}, 422, "request.invalid"),
    ]
    for body, status, code in faulty:
        answer = await surface.call("ada", "POST", f"/approvals/{opened.id}/edit", body)
        assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_an_api_token_answers_too(surface: Surface) -> None:
    room = surface.room
    opened = await room.ask("ada@example.com", run=surface.run)
    async with room.ground.database.transaction() as db:
        issued = await tokens.enable(db, room.ground.keys, policy_of(room.ground.settings), room.who("ada"))
    headers = {"Authorization": f"Bearer {issued.pair.access.reveal()}"}
    body = {"verdict": "accept"}
    answer = await surface.call(None, "POST", f"/approvals/{opened.id}/answer", body, headers=headers)
    assert answer.json()["approvers"][0]["via"] == "api"


async def test_an_attachment_is_sent_as_a_file_and_never_as_a_page(surface: Surface) -> None:
    room = surface.room
    room.blobs.write(REPORT.blob, b"<h1>hi</h1>")
    opened = await room.ask("bob@example.com", run=surface.run, attachments=(REPORT,))
    token = await room.link("bob")
    path = f"/approvals/{opened.id}/attachments"
    by_link = await surface.call(None, "POST", "/approval-links/attachments/1", {"token": token})
    for answer in (await surface.call("bob", "GET", f"{path}/1"), by_link):
        assert answer.content == b"<h1>hi</h1>"
        assert answer.headers["content-type"] == "application/octet-stream"
        assert answer.headers["content-disposition"].startswith("attachment")
        assert answer.headers["x-content-type-options"] == "nosniff"
    assert (await surface.call("dan", "GET", f"{path}/1")).status_code == 404
    assert (await surface.call("bob", "GET", f"{path}/2")).status_code == 404
    assert (await surface.call(None, "POST", "/approval-links/attachments/1", {"token": "x"})).status_code == 422
    room.blobs.path(REPORT.blob).unlink()
    gone = await surface.call("bob", "GET", f"{path}/1")
    assert (gone.status_code, gone.json()["code"]) == (404, "approval.attachment_gone")


async def test_a_link_works_signed_out_and_looking_answers_nothing(surface: Surface) -> None:
    room = surface.room
    opened = await room.ask("bob@example.com", run=surface.run, requesters=("ada@example.com",))
    token = await room.link("bob")
    for _ in range(2):
        look = await surface.call(None, "POST", "/approval-links/look", {"token": token})
        assert look.status_code == 200
        shown = look.json()
        assert (shown["title"], shown["approver"]["name"]) == ("Sign the report", "Bob")
    assert await room.see(opened) == opened
    body = {"token": token, "verdict": "accept", "comment": "by mail"}
    done = await surface.call(None, "POST", "/approval-links/answer", body)
    assert done.json() == {"state": "approved", "text": "Approved by Bob."}
    assert (await surface.call(None, "POST", "/approval-links/answer", body)).json()["code"] == "approval.answered"
    assert len(await surface.messages()) == 1


async def test_a_link_is_a_door_for_our_own_page_only(surface: Surface) -> None:
    await surface.room.ask("bob@example.com", run=surface.run)
    body = {"token": await surface.room.link("bob"), "verdict": "accept"}
    foreign = {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}
    refused = await surface.call(None, "POST", "/approval-links/answer", body, headers=foreign)
    assert (refused.status_code, refused.json()["code"]) == (403, "cross_site.refused")
    # Somebody who is signed in as another person answers in the name of the link's; their session plays no part.
    cookie = {"Cookie": f"oc_session={surface.cookies['dan']}"}
    done = await surface.call(None, "POST", "/approval-links/answer", body, headers=cookie)
    assert done.json()["text"] == "Approved by Bob."


async def test_guessing_links_is_slowed_down(surface: Surface) -> None:
    guess = {"token": "oc_ap_1.1." + "0" * 64}
    statuses = [(await surface.call(None, "POST", "/approval-links/look", guess)).status_code for _ in range(31)]
    assert statuses == [422] * 30 + [429]


async def put(surface: Surface, who: str | None, upload: object, name: str, data: bytes) -> httpx2.Response:
    return await surface.call(who, "POST", f"/uploads/{upload}/files", params={"name": name}, content=data)


async def test_files_are_given_and_the_run_goes_on(surface: Surface) -> None:
    asked = await surface.room.ask_files("bob@example.com", run=surface.run, endings=(".csv",), most_files=2)
    shown = (await surface.call("bob", "GET", "/uploads", params={"mine": True, "state": "open"})).json()["items"]
    assert [(one["id"], one["endings"], one["most_bytes"]) for one in shown] == [(str(asked.id), [".csv"], MEGABYTE)]
    first = await put(surface, "bob", asked.id, "März 1.csv", b"a;b")
    assert first.status_code == 201, first.text
    assert first.json()["files"][0]["name"] == "März 1.csv"
    await put(surface, "bob", asked.id, "2.csv", b"c")
    file = first.json()["files"][0]["id"]
    left = await surface.call("bob", "DELETE", f"/uploads/{asked.id}/files/{file}")
    assert [one["name"] for one in left.json()["files"]] == ["2.csv"]
    assert (await surface.call("bob", "DELETE", f"/uploads/{asked.id}/files/{file}")).status_code == 404
    assert (await surface.call("bob", "DELETE", f"/uploads/{asked.id}/files/x")).status_code == 404
    done = await surface.call("bob", "POST", f"/uploads/{asked.id}/complete", {"comment": "all there"})
    assert (done.json()["state"], done.json()["may_give"]) == ("completed", False)
    (message,) = await surface.messages()
    assert message["unit"] == ["files", -1, -1, 1]
    (given,) = message["outputs"]["files"]
    assert surface.room.blobs.existing(given["blob"]).read_bytes() == b"c"
    assert len([path for path in surface.room.blobs.root.rglob("*") if path.is_file()]) == 1, (
        "what was taken out is gone"
    )


async def test_faulty_uploads_are_refused(surface: Surface) -> None:
    asked = await surface.room.ask_files("bob@example.com", run=surface.run, endings=(".csv",))
    for who, name, data, status, code in (
        (None, "a.csv", b"", 401, "session.missing"),
        ("dan", "a.csv", b"", 404, "upload.not_found"),
        ("bob", "a.exe", b"", 422, "upload.file_name"),
        ("bob", "../a.csv", b"", 422, "upload.file_name"),
        ("bob", "a.csv", b"x" * (MEGABYTE + 1), 422, "upload.too_large"),
    ):
        answer = await put(surface, who, asked.id, name, data)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    missing = await surface.call("bob", "POST", f"/uploads/{asked.id}/files", content=b"x")
    assert missing.json()["code"] == "request.invalid"
    early = await surface.call("bob", "POST", f"/uploads/{asked.id}/complete", {})
    assert (early.status_code, early.json()["code"]) == (409, "upload.no_files")
    for way in ("complete", "decline"):
        assert (await surface.call("dan", "POST", f"/uploads/{asked.id}/{way}", {})).status_code == 404
    declined = await surface.call("bob", "POST", f"/uploads/{asked.id}/decline", {"comment": "not this month"})
    assert declined.json()["text"] == "Declined by Bob: not this month"
    assert (await surface.messages())[0]["exit_code"] == 1


async def test_a_file_must_come_with_the_proof_that_our_page_sends_it(surface: Surface) -> None:
    asked = await surface.room.ask_files("bob@example.com", run=surface.run)
    headers = {"Cookie": f"oc_session={surface.cookies['bob']}"}
    answer = await surface.client.post(
        f"/api/v2/uploads/{asked.id}/files", params={"name": "a"}, content=b"x", headers=headers
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "csrf.failed")
