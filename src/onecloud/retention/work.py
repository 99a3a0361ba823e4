"""One pass: mark, remove rows a few at a time, then files; with a breath after every transaction.

The order makes it safe to die anywhere: marked runs are shown to nobody and taken up again; a run's own row goes in the
transaction that notes its folder; a noted folder is removed until it is gone. Everything may be done twice.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, TypeVar

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.activity import removal_store as logs
from onecloud.approvals import store as approvals
from onecloud.approvals.uploads import store as uploads
from onecloud.infra.blobs import Blobs
from onecloud.infra.db import database_now
from onecloud.infra.http import Ground
from onecloud.kernel.errors import Conflict
from onecloud.retention import rules, store
from onecloud.retention.families import Search, needed
from onecloud.retention.model import By, Policy, Removed
from onecloud.runs.store import removal as runs
from onecloud.workspaces.model import COMPANY_ID

log = structlog.get_logger()

LEASE: Final = timedelta(seconds=15)
ROWS: Final = 500  # in one transaction: a few milliseconds, for they are also the event loop's on SQLite
RUNS: Final = 100
Result = TypeVar("Result")
Forget = Callable[[Sequence[int]], Awaitable[None]]
"""Removes the engine's journal of runs."""


class LeaseLost(Exception):
    """Another server removes now: this one was too slow to renew its lease."""


async def try_out(ground: Ground, blobs: Blobs) -> Removed:
    """What a pass would remove now. Nothing is changed, no lease is needed."""
    database, removed = ground.database, Removed()
    async with database.reading() as db:
        policy = (await store.held(db, COMPANY_ID)).policy
        now = await database_now(db)
        search = Search(policy, now, await needed(db))
    async for page in search.pages(database):
        async with database.reading() as db:
            going = [one.id for one in await search.chosen(db, page)]
            removed.results += await runs.count_attempts(db, going) if going else 0
        search.gone.update(going)
        removed.runs += len(going)
        for run_id in going:
            files, size = await asyncio.to_thread(blobs.measure, folder_of(run_id))
            removed.files, removed.bytes = removed.files + files, removed.bytes + size
    removed.kept_runs = len(search.kept)
    async with database.reading() as db:
        for name, days, most in _logs(policy):
            highest = None if most is None else await logs.beyond_newest(db, name, most)
            count = await logs.count_old(db, name, rules.cutoff(days, now), highest)
            setattr(removed, name, count)
    return removed


def _logs(policy: Policy) -> tuple[tuple[logs.Log, int | None, int | None], ...]:
    return (
        ("activity", policy.activity_days, policy.activity_most),
        ("logins", policy.login_days, policy.login_most),
    )


def folder_of(run_id: int) -> str:
    """The folder of the file store that holds all files of a run: outputs, logs, items and uploads."""
    return f"runs/{run_id}"


async def remove_now(ground: Ground, blobs: Blobs, forget: Forget, by: By) -> Removed:
    """Remove all that is too old or too much.

    Raises: Conflict `retention.busy` when another server or command does so.
    """
    holder = uuid.uuid4().hex
    async with ground.database.transaction() as db:
        if not await store.take_lease(db, holder, LEASE):
            raise Conflict(
                "retention.busy",
                "Another server or command is removing already. `onecloud admin retention show` tells how far it is.",
            )
        number = await store.begin_pass(db, by)
        policy = (await store.held(db, COMPANY_ID)).policy
    work = Work(ground, blobs, forget, holder, number)
    try:
        await work.all(policy)
    except LeaseLost:
        raise Conflict("retention.busy", "Another server has taken over the removing: this one was too slow.") from None
    except BaseException as error:
        async with ground.database.transaction() as db:
            state = "failed" if isinstance(error, Exception) else "interrupted"
            await store.end_pass(db, number, state, f"{type(error).__name__}: see the server's log.", work.removed)
            await store.give_lease_back(db, holder)
        raise
    async with ground.database.transaction() as db:
        await store.end_pass(db, number, "done", work.why, work.removed)
        await store.give_lease_back(db, holder)
    return work.removed


async def breathe(began: float) -> None:
    """Leave time to everybody else after something that began then (`time.perf_counter`)."""
    await asyncio.sleep(rules.breath(time.perf_counter() - began))


@dataclass(slots=True)
class Work:
    """A pass under way, by whoever holds the lease."""

    ground: Ground
    blobs: Blobs
    forget: Forget
    holder: str
    number: int
    removed: Removed = field(default_factory=Removed)
    why: str = ""

    async def step(self, work: Callable[[AsyncSession], Awaitable[Result]]) -> Result:
        """One transaction, with the lease renewed and the progress shown, and a breath for everybody else.

        Raises: LeaseLost.
        """
        began = time.perf_counter()
        async with self.ground.database.transaction() as db:
            if not await store.take_lease(db, self.holder, LEASE):
                raise LeaseLost
            result = await work(db)
            await store.progress(db, self.number, self.removed)
        await breathe(began)
        return result

    async def all(self, policy: Policy) -> None:
        """Everything: what a former pass left, runs with their files, and both logs."""
        await self.finish()
        async with self.ground.database.reading() as db:
            now = await database_now(db)
            search = Search(policy, now, await needed(db))
        async for page in search.pages(self.ground.database):
            began = time.perf_counter()
            async with self.ground.database.reading() as db:
                worth_it = bool(await search.chosen(db, page))
            await breathe(began)
            for at in range(0, len(page) if worth_it else 0, RUNS):
                await self.step(lambda db, some=page[at : at + RUNS]: self.mark(db, search, some))
                self.removed.kept_runs = len(search.kept)
                await self.finish()
        self.removed.kept_runs = len(search.kept)
        for name, days, most in _logs(policy):
            await self.empty(name, rules.cutoff(days, now), most)

    async def mark(self, db: AsyncSession, search: Search, first: Sequence[int]) -> None:
        """Mark what may go, decided once more under the lock: a re-run may have begun since it was looked at."""
        await runs.mark_removed(db, [one.id for one in await search.chosen(db, first, locked=True)])

    async def finish(self) -> None:
        """Remove the rows of marked runs, and then their files."""
        while True:
            async with self.ground.database.reading() as db:
                marked = await runs.marked(db, RUNS)
            if not marked:
                break
            await self.remove_runs(marked)
        await self.remove_files()

    async def remove_runs(self, marked: Sequence[int]) -> None:
        """Remove all rows of these marked runs, and the engine's journal of them."""
        gone = ROWS
        while gone == ROWS:
            gone, attempts = await self.step(lambda db: runs.remove_rows(db, marked, ROWS))
            self.removed.results += attempts
        began = time.perf_counter()
        await self.forget(marked)
        await breathe(began)
        self.removed.runs += await self.step(lambda db: self.last_rows(db, marked))

    async def last_rows(self, db: AsyncSession, run_ids: Sequence[int]) -> int:
        """The runs' own rows and what they asked people; their folders are noted."""
        await approvals.remove_of_runs(db, run_ids)
        await uploads.remove_of_runs(db, run_ids)
        await store.leave_for_removal(db, [folder_of(run_id) for run_id in run_ids])
        return await runs.remove_runs(db, run_ids)

    async def remove_files(self) -> None:
        """Remove noted folders. One that cannot be removed stays noted, and the pass says so."""
        after = 0
        while True:
            async with self.ground.database.reading() as db:
                noted = await store.to_remove(db, after, RUNS)
            if not noted:
                return
            after, done, began = noted[-1][0], list[int](), time.perf_counter()
            for number, folder in noted:
                try:
                    files, size = await asyncio.to_thread(self.blobs.remove_folder, folder)
                except OSError as error:
                    log.warning("retention.folder_stays", folder=folder, reason=str(error))
                    self.why = f"The folder {folder} was not removed ({error.strerror}). The next pass tries again."
                    continue
                self.removed.files, self.removed.bytes = self.removed.files + files, self.removed.bytes + size
                done.append(number)
            await breathe(began)
            await self.step(lambda db, numbers=done: store.are_removed(db, numbers))

    async def empty(self, name: logs.Log, before: datetime | None, most: int | None) -> None:
        """Remove what is too old or too much of a log."""
        async with self.ground.database.reading() as db:
            highest = None if most is None else await logs.beyond_newest(db, name, most)
        gone = ROWS
        while gone == ROWS:
            gone = await self.step(lambda db: logs.remove_old(db, name, before, highest, ROWS))
            setattr(self.removed, name, getattr(self.removed, name) + gone)
