"""Schedules by the thousand: a server that starts with 100,000 of them, and 5,000 that fire in one second.

Each belongs to a chain of its own, which is the most that a server can have to look at.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from bench.main_job import Figure, row
from bench.seed import Seed, numbers, seeded

SCHEDULES: Final = int(os.environ.get("BENCH_SCHEDULES", "100000"))
FIRING: Final = int(os.environ.get("BENCH_FIRING", "5000"))
PATIENCE_S: Final = 900


def scheduled(name: str, schedule: str) -> str:
    """A chain of two light commands with one schedule."""
    return row(2, name) + f"schedules: [{{name: one, zone: UTC, {schedule}}}]\n"


def copies(seed: Seed, chain: str, first: int, last: int) -> None:
    """Copies of a published chain, as if each had been published a moment ago."""
    now = seed.moment("0")
    seed.run(
        f"""INSERT INTO chain (id, environment_id, name, description, disabled, allow_concurrent_runs, draft,
              draft_updated_at, draft_revision, draft_differs, tags, published_version_id, created_at, updated_at)
            {numbers(first, last)}
            SELECT n, environment_id, 'Chain ' || n, description, disabled, allow_concurrent_runs, draft,
              draft_updated_at, 1, draft_differs, tags, n, created_at, {now}
            FROM chain, numbers WHERE id = {chain}""",
        f"""INSERT INTO chain_version (id, chain_id, number, definition, comment, published_at)
            {numbers(first, last)}
            SELECT n, n, 1, definition, '', {now} FROM chain_version, numbers WHERE chain_id = {chain}""",
    )


def count(seed: Seed, what: str) -> int:
    """A number that a query gives."""
    value = seed.ask(f"SELECT count(*) FROM {what}")[0][0]
    assert isinstance(value, int)
    return value


def until(seed: Seed, what: str, number: int) -> float:
    """Seconds until a query counts so many."""
    began = time.perf_counter()
    while count(seed, what) < number:
        assert time.perf_counter() - began < PATIENCE_S, f"{count(seed, what)} of {number}: {what}"
        time.sleep(0.5)
    return time.perf_counter() - began


def at(text: object) -> datetime:
    """A moment as the database gives it."""
    moment = text if isinstance(text, datetime) else datetime.fromisoformat(str(text))
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def fired_at_once(seed: Seed, first: int, moment: datetime) -> Iterator[Figure]:
    """What became of the chains from `first` on, which all fire at `moment`."""
    mine = f"chain_run WHERE chain_id >= {first}"
    last = first + FIRING - 1
    until(seed, f"schedule_fire WHERE chain_id BETWEEN {first} AND {last} AND run_id IS NOT NULL", FIRING)
    until(seed, f"{mine} AND ended_at IS NOT NULL", FIRING)
    runs, chains = count(seed, mine), count(seed, f"(SELECT DISTINCT chain_id FROM {mine}) AS c")
    succeeded = count(seed, f"{mine} AND state = 'all_succeeded'")
    moments = seed.ask(f"SELECT max(created_at), max(started_at), max(ended_at) FROM {mine}")[0]
    created, started, ended = ((at(value) - moment).total_seconds() for value in moments)
    yield Figure("  schedules that started a run", f"{chains}", f"{FIRING}", chains / FIRING)
    yield Figure("  runs: none twice", f"{runs}", f"{FIRING}", FIRING / runs)
    yield Figure("  of them succeeded", f"{succeeded}", f"{FIRING}", succeeded / FIRING)
    yield Figure("  until the last was stored", f"{created:.1f} s", "60 s", 60 / created)
    yield Figure("  until the last had started", f"{started:.1f} s", "120 s", 120 / started)
    yield Figure("  until the last had ended", f"{ended:.1f} s", "120 s", 120 / ended)


def figures() -> Iterator[Figure]:
    """Starts with many schedules, then many at once."""
    with seeded() as (server, seed):
        server.start()
        resting = server.chain(scheduled("Resting", "every: month, at: '03:00', days_of_month: ['1']"))
        server.stop()
        copies(seed, resting, 10_001, 10_000 + SCHEDULES)
        seed.settle()
        began = time.perf_counter()
        server.start()
        ready_s = time.perf_counter() - began
        yield Figure(f"ready, {SCHEDULES:,} schedules just published", f"{ready_s:.1f} s", "10 s", 10 / ready_s)
        until(seed, "schedule_state", SCHEDULES)
        took = time.perf_counter() - began
        yield Figure("  until all of them are waiting", f"{took:.0f} s", "300 s", 300 / took)
        server.stop()
        began = time.perf_counter()
        server.start()
        ready_s = time.perf_counter() - began
        yield Figure(f"ready, {SCHEDULES:,} schedules waiting", f"{ready_s:.1f} s", "10 s", 10 / ready_s)
        # At the beginning of a minute that leaves time to publish and derive them.
        moment = (datetime.now(UTC) + timedelta(seconds=110)).replace(second=0, microsecond=0)
        firing = server.chain(scheduled("Firing", f"cron: '{moment.minute} {moment.hour} {moment.day} * *'"))
        first = 1_000_001
        copies(seed, firing, first, first + FIRING - 1)
        until(seed, f"schedule_state WHERE chain_id >= {first}", FIRING)
        left = (moment - datetime.now(UTC)).total_seconds()
        yield Figure(f"{FIRING:,} in one second, ready before it", f"{left:.0f} s", "1 s", left)
        time.sleep(max(0.0, left))
        yield from fired_at_once(seed, first, moment)
