"""Files that start chains: real folders, with a running engine, on both databases."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from onecloud.connector import Stop
from onecloud.infra.db import database_now
from onecloud.triggers.firing import Firing
from onecloud.triggers.folder import look as look_at
from onecloud.triggers.model import watch_of
from onecloud.triggers.store import files, kept
from onecloud.triggers.watching import settle, watch_due
from tests.triggers.conftest import Client, document

PATH = {"value": "${{ trigger.event }} ${{ trigger.path }}"}


def watching(**more: Any) -> dict[str, Any]:
    """A watch of the folder `in`, at once unless a test says otherwise."""
    return {"kind": "file", "folder": "in", "stable_for_s": 0, "every_s": 3600, **more}


@pytest.fixture
def inbox(client: Client) -> Path:
    """The folder `in` of the server's files."""
    folder = client.house.ground.settings.files_folder / "in"
    folder.mkdir(parents=True)
    return folder


def firing(client: Client) -> Firing:
    """What firing needs."""
    return Firing(client.house.ground.keys, client.house.engine)


async def look(client: Client) -> None:
    """What the dispatcher does once the time of every folder has come."""
    async with client.house.ground.database.transaction() as db:
        await db.execute(text("update chain_trigger set look_at = created_at where look_at is not null"))
    await watch_due(client.house.ground, firing(client))


async def later(client: Client, seconds: int) -> None:
    """As if what was seen had been seen earlier."""
    async with client.house.ground.database.transaction() as db:
        since = await database_now(db) - timedelta(seconds=seconds)
        rows = list(await db.scalars(text("select id from chain_trigger")))
        for trigger_id in rows:
            known = await files.known(db, trigger_id)
            await files.change(db, trigger_id, [replace(one, since=since) for one in known.values()])


async def values(client: Client, made: Any) -> list[str]:
    """The inputs of the runs that were started, oldest first."""
    runs = [int(one["run_id"]) for one in reversed(await client.fires(made)) if one["run_id"]]
    return [str((await client.house.run(run)).inputs["value"]) for run in runs]


async def test_a_new_file_and_each_new_version_start_one_run(client: Client, inbox: Path) -> None:
    (inbox / "old.csv").write_text("x")
    chain = await client.house.chain(document("One"))
    made = await client.create(chain, watching(pattern="*.csv"), inputs=PATH)
    await look(client)
    (inbox / "new.csv").write_text("x")
    (inbox / "other.txt").write_text("x")
    await look(client)
    await look(client)
    assert await values(client, made) == ["created in/new.csv"]
    (inbox / "new.csv").write_text("longer")
    (inbox / "old.csv").write_text("longer")
    await look(client)
    await look(client)
    assert await values(client, made) == ["created in/new.csv", "changed in/new.csv", "changed in/old.csv"]
    run = await client.house.run(int((await client.fires(made))[0]["run_id"]))
    assert (run.launch_type.value, run.user_name) == ("trigger_event", "trigger t")
    assert [one["about"] for one in await client.fires(made)][-1] == "file in/new.csv created"


async def test_files_that_are_there_count_when_it_is_asked_for(client: Client, inbox: Path) -> None:
    (inbox / "old.csv").write_text("x")
    chain = await client.house.chain(document("One"))
    made = await client.create(chain, watching(existing=True, changes=False), inputs=PATH)
    await look(client)
    (inbox / "old.csv").write_text("longer")
    await look(client)
    assert await values(client, made) == ["created in/old.csv"]


async def test_a_file_that_is_still_written_waits(client: Client, inbox: Path) -> None:
    chain = await client.house.chain(document("One"))
    made = await client.create(chain, watching(stable_for_s=60, existing=True), inputs=PATH)
    (inbox / "a.csv").write_text("half")
    await look(client)
    (inbox / "a.csv").write_text("half and half")
    await later(client, 61)
    await look(client)  # another version than before: its time begins anew
    await later(client, 59)
    await look(client)
    assert await client.fires(made) == []
    await later(client, 61)
    await look(client)
    assert await values(client, made) == ["created in/a.csv"]


async def test_a_file_waits_for_a_chain_that_runs_alone(client: Client, inbox: Path) -> None:
    chain = await client.house.chain(document("Alone", concurrent=False, wait=True))
    made = await client.create(chain, watching(existing=True), inputs=PATH)
    for name in ("a", "b"):
        (inbox / name).write_text("x")
    await look(client)
    await look(client)
    assert await values(client, made) == ["created in/a"]
    (fired,) = await client.fires(made)
    await client.ok("POST", f"/api/v2/runs/{fired['run_id']}/stop")
    await look(client)
    assert await values(client, made) == ["created in/a", "created in/b"]


async def test_files_wait_while_the_chain_or_the_trigger_is_disabled(client: Client, inbox: Path) -> None:
    chain = await client.house.chain(document("One"))
    made = await client.create(chain, watching(), inputs=PATH)
    await look(client)
    await client.ok("POST", f"/api/v2/chains/{chain}/disable")
    (inbox / "a").write_text("x")
    await look(client)
    await client.ok("POST", f"/api/v2/chains/{chain}/enable")
    await client.ok("POST", f"/api/v2/triggers/{made['trigger']['id']}/disable")
    (inbox / "b").write_text("x")
    await look(client)
    assert await client.fires(made) == []
    await client.ok("POST", f"/api/v2/triggers/{made['trigger']['id']}/enable")
    await look(client)
    assert await values(client, made) == ["created in/a", "created in/b"]


async def test_a_condition_and_a_refusal_are_told_once(client: Client, inbox: Path) -> None:
    chain = await client.house.chain(document("One", "[{name: value, type: number}]"))
    when = {"value": "${{ trigger.size_bytes }}", "is": "greater_than", "other": 1}
    made = await client.create(chain, watching(existing=True), inputs={"value": "${{ trigger.name }}"}, when=when)
    (inbox / "a").write_text("x")
    (inbox / "b").write_text("xx")
    await look(client)
    await look(client)
    assert [(one["outcome"], one["reason"]) for one in reversed(await client.fires(made))] == [
        ("skipped", "trigger.condition"),
        ("refused", "chain.inputs"),
    ]


async def test_a_folder_in_trouble_says_so_and_forgets_nothing(client: Client, inbox: Path) -> None:
    chain = await client.house.chain(document("One"))
    made = await client.create(chain, watching(existing=True), inputs=PATH)
    path = f"/api/v2/triggers/{made['trigger']['id']}"
    (inbox / "a").write_text("x")
    await look(client)
    await asyncio.to_thread(inbox.rename, inbox.with_name("away"))
    await look(client)
    (hindrance,) = (await client.ok("GET", path))["hindrances"]
    assert (hindrance["code"], hindrance["message"]) == (
        "trigger.folder",
        "There is no folder `in`. Make it, or name another one.",
    )
    await asyncio.to_thread(inbox.with_name("away").rename, inbox)
    await look(client)
    assert (await client.ok("GET", path))["hindrances"] == []
    assert await values(client, made) == ["created in/a"]


async def test_several_servers_start_one_run_for_a_file(client: Client, inbox: Path) -> None:
    chain = await client.house.chain(document("One"))
    made = await client.create(chain, watching(existing=True), inputs=PATH)
    for number in range(5):
        (inbox / f"f{number}").write_text("x")
    await asyncio.gather(*(look(client) for _ in range(5)))
    assert await values(client, made) == [f"created in/f{number}" for number in range(5)]


async def test_a_crash_before_the_commit_starts_the_run_at_the_next_look(client: Client, inbox: Path) -> None:
    chain = await client.house.chain(document("One"))
    made = await client.create(chain, watching(existing=True), inputs=PATH)
    (inbox / "a").write_text("x")
    database = client.house.ground.database

    async def dies() -> None:
        async with database.transaction() as db:
            trigger = await kept.trigger(db, int(made["trigger"]["id"]))
            assert trigger is not None
            watch = watch_of(trigger.document)
            assert watch is not None
            seen = look_at(watch, client.house.ground.settings.open_folders, Stop())
            await settle(db, firing(client), trigger, watch, seen, "")
            raise RuntimeError("the process dies before its commit")

    with pytest.raises(RuntimeError):
        await dies()
    assert await client.fires(made) == []
    await look(client)
    assert await values(client, made) == ["created in/a"]


async def test_another_folder_is_looked_at_for_the_first_time(client: Client, inbox: Path) -> None:
    chain = await client.house.chain(document("One"))
    made = await client.create(chain, watching(), inputs=PATH)
    await look(client)
    (inbox.parent / "two").mkdir()
    (inbox.parent / "two" / "old").write_text("x")
    body = {"name": "t", "source": watching(folder="two"), "inputs": PATH}
    await client.ok("PUT", f"/api/v2/triggers/{made['trigger']['id']}", body, If_Match="*")
    await look(client)
    (inbox.parent / "two" / "new").write_text("x")
    (inbox / "elsewhere").write_text("x")
    await look(client)
    assert await values(client, made) == ["created two/new"]


async def test_a_folder_outside_is_refused(client: Client) -> None:
    chain = await client.house.chain(document("One"))
    body = {"name": "t", "source": watching(folder="/etc")}
    answer = await client.call("POST", f"/api/v2/chains/{chain}/triggers", body)
    assert (answer.status_code, answer.json()["problems"][0]["where"]) == (422, "source.folder")


async def test_what_was_seen_goes_with_the_trigger(client: Client, inbox: Path) -> None:
    chain = await client.house.chain(document("One"))
    made = await client.create(chain, watching(), inputs=PATH)
    (inbox / "a").write_text("x")
    await look(client)
    await client.ok("DELETE", f"/api/v2/triggers/{made['trigger']['id']}")
    async with client.house.ground.database.reading() as db:
        assert await db.scalar(text("select count(*) from chain_trigger_file")) == 0
