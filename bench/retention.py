"""What a pass of the retention costs those who run chains meanwhile, and how much it removes in a second."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from typing import Final

from bench.main_job import Figure, latencies, row
from bench.schedules import count, until
from bench.seed import Seed, numbers, seeded
from onecloud.retention.keeping import AFTER_START_S

OLD: Final = int(os.environ.get("BENCH_RUNS", "200000"))
RESULTS: Final = 5
TIMES: Final = 40


def fill(seed: Seed, chain: str) -> None:
    """Runs that ended 100 days ago, each with a node and five attempts; below the numbers of those to come."""
    at = seed.moment("100 * 86400")
    seed.run(
        f"""INSERT INTO chain_run (id, chain_id, environment_id, version_id, state, launch_type, inputs, variables,
              result_text, fence, created_at, started_at, ended_at)
            {numbers(1, OLD)}
            SELECT n, {chain}, environment_id, published_version_id, 'all_succeeded', 'api', '{{}}', '{{}}', '', 1,
              {at}, {at}, {at} FROM chain, numbers WHERE id = {chain}""",
        f"""INSERT INTO node_run (run_id, key, node_id, name, position, state, message)
            {numbers(1, OLD)} SELECT n, 'n0', 'n0', 'n0', 0, 'succeeded', '' FROM numbers""",
        f"""INSERT INTO node_result (run_id, key, "outer", item, attempt, state, retryable, message, log_key,
              started_at)
            {numbers(1, OLD * RESULTS)}
            SELECT 1 + n / {RESULTS}, 'n0', -1, n % {RESULTS}, 1, 'succeeded', true, '', '', {at} FROM numbers
            WHERE n < {OLD} * {RESULTS}""",
    )
    seed.settle()


def figures() -> Iterator[Figure]:
    """Forty commands in a row before the pass and during it, in the server that does both."""
    with seeded() as (server, seed):
        server.start()
        api = server.api()
        environment, chain = api.environment(), server.chain(row(40, "Forty"))
        server.stop()
        fill(seed, chain)
        server.start()
        _, alone_s = latencies(api, environment, chain, TIMES)
        yield Figure("40 commands in a row, alone", f"{alone_s:.3f} s", "", 1)
        time.sleep(AFTER_START_S / 2)
        until(seed, "retention_pass WHERE state = 'running'", 1)
        began, before = time.perf_counter(), count(seed, "chain_run")
        _, beside_s = latencies(api, environment, chain, TIMES)
        took, after = time.perf_counter() - began, count(seed, "chain_run")
        assert count(seed, "retention_pass WHERE state = 'running'"), "the pass ended too soon; store more runs"
        yield Figure("  while old runs are removed", f"{beside_s:.3f} s", "+ 25 %", 1.25 * alone_s / beside_s)
        rate = (before + TIMES + 2 - after) / took
        yield Figure("  runs removed meanwhile", f"{rate:.0f}/s", "50/s", rate / 50)
