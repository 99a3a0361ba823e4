"""Triggers of a real server: a signed webhook, a chain after another one across `kill -9`."""

from __future__ import annotations

import json
import time
from typing import Any

import httpx2

from onecloud.triggers.signing import signature
from tests.e2e.server import Api, Server

FIRST = """
onecloud: 1
name: First
allow_concurrent_runs: true
inputs: [{name: n}]
outputs: [{name: n, value: "${{ input.n }}"}]
start: make
nodes: {make: {command: json.query, inputs: {data: '[1]', query: '[0]'}}}
"""
KILLS = 4


def create(server: Server, chain: str, trigger: dict[str, Any]) -> Any:
    """A trigger made by the command line, beside the running server."""
    place = ["--workspace", "Finance", "--environment", "DEV", "--chain", chain, "--data", str(server.data)]
    return json.loads(server.command("trigger", "create", "-", *place, "--json", stdin=json.dumps(trigger)).stdout)


def runs_of(api: Api, chain: str) -> list[Any]:
    """The chain's runs, newest first."""
    answer = api.call("GET", f"/api/v2/chains/{chain}/runs?limit=200")
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


def wait_for_runs(api: Api, chain: str, count: int, within_s: float = 60) -> list[Any]:
    """The chain's runs, once there are so many and all have ended."""
    deadline = time.monotonic() + within_s
    while True:
        found = runs_of(api, chain)
        if len(found) >= count and all(run["ended_at"] for run in found):
            return found
        assert time.monotonic() < deadline, f"{len(found)} of {count} runs after {within_s} s: {found}"
        time.sleep(0.25)


def test_a_signed_webhook_starts_a_run_and_waits_for_its_outputs(server: Server) -> None:
    server.api()
    server.chain(FIRST)
    source = {"kind": "webhook", "signed": True, "wait_s": 30}
    made = create(server, "First", {"name": "hook", "source": source, "inputs": {"n": "${{ trigger.body.n }}"}})
    body, stamp = b'{"n": "one"}', str(int(time.time()))
    headers = {
        "Content-Type": "application/json",
        "webhook-id": "d1",
        "webhook-timestamp": stamp,
        "webhook-signature": signature(made["signing_secret"], "d1", stamp, body),
    }
    url = server.url + made["address"]
    answer = httpx2.post(url, content=body, headers=headers, timeout=60)
    assert (answer.status_code, answer.json()["outputs"]) == (200, {"n": "one"}), answer.text
    server.kill()
    server.start()
    again = httpx2.post(url, content=body, headers=headers, timeout=60)
    assert (again.json()["repeated"], again.json()["run_id"]) == (True, answer.json()["run_id"])
    assert httpx2.post(url, content=b'{"n": "two"}', headers=headers, timeout=60).status_code == 401
    assert made["address"] not in server.log()
    assert made["signing_secret"] not in server.log()


def test_each_end_of_a_chain_starts_one_run_across_kills(server: Server) -> None:
    api = server.api()
    first, second = server.chain(FIRST), server.chain(FIRST.replace("First", "Second"))
    source = {"kind": "chain_completed", "chain_id": first}
    create(server, "Second", {"name": "after", "source": source, "inputs": {"n": "${{ trigger.outputs.n }}"}})
    environment = api.environment()
    wanted: set[str] = set()
    for kill in range(KILLS):
        for one in range(3):
            run = api.start(environment, first, {"n": f"{kill}.{one}"})
            wanted.add(f"{kill}.{one}")
            api.wait(run)
        time.sleep(0.35 * kill)  # before, within and after the dispatcher's look, which comes every second
        server.kill()
        server.start()
    wait_for_runs(api, second, len(wanted))
    # News is taken in order: what the last end starts comes after everything that may have come twice.
    api.wait(api.start(environment, first, {"n": "last"}))
    wanted.add("last")
    found = wait_for_runs(api, second, len(wanted))
    assert len(found) == len(wanted)
    values = [api.call("GET", f"/api/v2/runs/{run['id']}").json()["inputs"]["n"] for run in found]
    assert sorted(values) == sorted(wanted)
    assert {(run["launch_type"], run["user_name"]) for run in found} == {("trigger", "trigger after")}


def test_a_file_that_appears_starts_one_run_across_a_kill(server: Server) -> None:
    api = server.api()
    chain = server.chain(FIRST)
    inbox = server.data / "files" / "inbox"
    inbox.mkdir(parents=True)
    (inbox / "old.csv").write_text("x")
    source = {"kind": "file", "folder": "inbox", "pattern": "*.csv", "stable_for_s": 1, "every_s": 1}
    made = create(server, "First", {"name": "inbox", "source": source, "inputs": {"n": "${{ trigger.path }}"}})
    deadline = time.monotonic() + 60
    while not fires_began(api, made):
        assert time.monotonic() < deadline, "the folder was not looked at"
        time.sleep(0.25)
    (inbox / "a.csv").write_text("x")
    wait_for_runs(api, chain, 1)
    server.kill()
    (inbox / "b.csv").write_text("x")
    server.start()
    wait_for_runs(api, chain, 2)
    (inbox / "c.csv").write_text("x")
    found = wait_for_runs(api, chain, 3)
    values = [api.call("GET", f"/api/v2/runs/{run['id']}").json()["inputs"]["n"] for run in reversed(found)]
    assert values == ["inbox/a.csv", "inbox/b.csv", "inbox/c.csv"]


def fires_began(api: Api, made: Any) -> bool:
    """Whether the trigger has looked at its folder once."""
    return bool(api.call("GET", f"/api/v2/triggers/{made['id']}").json()["looked_at"])
