"""Finds what may be removed of the runs: families that ended long enough ago, and that nobody else needs."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.approvals import store as approvals
from onecloud.approvals.uploads import store as uploads
from onecloud.infra.db import Database
from onecloud.retention import rules
from onecloud.retention.model import Policy
from onecloud.runs.records import Kin
from onecloud.runs.store import removal as runs

PAGE: Final = 200  # runs looked at together


async def needed(db: AsyncSession) -> set[int]:
    """Runs that must stay: dynamic variables refer to their files, or their numbers would be given again."""
    newest = (await runs.newest(db), await approvals.run_of_newest(db), await uploads.run_of_newest(db))
    return await runs.in_dynamic_values(db) | {run_id for run_id in newest if run_id is not None}


async def yield_to_others(began: float) -> None:
    """Leave time to everybody else: reading SQLite never waits, and a server may have very many chains to look at."""
    await asyncio.sleep(rules.SHARE * (time.perf_counter() - began))


@dataclass(slots=True)
class Search:
    """One search through every chain. `needed` are runs that must stay for other reasons than their family.

    `gone` are runs that a trial counted as removed; a real pass has none, it marks them in the database.
    """

    policy: Policy
    now: datetime
    needed: Collection[int] = ()
    gone: set[int] = field(default_factory=set[int])
    kept: set[int] = field(default_factory=set[int])
    _last: dict[int, int | None] = field(default_factory=dict[int, "int | None"])

    @property
    def before(self) -> datetime | None:
        """The moment before which a run's end is too long ago."""
        return rules.cutoff(self.policy.run_days, self.now)

    async def pages(self, database: Database) -> AsyncIterator[list[int]]:
        """Runs to look at, a page at a time: each the first of its family.

        Newest first within a chain, so that a re-run comes before the run that it takes results from.
        """
        chain: int | None = 0
        while chain is not None:
            began = time.perf_counter()
            async with database.reading() as db:
                chain = await runs.next_chain(db, chain)
            await yield_to_others(began)
            if chain is not None:
                async for page in self._of_chain(database, chain):
                    yield page

    async def _of_chain(self, database: Database, chain: int) -> AsyncIterator[list[int]]:
        before = self.before
        async with database.reading() as db:
            last = await self.last_of(db, chain)
        for by_age in (False, True):
            behind: runs.Place | None = None
            more = True
            while more:
                began = time.perf_counter()
                async with database.reading() as db:
                    if by_age:
                        found = [] if before is None else await runs.older_than(db, chain, before, behind, PAGE)
                    else:
                        found = [] if last is None else await runs.from_number(db, chain, last, behind, PAGE)
                await yield_to_others(began)
                if first := [place[1] for place, is_first in found if is_first]:
                    yield first
                more = len(found) == PAGE
                behind = found[-1][0] if found else None

    async def last_of(self, db: AsyncSession, chain: int) -> int | None:
        """The newest run of a chain that is one too many; None when there is none, or no limit."""
        most = self.policy.runs_per_chain
        if most is not None and chain not in self._last:
            self._last[chain] = await runs.beyond_newest(db, chain, most)
        return self._last.get(chain)

    async def chosen(self, db: AsyncSession, first: Sequence[int], *, locked: bool = False) -> list[Kin]:
        """Every run that may be removed with the families of these runs; all of a family, or none of it."""
        found = await runs.families(db, first, locked=locked)
        members = {one.id for family in found.values() for one in family}
        taken = await runs.taken_from(db, members)
        last = {one.chain_id: await self.last_of(db, one.chain_id) for family in found.values() for one in family}
        going: list[Kin] = []
        leaving: set[int] = set()
        for root in sorted(found, reverse=True):
            family = [one for one in found[root] if one.id not in self.gone]
            ids = {one.id for one in family}
            reruns = {run for run, rerun in taken if run in ids and rerun not in ids | leaving | self.gone}
            if not family or not rules.may_go(family, self.before, last, ()):
                continue
            if rules.may_go(family, self.before, last, reruns | set(self.needed)):
                going += family
                leaving |= ids
                self.kept -= ids
            else:
                self.kept |= ids
        return going
