"""10,000 parallel iterations of one light command: how long they take, and what the server's memory comes to."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from bench.main_job import Figure, ended, seconds, served
from tests.e2e.server import Server

PASSES: Final = 10_000
TIMES: Final = 3
CHAIN: Final = f"""\
onecloud: 1
name: Wide
allow_concurrent_runs: true
start: each
nodes:
  each:
    command: json.query
    inputs: {{data: '[1, 2]', query: '[0]'}}
    iterate: {{over: [{", ".join(str(n) for n in range(PASSES))}], parallel: 50}}
"""


def memory_mb(server: Server, what: str) -> float:
    """A line of the server's memory in megabytes: `VmRSS` is now, `VmHWM` the most so far."""
    status = Path(f"/proc/{server.pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith(what)) / 1024


def figures() -> Iterator[Figure]:
    """Each run's seconds by its own record, from its start to its end; memory is the most that there ever was."""
    with served() as (server, _):
        api = server.api()
        environment, chain = api.environment(), server.chain(CHAIN)
        yield Figure("(memory before)", f"{memory_mb(server, 'VmRSS'):.0f} MB", "", 1)
        took = list[float]()
        for _ in range(TIMES):
            began = time.time()
            seen = ended(api, api.start(environment, chain))
            assert seen["state"] == "all_succeeded", seen["result_text"]
            took.append(seconds(seen["ended_at"]) - began)
        for number, one in enumerate(took, 1):
            yield Figure(f"{PASSES:,} iterations, run {number}", f"{one:.1f} s", "6 s", 6 / one)
        middle = statistics.median(took)
        yield Figure("  median", f"{middle:.1f} s", "6 s", 6 / middle)
        most = memory_mb(server, "VmHWM")
        yield Figure("  most memory of the server", f"{most:.0f} MB", "300 MB", 300 / most)
