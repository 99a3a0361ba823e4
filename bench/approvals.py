"""1,000 runs that wait for an approval: what they hold while they wait, and that a restart loses none of them."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from bench.iterations import memory_mb
from bench.load import request, so_many
from bench.main_job import Figure, ended, seconds, served
from tests.e2e.server import Api, Server

WAITING: Final = 1000
PATIENCE_S: Final = 300
CHAIN: Final = """\
onecloud: 1
name: Sign
allow_concurrent_runs: true
start: sign
nodes:
  sign: {command: event.approval, inputs: {title: Please sign, approvers: ada@example.com}}
"""


def threads(server: Server) -> int:
    """How many threads the server has."""
    return len(list(Path(f"/proc/{server.pid}/task").iterdir()))


def opened(api: Api) -> list[Any]:
    """Every approval that is open, page by page."""
    found: list[Any] = []
    cursor: str | None = ""
    while cursor is not None:
        path = "/api/v2/approvals?limit=200" + (f"&cursor={cursor}" if cursor else "")
        page = api.call("GET", path).json()
        found += page["items"]
        cursor = page["next_cursor"]
    return found


def all_open(api: Api) -> tuple[list[Any], float]:
    """The approvals once all of them are open, and the seconds that it took."""
    began = time.perf_counter()
    while len(found := opened(api)) < WAITING:
        assert time.perf_counter() - began < PATIENCE_S, f"{len(found)} of {WAITING} are open"
        time.sleep(1)
    return found, time.perf_counter() - began


def figures() -> Iterator[Figure]:
    """Open, wait, restart, answer."""
    with served() as (server, _):
        api = server.api()
        environment, chain = api.environment(), server.chain(CHAIN)
        before, memory_before = threads(server), memory_mb(server, "VmRSS")
        body = json.dumps({"runtimeVariables": {}}).encode()
        raw = request("POST", f"/api/v1/execute/environment/{environment}/chain/{chain}/start", api.token, body)
        began = time.perf_counter()
        so_many(server.port, raw, WAITING)
        all_open(api)
        took = time.perf_counter() - began
        yield Figure(f"{WAITING:,} runs until each waits", f"{took:.1f} s", "60 s", 60 / took)
        time.sleep(15)  # threads of a pool that have nothing to do stay; those of what was under way have ended
        after, memory_after = threads(server), memory_mb(server, "VmRSS")
        yield Figure("  threads before, while waiting", f"{before}, {after}", "+ 30", 30 / max(after - before, 0.1))
        more = memory_after - memory_before
        yield Figure("  memory for them", f"{more:.0f} MB", "100 MB", 100 / max(more, 0.1))
        server.kill()
        began = time.perf_counter()
        server.start()
        ready_s = time.perf_counter() - began
        yield Figure("  ready after kill -9", f"{ready_s:.1f} s", "10 s", 10 / ready_s)
        found, _ = all_open(api)
        time.sleep(15)
        again = threads(server)
        yield Figure("  waiting after the restart", f"{len(found)}", f"{WAITING}", len(found) / WAITING)
        yield Figure("  threads after the restart", f"{again}", "+ 30", 30 / max(again - before, 0.1))
        yield answered(api, found)


def answered(api: Api, found: list[Any]) -> Figure:
    """Approve each, one after the other, and wait until the last run has ended."""
    began = time.time()
    last = began
    for one in found:
        answer = api.call("POST", f"/api/v2/approvals/{one['id']}/answer", {"verdict": "accept", "comment": ""})
        assert answer.status_code == 200, answer.text
    for one in found:
        seen = ended(api, str(one["run_id"]))
        assert seen["state"] == "all_succeeded", seen["result_text"]
        last = max(last, seconds(seen["ended_at"]))
    return Figure("  answered, until the last run ended", f"{last - began:.0f} s", "120 s", 120 / (last - began))
