"""The routes of schedules through the whole application, on both databases."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest

from onecloud.activity import actions as activity
from onecloud.chains import actions as chains_actions
from onecloud.schedules.deriving import take_over
from onecloud.schedules.firing import Firing, fire_due
from onecloud.schedules.routes import EPOCH, MICROSECOND
from onecloud.schedules.store import fires as store
from onecloud.workspaces import actions as workspaces
from tests.runs.conftest import house as house  # noqa: PLC0414 - a fixture of the next room
from tests.runs.house import House
from tests.schedules.conftest import GRACE, document
from tests.whole import Whole, whole_app

DAILY = "{name: night, zone: America/New_York, every: day, at: 02:30, color: '#3CB702'}"
PREVIEW = "/api/v2/schedules/preview"


@dataclass(slots=True)
class Client:
    """A client of the whole application."""

    whole: Whole
    house: House

    async def call(self, method: str, path: str, body: Any = None) -> httpx2.Response:
        """One request as an administrator."""
        return await self.whole.call(method, path, body)

    async def ok(self, method: str, path: str, body: Any = None) -> Any:
        """The answer of a request that succeeds."""
        answer = await self.call(method, path, body)
        assert answer.status_code in {200, 204}, answer.text
        return answer.json() if answer.content else None

    async def refused(self, method: str, path: str, body: Any = None) -> tuple[int, str]:
        """Status and code of a request that is refused."""
        answer = await self.call(method, path, body)
        return answer.status_code, answer.json()["code"]

    async def preview(self, schedule: dict[str, Any], **more: Any) -> Any:
        """A preview."""
        return await self.ok("POST", PREVIEW, {"schedule": schedule, **more})

    async def add_file(self, name: str, data: str) -> None:
        """Store a file of the workspace Finance."""
        async with self.house.ground.database.reading() as db:
            workspace = await workspaces.find_workspace(db, "Finance")
        path = f"/api/v2/workspaces/{workspace.id}/resources"
        headers = {"Authorization": f"Bearer {self.whole.token}"}
        answer = await self.whole.client.post(path, params={"name": name}, content=data.encode(), headers=headers)
        assert answer.status_code == 201, answer.text


@pytest.fixture
async def client(house: House) -> AsyncIterator[Client]:
    """The application over a furnished house."""
    async with whole_app(house) as whole:
        yield Client(whole, house)


async def test_a_preview_tells_what_is_unusual(client: Client) -> None:
    schedule = {"name": "s", "zone": "America/New_York", "every": "day", "at": "02:30", "end_on": "2026-03-09"}
    found = await client.preview(schedule, after="2026-03-07T00:00:00Z")
    assert [(one["kind"], one["at"], one["local"]) for one in found["items"]] == [
        ("fire", "2026-03-07T07:30:00Z", "2026-03-07T02:30:00-05:00"),
        ("fire", "2026-03-08T07:30:00Z", "2026-03-08T03:30:00-04:00"),
        ("fire", "2026-03-09T06:30:00Z", "2026-03-09T02:30:00-04:00"),
    ]
    assert [bool(one["note"]) for one in found["items"]] == [False, True, False]
    assert "02:30 does not exist on 2026-03-08" in found["items"][1]["note"]
    assert (found["ends"], found["calendar_problem"], found["after"]) == (True, "", "2026-03-07T00:00:00Z")


async def test_a_preview_looks_at_the_calendar_of_the_environment(client: Client) -> None:
    await client.add_file("days.txt", "2026-12-25 Christmas\n")
    schedule = {"name": "s", "zone": "UTC", "every": "day", "calendar": "days.txt"}
    place = {"environment_id": str(client.house.environment_id), "after": "2026-12-24T00:00:00Z", "count": 2}
    found = await client.preview(schedule, **place)
    assert [(one["kind"], one["note"]) for one in found["items"]] == [
        ("holiday", "Left out: 2026-12-25 is a holiday (Christmas)."),
        ("fire", ""),
    ]
    assert found["ends"] is False
    alone = await client.preview(schedule, count=1)
    assert "environment_id" in alone["calendar_problem"]
    lost = await client.preview({**schedule, "calendar": "none.ics"}, **place)
    assert lost["calendar_problem"] == "The workspace has no resource `none.ics`, which is the schedule's calendar."


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"schedule": {"name": "s", "zone": "UTC"}}, 422, "schedule.invalid"),
        ({"schedule": {"name": "s", "zone": "Moon", "every": "day"}}, 422, "schedule.invalid"),
        ({"schedule": {"name": "s", "zone": "UTC", "every": "year"}}, 422, "request.invalid"),
        ({"schedule": {"name": "s", "zone": "UTC", "every": "day"}, "count": 501}, 422, "request.invalid"),
        ({"schedule": {"name": "s", "zone": "UTC", "every": "day"}, "after": "2026-01-01"}, 422, "request.invalid"),
        (
            {"schedule": {"name": "s", "zone": "UTC", "every": "day"}, "environment_id": "x"},
            404,
            "environment.not_found",
        ),
    ],
)
async def test_what_cannot_be_previewed_is_told(client: Client, body: dict[str, Any], status: int, code: str) -> None:
    assert await client.refused("POST", PREVIEW, body) == (status, code)


async def test_a_chains_schedules_show_what_comes_and_what_was(client: Client) -> None:
    chain = await client.house.chain(document("Nightly", DAILY))
    path = f"/api/v2/chains/{chain}/schedules"
    (found,) = (await client.ok("GET", path))["items"]
    assert found["schedule"]["name"] == "night"
    assert (len(found["upcoming"]), found["last_fire"], found["paused"], found["hindrances"]) == (5, None, None, [])
    ground = client.house.ground
    await take_over(ground.database, None)
    async with ground.database.reading() as db:
        _, due = await store.clock(db)
    assert due is not None
    assert datetime.fromisoformat(found["upcoming"][0]["at"]) == due
    async with ground.database.transaction() as db:
        await fire_due(db, Firing(ground.keys, client.house.engine, GRACE), {}, due, 10)
    (found,) = (await client.ok("GET", f"{path}?upcoming=1"))["items"]
    assert len(found["upcoming"]) == 1
    last = found["last_fire"]
    assert (datetime.fromisoformat(last["planned_at"]), last["reason"]) == (due, "")
    run = await client.house.wait(int(last["run_id"]))
    assert run.user_name == "schedule night"
    page = await client.ok("GET", f"{path}/night/fires")
    assert page == {"items": [last], "next_cursor": None}


async def test_what_became_of_times_comes_in_pages(client: Client) -> None:
    chain = await client.house.chain(document("Pages", "{name: s, zone: UTC, every: day}"))
    ground = client.house.ground
    await take_over(ground.database, None)
    async with ground.database.reading() as db:
        _, due = await store.clock(db)
    assert due is not None
    for day in range(5):
        async with ground.database.transaction() as db:
            await fire_due(db, Firing(ground.keys, None, GRACE), {}, due + timedelta(days=day), 10)
    seen: list[str] = []
    cursor = ""
    while True:
        page = await client.ok("GET", f"/api/v2/chains/{chain}/schedules/s/fires?limit=2{cursor}")
        seen += [one["planned_at"] for one in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert [datetime.fromisoformat(at) for at in seen] == [due + timedelta(days=4 - n) for n in range(5)]


async def test_an_operator_pauses_and_resumes_without_a_publish(client: Client) -> None:
    chain = await client.house.chain(document("Pause", DAILY))
    path = f"/api/v2/chains/{chain}/schedules"
    await client.ok("POST", f"{path}/night/pause")
    await client.ok("POST", f"{path}/night/pause")
    (found,) = (await client.ok("GET", path))["items"]
    assert found["paused"]["by"] == "Ada Lovelace"
    (hindrance,) = found["hindrances"]
    assert hindrance["code"] == "schedule.paused"
    assert hindrance["message"].startswith("Paused by Ada Lovelace on ")
    assert found["upcoming"] == []
    await client.house.chain(document("Pause", DAILY.replace("02:30", "03:30")))
    (found,) = (await client.ok("GET", path))["items"]
    assert found["paused"] is not None, "a publish does not undo what an operator did"
    await client.ok("POST", f"{path}/night/resume")
    await client.ok("POST", f"{path}/night/resume")
    (found,) = (await client.ok("GET", path))["items"]
    assert (found["paused"], found["hindrances"], len(found["upcoming"])) == (None, [], 5)
    async with client.house.ground.database.reading() as db:
        changes, _ = await activity.changes(db, None, 200)
        _, due = await store.clock(db)
    assert due == datetime.fromisoformat(found["upcoming"][0]["at"])
    told = [(c.key, c.owner_id, c.parameters) for c in reversed(changes) if c.key.startswith("schedule.")]
    who, what = str(client.house.caller.user_id), {"name": "Pause", "schedule": "night"}
    assert told == [("schedule.pause", who, what), ("schedule.resume", who, what)]


async def test_why_a_schedule_will_not_fire_is_told_with_who_and_when(client: Client) -> None:
    lines = (
        "{name: off, zone: UTC, every: day, enabled: false}",
        "{name: over, zone: UTC, every: day, end_on: 2020-01-01}",
        DAILY,
    )
    chain = await client.house.chain(document("Why", *lines))
    path = f"/api/v2/chains/{chain}/schedules"

    async def hindrances() -> dict[str, list[str]]:
        items = (await client.ok("GET", path))["items"]
        return {one["schedule"]["name"]: [h["code"] for h in one["hindrances"]] for one in items}

    assert await hindrances() == {"off": ["schedule.disabled"], "over": ["schedule.over"], "night": []}
    async with client.house.ground.database.transaction() as db:
        await chains_actions.set_disabled(db, client.house.caller, chain, disabled=True)
    assert (await hindrances())["night"] == ["chain.disabled"]
    items = (await client.ok("GET", path))["items"]
    assert items[2]["hindrances"][0]["message"].startswith("The chain was disabled by Ada Lovelace on ")
    assert items[0]["hindrances"][1]["message"].startswith(
        "The schedule is switched off in version 1, published by Ada Lovelace on "
    )


async def test_a_calendar_of_an_environment_is_given_day_by_day(client: Client) -> None:
    await client.add_file("days.txt", "2027-03-02 Founders\n")
    lines = (
        "{name: office, zone: Europe/Berlin, every: hour, interval: 2, at: 08:00, stop_at: 18:00, calendar: days.txt}",
        "{name: dense, zone: UTC, every: minute}",
        DAILY,
    )
    chain = await client.house.chain(document("Calendar", *lines))
    await take_over(client.house.ground.database, None)
    path = f"/api/v2/environments/{client.house.environment_id}/schedules"
    span = "from=2027-02-28T23:00:00Z&to=2027-03-04T23:00:00Z"
    page = await client.ok("GET", f"{path}?{span}")
    office, dense, night = page["items"]
    assert page["next_cursor"] is None
    assert (office["chain_id"], office["chain_name"], office["name"]) == (str(chain), "Calendar", "office")
    assert (office["in_force"], office["calendar_problem"], office["complete_until"]) == (True, "", None)
    assert [(day["on"], day["count"], day["holiday"]) for day in office["days"]] == [
        ("2027-03-01", 6, ""),
        ("2027-03-02", 0, "Founders"),
        ("2027-03-03", 6, ""),
        ("2027-03-04", 6, ""),
    ]
    assert office["days"][0]["times"][0]["local"] == "2027-03-01T08:00:00+01:00"
    assert dense["complete_until"] == "2027-03-02T08:19:00Z"
    assert [(day["count"], len(day["times"])) for day in dense["days"]] == [(60, 24), (1440, 24), (500, 24)]
    assert night["color"] == "#3CB702"
    first = await client.ok("GET", f"{path}?{span}&limit=2")
    second = await client.ok("GET", f"{path}?{span}&limit=2&cursor={first['next_cursor']}")
    assert [one["name"] for one in [*first["items"], *second["items"]]] == ["office", "dense", "night"]


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("from=2027-01-01T00:00:00Z&to=2027-06-01T00:00:00Z", 400, "schedule.range"),
        ("from=2027-01-02T00:00:00Z&to=2027-01-01T00:00:00Z", 400, "schedule.range"),
        ("from=2027-01-01T00:00:00&to=2027-01-02T00:00:00Z", 422, "request.invalid"),
        ("to=2027-01-02T00:00:00Z", 422, "request.invalid"),
    ],
)
async def test_a_calendar_has_bounds(client: Client, query: str, status: int, code: str) -> None:
    path = f"/api/v2/environments/{client.house.environment_id}/schedules"
    assert await client.refused("GET", f"{path}?{query}") == (status, code)


async def test_what_is_not_there_is_not_found(client: Client) -> None:
    chain = await client.house.chain(document("There", DAILY))
    for method, path, code in (
        ("GET", "/api/v2/chains/999/schedules", "chain.not_found"),
        ("GET", "/api/v2/chains/x/schedules", "chain.not_found"),
        ("GET", "/api/v2/chains/999/schedules/s/fires", "chain.not_found"),
        ("POST", "/api/v2/chains/999/schedules/s/pause", "chain.not_found"),
        ("POST", f"/api/v2/chains/{chain}/schedules/nihgt/pause", "schedule.not_found"),
        ("POST", f"/api/v2/chains/{chain}/schedules/nihgt/resume", "schedule.not_found"),
        ("GET", "/api/v2/environments/999/schedules?from=2027-01-01T00:00:00Z&to=2027-01-02T00:00:00Z",
         "environment.not_found"),
    ):  # fmt: skip
        assert await client.refused(method, path) == (404, code), path
    answer = await client.call("POST", f"/api/v2/chains/{chain}/schedules/nihgt/pause")
    assert "Did you mean `night`?" in answer.json()["detail"]


async def test_nobody_without_credentials_gets_anything(client: Client) -> None:
    chain = await client.house.chain(document("Closed", DAILY))
    for method, path in (
        ("POST", PREVIEW),
        ("GET", f"/api/v2/chains/{chain}/schedules"),
        ("GET", f"/api/v2/chains/{chain}/schedules/night/fires"),
        ("POST", f"/api/v2/chains/{chain}/schedules/night/pause"),
        ("GET", f"/api/v2/environments/{client.house.environment_id}/schedules"),
    ):
        answer = await client.whole.client.request(method, path)
        assert answer.status_code == 401, path


def test_the_moment_of_a_cursor_is_kept_to_the_microsecond() -> None:
    at = datetime(2026, 3, 8, 7, 30, 0, 123456, tzinfo=UTC)
    assert EPOCH + (at - EPOCH) // MICROSECOND * MICROSECOND == at
