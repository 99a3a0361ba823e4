"""The figures of the main job: latency and throughput of runs, metadata, and the idle server (SQLite, one process)."""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from bench.load import for_seconds, request, so_many
from tests.e2e.server import Api, Server

WORKSPACE: Final = "onecloud: 1\nname: Finance\nenvironments: [{name: DEV}]\n"
LIGHT: Final = "{{command: json.query, inputs: {{data: '[1, 2]', query: '[0]'}}}}"


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure against its goal. `ratio` over 1 means better than the goal."""

    name: str
    reached: str
    goal: str
    ratio: float


def row(length: int, name: str) -> str:
    """A chain of light commands in a row."""
    nodes = "".join(f"  n{i}: {LIGHT.format()}\n" for i in range(length))
    links = "".join(f"  - {{from: n{i}, to: n{i + 1}}}\n" for i in range(length - 1))
    return f"onecloud: 1\nname: {name}\nallow_concurrent_runs: true\nstart: n0\nnodes:\n{nodes}links:\n{links}"


def seconds(text: str) -> float:
    """A moment of API v2 as seconds."""
    return datetime.fromisoformat(text).timestamp()


def ended(api: Api, run: str, every_s: float = 0.01) -> Any:
    """The run as API v2 shows it, once it has ended. Looking often takes time from a server that is busy."""
    while True:
        seen = api.call("GET", f"/api/v2/runs/{run}").json()
        if seen["ended_at"]:
            return seen
        time.sleep(every_s)


def latencies(api: Api, environment: str, chain: str, times: int) -> tuple[float, float]:
    """Median seconds from the start request to the first command's start, and to the run's end."""
    first, whole = list[float](), list[float]()
    for turn in range(times + 2):
        began = time.time()
        seen = ended(api, api.start(environment, chain))
        if turn >= 2:
            first.append(min(seconds(r["started_at"]) for node in seen["nodes"] for r in node["results"]) - began)
            whole.append(seconds(seen["ended_at"]) - began)
    return statistics.median(first), statistics.median(whole)


def queued(server: Server, api: Api, environment: str, chain: str, number: int) -> tuple[float, float]:
    """Runs per second from the first start request to the last end, and start requests per second."""
    body = json.dumps({"runtimeVariables": {}}).encode()
    raw = request("POST", f"/api/v1/execute/environment/{environment}/chain/{chain}/start", api.token, body)
    began = time.time()
    load = so_many(server.port, raw, number)
    ids = {json.loads(body)["data"]["id"] for body in load.bodies}
    last = began
    for run in sorted(ids, key=int, reverse=True):
        last = max(last, seconds(ended(api, run, every_s=0.25)["ended_at"]))
    return number / (last - began), load.per_s


def idle(server: Server, for_s: float = 20) -> tuple[float, float]:
    """Resident megabytes, and percent of a core, of a server that has nothing to do."""

    def ticks() -> int:
        fields = Path(f"/proc/{server.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return int(fields[11]) + int(fields[12])

    before = ticks()
    time.sleep(for_s)
    used = (ticks() - before) / 100  # a tick is 10 ms on every Linux that people run
    status = Path(f"/proc/{server.pid}/status").read_text()
    resident = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))
    return resident / 1024, 100 * used / for_s


@contextmanager
def served() -> Generator[tuple[Server, float]]:
    """A server on a fresh data folder, started twice: the second start is what a restart costs."""
    with tempfile.TemporaryDirectory(prefix="onecloud-bench-") as folder:
        server = Server(Path(folder) / "data", {"ONECLOUD_LOG_LEVEL": "warning"})
        server.start()
        server.workspace(WORKSPACE)
        server.stop()
        began = time.perf_counter()
        server.start()
        try:
            yield server, time.perf_counter() - began
        finally:
            server.stop()


def figures() -> Iterator[Figure]:
    """Every figure, as it is known."""
    with served() as (server, ready_s):
        yield Figure("start to ready", f"{ready_s:.2f} s", "3 s", 3 / ready_s)
        resident, percent = idle(server)
        yield Figure("idle: resident memory", f"{resident:.0f} MB", "250 MB", 250 / resident)
        yield Figure("idle: of a core", f"{percent:.1f} %", "2 %", 2 / max(percent, 0.01))
        api = server.api()
        environment = api.environment()
        forty, three = server.chain(row(40, "Forty")), server.chain(row(3, "Three"))
        first, whole = latencies(api, environment, forty, 9)
        yield Figure("40 commands in a row", f"{whole:.3f} s", "0.25 s", 0.25 / whole)
        yield Figure("one command in a row", f"{whole / 40 * 1000:.1f} ms", "6 ms", 6 / (whole / 40 * 1000))
        yield Figure("start to first command", f"{first * 1000:.0f} ms", "50 ms", 0.05 / first)
        raw = request("GET", "/api/v1/metadata/workspace", api.token)
        for_seconds(server.port, raw, 2)  # warm-up
        load = for_seconds(server.port, raw, 10)
        yield Figure("metadata GET, 16 connections", f"{load.per_s:.0f}/s", "800/s", load.per_s / 800)
        yield Figure("metadata GET, p99", f"{load.p99_ms:.1f} ms", "40 ms", 40 / load.p99_ms)
        rate, starts = queued(server, api, environment, three, 1000)
        yield Figure("1,000 runs of 3 commands", f"{rate:.0f} runs/s", "60 runs/s", rate / 60)
        yield Figure("their start requests", f"{starts:.0f}/s", "60/s", starts / 60)
