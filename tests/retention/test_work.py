"""What a pass removes, what it keeps, and that it may die anywhere; on both databases."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, text, update

from onecloud.activity.tables import ActivityRow, LoginActivityRow
from onecloud.infra.blobs import Blobs
from onecloud.infra.db import database_now
from onecloud.infra.durable import Journals, system_engine
from onecloud.kernel.errors import Conflict, NotFound
from onecloud.retention import actions, store
from onecloud.retention.families import Search
from onecloud.retention.keeping import is_due
from onecloud.retention.model import Policy
from onecloud.retention.tables import RetentionPassRow
from onecloud.retention.work import LEASE, RUNS, remove_now
from onecloud.runs import actions as runs
from onecloud.runs import store as run_store
from onecloud.runs.store import removal
from onecloud.runs.tables import DynamicValueRow
from tests.retention.conftest import SHELL, Past
from tests.runs.house import House


async def test_old_runs_go_with_rows_files_and_journal_and_young_or_live_ones_stay(past: Past) -> None:
    await past.run(1, 91)
    await past.run(2, 89)
    await past.run(3, 400, state="paused")
    tried = await past.trial()
    assert await past.ids() == past.folders() == {1, 2, 3}
    removed = await past.remove()
    assert await past.ids() == past.folders() == {2, 3}
    assert past.forgotten == [1]
    assert (removed.runs, removed.results, removed.files, removed.bytes) == (1, 2, 2, 10)
    assert asdict(tried) == asdict(removed)
    assert await past.count("blob_removal") == 0


async def test_only_the_newest_runs_of_each_chain_stay_when_their_number_is_limited(past: Past) -> None:
    for number in range(1, 6):
        await past.run(number, 6 - number)
    await past.run(6, 5, chain_id=2)
    await past.set(run_days=None, runs_per_chain=2)
    assert (await past.trial()).runs == 3
    await past.remove()
    assert await past.ids() == past.folders() == {4, 5, 6}


async def test_a_run_stays_while_a_re_run_that_took_its_results_stays(past: Past) -> None:
    await past.run(1, 200)
    await past.run(2, 150, rerun_of=1)
    await past.run(3, 10, rerun_of=2)
    await past.run(9, 0)
    removed = await past.remove()
    assert (removed.runs, removed.kept_runs) == (0, 2)
    assert await past.ids() == past.folders() == {1, 2, 3, 9}
    await past.set(run_days=5)
    assert (await past.trial()).runs == 3
    assert (await past.remove()).runs == 3
    assert await past.ids() == past.folders() == {9}


async def test_a_run_and_all_that_it_started_go_together_or_not_at_all(past: Past) -> None:
    await past.run(1, 200)
    await past.run(2, 200, chain_id=2, parent_run_id=1, parent_unit="a")
    await past.run(3, 200, chain_id=3, parent_run_id=2, parent_unit="b", state="running")
    await past.run(4, 200)
    await past.run(5, 200, chain_id=2, parent_run_id=4, parent_unit="a")
    await past.run(6, 1, chain_id=2, rerun_of=5)
    await past.run(7, 200, state="running")
    await past.run(8, 200, chain_id=2, parent_run_id=7, parent_unit="a")
    await past.run(9, 200)
    await past.run(10, 200, chain_id=2, parent_run_id=9, parent_unit="a")
    await past.run(11, 0)
    await past.remove()
    assert await past.ids() == past.folders() == {1, 2, 3, 4, 5, 6, 7, 8, 11}


async def test_a_run_whose_file_a_dynamic_variable_names_stays(past: Past) -> None:
    await past.run(1, 200)
    await past.run(2, 200)
    value = {"plain": {"name": "a", "blob": "runs/1/n/1.log", "size_bytes": 5}}
    async with past.ground.database.transaction() as db:
        row = {"chain_id": 1, "name": "last", "value": value, "run_id": 9, "updated_at": await database_now(db)}
        await db.execute(insert(DynamicValueRow).values(row))
    await past.run(3, 0)
    assert (await past.remove()).kept_runs == 1
    assert await past.ids() == past.folders() == {1, 3}


async def test_the_newest_run_stays_so_that_its_number_is_not_given_to_another(past: Past) -> None:
    await past.run(1, 200)
    await past.run(2, 200)
    removed = await past.remove()
    assert (removed.runs, removed.kept_runs) == (1, 1)
    assert await past.ids() == past.folders() == {2}


async def test_many_rows_of_one_run_and_many_runs_go_in_small_transactions(past: Past) -> None:
    numbers = range(1, RUNS + 30)
    for number in numbers:
        await past.run(number, 100)
    await past.run(999, 0)
    async with past.ground.database.transaction() as db:
        await db.execute(
            text(
                'INSERT INTO node_result (run_id, key, "outer", item, attempt, state, retryable, message, log_key, '
                "started_at) SELECT 1, 'many', -1, a.id * 1000 + b.id, 1, a.state, true, '', '', a.created_at "
                "FROM chain_run a CROSS JOIN chain_run b WHERE a.id <= 10"
            )
        )
    removed = await past.remove()
    assert (removed.runs, removed.results) == (len(numbers), len(numbers) * 2 + 10 * (len(numbers) + 1))
    assert await past.ids() == past.folders() == {999}


async def test_others_have_their_turn_while_very_many_chains_are_looked_at(past: Past) -> None:
    chains = 60
    for number in range(1, chains + 1):
        await past.run(number, 1, chain_id=number)
    search = Search(Policy(), datetime.now(UTC))
    began, worked = time.perf_counter(), time.process_time()
    assert [page async for page in search.pages(past.ground.database)] == []
    took, worked = time.perf_counter() - began, time.process_time() - worked
    assert worked < took / 3, f"at work for {worked:.3f} s of {took:.3f} s"


async def test_a_marked_run_is_shown_to_nobody_and_gives_no_results_to_a_re_run(past: Past) -> None:
    await past.run(1, 200)
    await past.run(2, 100)
    async with past.ground.database.transaction() as db:
        await removal.mark_removed(db, [2])
    async with past.ground.database.transaction() as db:
        assert await run_store.run(db, 2) is None
        assert [run.id for run in await run_store.runs_of_chain(db, 1, before_id=None, limit=9)] == [1]
        assert 1 not in await run_store.last_runs(db, [2])
        with pytest.raises(NotFound, match="no run 2, or retention has removed it"):
            await runs.get(db, SHELL, 2)


class Dead(BaseException):
    """A process that ends here."""


class Dying(Blobs):
    """A file store under which the process ends at the third folder."""

    left = 3

    def remove_folder(self, folder: str) -> tuple[int, int]:
        self.left -= 1
        if self.left == 0:
            raise Dead
        return super().remove_folder(folder)


async def test_a_pass_that_dies_between_rows_and_journal_or_at_the_files_is_finished_by_the_next(past: Past) -> None:
    for number in range(1, 8):
        await past.run(number, 100)
    await past.run(8, 1)

    async def dying(run_ids: Sequence[int]) -> None:
        raise Dead

    with pytest.raises(Dead):
        await remove_now(past.ground, past.blobs, dying, "server")
    assert past.folders() == set(range(1, 9))
    async with past.ground.database.reading() as db:
        assert await run_store.run(db, 3) is None  # half of its rows are gone: it is not shown
    with pytest.raises(Dead):
        await remove_now(past.ground, Dying(past.blobs.root), past.forget, "server")
    assert await past.ids() == {8}
    assert len(past.folders()) == 6
    assert (await past.remove()).runs == 0
    assert await past.ids() == past.folders() == {8}
    async with past.ground.database.reading() as db:
        last = (await actions.show(db)).last_pass
    assert last is not None
    assert last.state == "done"
    assert await past.count("retention_pass WHERE state = 'interrupted'") == 2
    assert await past.count("blob_removal") == 0


async def test_one_at_a_time_removes_and_a_dead_one_does_so_no_longer(past: Past) -> None:
    await past.run(1, 100)
    await past.run(2, 0)
    async with past.ground.database.transaction() as db:
        assert await store.take_lease(db, "other", LEASE)
        await store.begin_pass(db, "server")
    with pytest.raises(Conflict, match="is removing already"):
        await past.remove()
    assert await past.ids() == {1, 2}
    async with past.ground.database.transaction() as db:
        assert await store.take_lease(db, "other", timedelta(seconds=-1))
    assert (await past.remove()).runs == 1
    assert await past.count("retention_pass WHERE state = 'interrupted'") == 1


async def test_old_and_surplus_activity_and_logins_go(past: Past) -> None:
    async with past.ground.database.transaction() as db:
        now = await database_now(db)
        for days in range(300):
            at = now - timedelta(days=days)
            await db.execute(
                insert(ActivityRow).values(
                    key="k",
                    owner_type="User",
                    owner_id="1",
                    via="cli",
                    trackable_type="Chain",
                    trackable_id="1",
                    recipient_type="",
                    recipient_id="",
                    parameters={},
                    created_at=at,
                )
            )
            await db.execute(
                insert(LoginActivityRow).values(
                    identity="ada", context="web", success=True, ip="", agent="", created_at=at
                )
            )
    await past.set(login_days=None, login_most=120)  # writes one more line of activity
    tried = await past.trial()
    removed = await past.remove()
    assert (tried.activity, tried.logins) == (removed.activity, removed.logins) == (210, 180)
    assert await past.count("activity") == 91
    assert await past.count("login_activity") == 120


async def opened(past: Past, number: int) -> None:
    """Wait until so many approvals are open."""
    async with asyncio.timeout(30):
        while await past.count("approval WHERE state = 'open'") < number:
            await asyncio.sleep(0.05)


def journals_of(house: House) -> set[str]:
    """The runs of which the engine has a journal."""
    engine = system_engine(house.ground.settings)
    schema = "" if house.ground.database.is_sqlite else "dbos."
    with engine.connect() as connection:
        found = connection.execute(text(f"SELECT workflow_uuid FROM {schema}workflow_status"))
        names = {str(row[0]) for row in found}
    engine.dispose()
    return {name for name in names if name.startswith("run-")}


async def test_the_next_pass_of_a_server_is_due_an_hour_after_the_last_that_ended(past: Past) -> None:
    assert await is_due(past.ground)
    await past.remove()
    assert not await is_due(past.ground)
    async with past.ground.database.transaction() as db:
        await db.execute(update(RetentionPassRow).values(ended_at=await database_now(db) - timedelta(hours=1)))
    assert await is_due(past.ground)


async def test_what_a_real_run_left_goes_with_it_and_a_live_one_goes_on(house: House) -> None:
    chain = await house.chain(
        """
onecloud: 1
name: Asks
start: make
allow_concurrent_runs: true
nodes:
  make: {command: files.create, inputs: {name: a.txt, text: hello}}
  sign: {command: event.approval, inputs: {title: Sign, approvers: ada@example.com}}
links: [{from: make, to: sign}]
"""
    )
    past = Past(house.ground, house.blobs)
    gone = await house.start(chain)
    await opened(past, 1)
    waiting = await house.start(chain)
    await opened(past, 2)
    async with house.ground.database.transaction() as db:
        await runs.stop(db, house.engine, house.caller, gone)
    await past.set(run_days=None, runs_per_chain=1)
    assert journals_of(house) == {f"run-{gone}", f"run-{waiting}"}
    journals = Journals(house.ground.settings)
    assert (await remove_now(house.ground, house.blobs, journals.forget, "server")).runs == 1
    journals.close()
    assert await past.ids() == past.folders() == {waiting}
    assert journals_of(house) == {f"run-{waiting}"}
    assert await past.count("approval") == await past.count("approval_seat") == 1
