"""Lists of runs at a million runs: every list that API v1 and v2 offer, each of its filters, first and deep pages.

One request after the other on one connection: what a person waits for. The first and the last figure ask nothing of
the database: what they take is the machine's. On the database of ONECLOUD_DATABASE_URL (it
must be empty), else on SQLite.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from typing import Final

from bench.load import request, so_many
from bench.main_job import Figure, row
from bench.seed import Seed, numbers, seeded

RUNS: Final = int(os.environ.get("BENCH_RUNS", "1000000"))
CHAINS: Final = 1000
TIMES: Final = 200
GOAL_MS: Final = 50
DAY: Final = 86_400


def fill(seed: Seed, chain: str) -> None:
    """Half of the runs in one chain, the others spread over the rest; 90 days of them, each with a node and result."""
    age = f"({RUNS} - n) * {90 * DAY} / {RUNS}"
    state = "CASE WHEN n % 33 = 0 THEN 'errored' WHEN n % 50 = 0 THEN 'stopped' ELSE 'all_succeeded' END"
    seed.run(
        f"""INSERT INTO chain (id, environment_id, name, description, disabled, allow_concurrent_runs, draft,
              draft_updated_at, draft_revision, draft_differs, tags, published_version_id, created_at, updated_at)
            {numbers(1, CHAINS - 1)}
            SELECT {chain} + n, environment_id, 'Chain ' || n, description, disabled, allow_concurrent_runs, draft,
              draft_updated_at, 1, draft_differs, tags, published_version_id, created_at, updated_at
            FROM chain, numbers WHERE id = {chain}""",
        f"""INSERT INTO chain_run (id, chain_id, environment_id, version_id, state, launch_type, user_name, inputs,
              variables, result_text, fence, created_at, started_at, ended_at)
            {numbers(1, RUNS)}
            SELECT n, {chain} + CASE WHEN n % 2 = 0 THEN 0 ELSE (n / 2) % {CHAINS} END, environment_id,
              published_version_id, {state}, 'schedule', 'schedule mornings', '{{}}', '{{}}', '', 1,
              {seed.moment(age)}, {seed.moment(age)}, {seed.moment(age)}
            FROM chain, numbers WHERE id = {chain}""",
        f"""INSERT INTO node_run (id, run_id, key, node_id, name, position, state, message)
            {numbers(1, RUNS)} SELECT n, n, 'n0', 'n0', 'n0', 0, 'succeeded', '' FROM numbers""",
        f"""INSERT INTO node_result (id, run_id, key, "outer", item, attempt, state, retryable, message, log_key,
              started_at)
            {numbers(1, RUNS)}
            SELECT n, n, 'n0', -1, -1, 1, 'succeeded', true, '', 'runs/' || n, {seed.moment(age)} FROM numbers""",
    )
    seed.settle()


def paths(environment: str, chain: str) -> Iterator[tuple[str, str]]:
    """Every list with the name of its figure: API v2 first."""
    yield "(no list at all)", "/healthz"
    middle, small, now = RUNS // 2, int(chain) + 500, int(time.time())
    of_chain = f"/api/v2/chains/{chain}/runs"
    yield "v2 runs of the busiest chain", of_chain
    yield "  200 of them", f"{of_chain}?limit=200"
    yield "  from the middle", f"{of_chain}?cursor={middle}"
    yield "  the oldest", f"{of_chain}?cursor=120"
    yield "v2 runs of a usual chain", f"/api/v2/chains/{small}/runs"
    in_environment = f"/api/v2/environments/{environment}/chains"
    yield "v2 chains with their newest runs", in_environment
    yield "  200 of them", f"{in_environment}?limit=200"
    yield "  with a text", f"{in_environment}?search=99"
    yield "v2 one run", f"/api/v2/runs/{middle}"
    yield "v2 results of its node", f"/api/v2/runs/{middle}/nodes/n0/results"
    history = f"/api/v1/execute/environment/{environment}/chain/{chain}/history?limit=50"
    yield "v1 history of the busiest chain", history
    yield "  from the middle", f"{history}&cursor={middle}"
    yield "  up to 80 days ago", f"{history}&end_date={now - 80 * DAY}"
    yield "  from yesterday on", f"{history}&start_date={now - DAY}"
    yield "  one hour, 45 days ago", f"{history}&start_date={now - 45 * DAY}&end_date={now - 45 * DAY + 3600}"
    yield "  an hour in which nothing ran", f"{history}&start_date={now - 99 * DAY}&end_date={now - 98 * DAY}"
    yield "  up to 80 days ago, second page", f"{history}&end_date={now - 80 * DAY}&cursor={RUNS // 20}"
    yield "(no list at all)", "/healthz"


def figures() -> Iterator[Figure]:
    """The slowest percent of each list against the goal."""
    with seeded() as (server, seed):
        began = time.perf_counter()
        server.start()
        empty_s = time.perf_counter() - began
        api = server.api()
        environment = api.environment()
        chain = server.chain(row(2, "Busiest"))
        server.stop()
        began = time.perf_counter()
        fill(seed, chain)
        took = time.perf_counter() - began
        yield Figure(f"({RUNS:,} runs stored by SQL)", f"{took:.0f} s", "", 1)
        began = time.perf_counter()
        server.start()
        ready_s = time.perf_counter() - began
        yield Figure("start to ready, empty / full", f"{empty_s:.2f} / {ready_s:.2f} s", "3 s", 3 / ready_s)
        for name, path in paths(environment, chain):
            raw = request("GET", path, api.token)
            so_many(server.port, raw, 5, connections=1)
            load = so_many(server.port, raw, TIMES, connections=1)
            reached = f"{load.p50_ms:.1f} / {load.p99_ms:.1f} ms"
            yield Figure(f"{name}, p50 / p99", reached, f"{GOAL_MS} ms", GOAL_MS / load.p99_ms)
