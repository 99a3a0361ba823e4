"""Every case of the conformance suite on a real server: on both databases, undisturbed and killed in the middle."""

from __future__ import annotations

import asyncio
import random
import time
from pathlib import Path
from typing import Any

import pytest

from onecloud.chains import actions as chains
from onecloud.infra.crypto import load_or_create_keys
from onecloud.infra.db import Database, async_url
from onecloud.workspaces import actions as workspaces
from tests.chains.conformance import CHILDREN, Case, cases
from tests.e2e.answering import give_answers, questions
from tests.e2e.server import Api, Server

WORKSPACE = "onecloud: 1\nname: Finance\nenvironments: [{name: DEV}]\n"
KILLS = 4
ENDED = ("errored", "warned", "all_succeeded", "stopped")


async def apply_all(server: Server, url: str, texts: list[str]) -> list[str]:
    """Apply and publish every chain beside the running server; gives their ids."""
    keys = load_or_create_keys(server.data / "key")
    database = Database(async_url(url, server.data))
    ids: list[str] = []
    try:
        async with database.transaction() as db:
            environment = (await workspaces.find_environment(db, "Finance", "DEV")).id
            for text in texts:
                applied = await chains.apply(db, keys, None, environment, text, publish=True)
                ids.append(str(applied.chain.id))
    finally:
        await database.close()
    return ids


@pytest.mark.timeout(900)
@pytest.mark.parametrize("killed", [False, True], ids=["undisturbed", "killed"])
def test_every_case_comes_out_as_written(database_url: str, tmp_path: Path, killed: bool) -> None:
    data = tmp_path / "data"
    server = Server(data, {"ONECLOUD_LOG_LEVEL": "warning", "ONECLOUD_DATABASE_URL": database_url})
    data.mkdir()
    (data / "files").mkdir()
    (data / "files" / "known.txt").write_text("known")
    server.start()
    try:
        server.workspace(WORKSPACE)
        api, bob = server.api(), server.api("bob@example.com")
        people = {"ada": api, "bob": bob}
        every = cases()
        assert len(every) >= 140
        ids = asyncio.run(apply_all(server, database_url, [*CHILDREN, *(one.text for one in every)]))
        environment = api.environment()
        runs = [
            api.start(environment, chain, one.inputs) for chain, one in zip(ids[len(CHILDREN) :], every, strict=True)
        ]
        for run, one in zip(runs, every, strict=True):
            give_answers(people, run, one.expected.get("answers", []), "before")
        if killed:
            chance = random.Random(11)
            for _ in range(KILLS):
                time.sleep(chance.uniform(0.1, 0.6))
                server.kill()
                server.start()
        for run, one in zip(runs, every, strict=True):
            give_answers(people, run, one.expected.get("answers", []), "after")
        faults = [fault for run, one in zip(runs, every, strict=True) for fault in compared(ended(api, run), one, api)]
        for run, one in zip(runs, every, strict=True):
            if "again" in one.expected:
                faults += run_again(api, run, one)
        assert faults == []
    finally:
        if server.running:
            server.kill()


def run_again(api: Api, run: str, one: Case) -> list[str]:
    """What differs when the run is run again from a node behind what people had answered; nobody is asked again."""
    made = api.call("POST", f"/api/v2/runs/{run}/rerun", {"node": one.expected["again"]})
    assert made.status_code == 201, made.text
    second = made.json()["id"]
    faults = compared(ended(api, second), one, api)
    return faults + [f"{one.name}: {kind} again" for kind in ("approvals", "uploads") if questions(api, second, kind)]


def ended(api: Api, run: str, within_s: float = 240) -> Any:
    """The run as API v2 shows it, once it has ended."""
    deadline = time.monotonic() + within_s
    while True:
        seen = api.call("GET", f"/api/v2/runs/{run}").json()
        if seen["state"] in ENDED or time.monotonic() > deadline:
            return seen
        time.sleep(0.05)


def compared(seen: Any, one: Case, api: Api) -> list[str]:
    """What differs from what the case expects."""
    expected: dict[str, Any] = one.expected
    nodes: dict[str, Any] = {node["key"]: node for node in seen["nodes"]}
    gave: dict[str, Any] = seen["outputs"] or {}
    faults: list[str] = []

    def hold(what: str, found: Any, wanted: Any) -> None:
        if found != wanted:
            faults.append(f"{one.name}: {what} is {found!r}, expected {wanted!r} ({seen['result_text']})")

    hold("the run's state", seen["state"], expected.get("state", "all_succeeded"))
    if "text" in expected:
        hold("the run's text", seen["result_text"], expected["text"])
    for key, state in expected.get("is", {}).items():
        hold(f"the state of {key}", nodes[key]["state"], state)
    for key, value in expected.get("gives", {}).items():
        hold(f"what {key} gives", gave.get(key), value)
    for key, value in expected.get("shows", {}).items():
        result = nodes[key]["results"][-1]["id"]
        outputs = api.call("GET", f"/api/v2/results/{result}/outputs").json()["items"]
        hold(f"what {key} shows", next(o["value"] for o in outputs if o["name"] == "value"), value)
    for key, count in expected.get("passes", {}).items():
        places = {(r["group_pass"], r["own_pass"]) for r in nodes[key]["results"]}
        hold(f"the passes of {key}", len(places), count)
    for key, count in expected.get("attempts", {}).items():
        hold(f"the attempts of {key}", len(nodes[key]["results"]), count)
    for key in expected.get("absent", ()):
        hold(f"whether {key} is there", key in nodes, False)
    return faults
