"""Lists of runs: the same answers as by looking at every run, and never by looking at every run."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, text
from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.infra.db import Database
from onecloud.runs import store
from onecloud.runs.tables import ChainRunRow

START = datetime(2026, 3, 1, tzinfo=UTC)
BUSY, QUIET, IDLE = 1, 2, 3


async def fill(db: AsyncSession, moments: list[tuple[int, datetime]]) -> None:
    """One ended run for each chain and moment, numbered in this order."""
    rows: list[dict[str, Any]] = [
        {
            "id": number,
            "chain_id": chain_id,
            "environment_id": 1,
            "version_id": 1,
            "state": "all_succeeded",
            "launch_type": "api",
            "inputs": {},
            "variables": {},
            "result_text": "",
            "fence": 1,
            "created_at": at,
            "ended_at": at,
        }
        for number, (chain_id, at) in enumerate(moments, 1)
    ]
    await db.execute(insert(ChainRunRow), rows)


async def pages(db: AsyncSession, size: int, **bounds: datetime) -> list[int]:
    """The ids of the busy chain's runs, read page by page."""
    found: list[int] = []
    before: int | None = None
    while page := await store.runs_of_chain(db, BUSY, before_id=before, limit=size, **bounds):
        found += [run.id for run in page]
        before = found[-1]
    return found


async def test_pages_between_two_moments_hold_every_run_once_also_when_the_clock_went_back(database: Database) -> None:
    minutes = [0, 1, 2, 3, 3, 3, 1, 2, 4, 5, 6, 6, 7]  # set back by two minutes after the sixth run
    moments = [(BUSY, START + timedelta(minutes=minute)) for minute in minutes]
    async with database.transaction() as db:
        await fill(db, [*moments, (QUIET, START)])
    async with database.reading() as db:
        for first in range(9):
            for last in range(first, 9):
                start, end = START + timedelta(minutes=first), START + timedelta(minutes=last)
                wanted = sorted((at, i) for i, (_, at) in enumerate(moments, 1) if start <= at <= end)
                for size in (1, 2, 5):
                    assert await pages(db, size, start=start, end=end) == [i for _, i in reversed(wanted)]
        assert await pages(db, 4) == list(range(len(minutes), 0, -1))


async def test_a_page_goes_on_behind_a_run_that_was_removed(database: Database) -> None:
    async with database.transaction() as db:
        await fill(db, [(BUSY, START + timedelta(minutes=minute)) for minute in range(6)])
        await db.execute(text("DELETE FROM chain_run WHERE id = 4"))
        found = await store.runs_of_chain(db, BUSY, before_id=4, limit=2, end=START + timedelta(days=1))
    assert [run.id for run in found] == [3, 2]


async def test_each_chain_gets_its_own_newest_run(database: Database) -> None:
    async with database.transaction() as db:
        await fill(db, [(BUSY, START), (QUIET, START), (BUSY, START)])
        found = await store.last_runs(db, [BUSY, QUIET, IDLE, BUSY])
        assert {chain: run.id for chain, run in found.items()} == {BUSY: 3, QUIET: 2}
        assert await store.last_runs(db, []) == {}


@pytest.mark.parametrize("database_url", [""], ids=["sqlite"])
async def test_the_live_run_of_a_chain_is_found_without_a_look_at_its_past(database: Database) -> None:
    async with database.reading() as db:
        plan = await db.execute(
            text(
                "EXPLAIN QUERY PLAN SELECT id FROM chain_run WHERE chain_id = 1 "
                "AND state IN ('running', 'paused') AND ended_at IS NULL LIMIT 1"
            )
        )
        assert "ix_chain_run_live" in " ".join(row.detail for row in plan)
    async with database.transaction() as db:
        await fill(db, [(BUSY, START)])
        assert await store.live_run_of(db, BUSY) is None
        await db.execute(text("UPDATE chain_run SET state = 'running', ended_at = NULL"))
        assert await store.live_run_of(db, BUSY) == 1
