"""The loop of one server for triggers. Any number of servers may run it on one database."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final

import structlog

from onecloud.chains import switches_store as chains
from onecloud.infra.http import Ground
from onecloud.infra.turning import at_work, keep_turning
from onecloud.runs.actions import Signals
from onecloud.triggers.firing import Firing
from onecloud.triggers.following import follow_all
from onecloud.triggers.store import fires, kept
from onecloud.triggers.watching import watch_due

log = structlog.get_logger()

POLL_S: Final = 1.0
TIDY_EVERY_S: Final = 10.0
FORGET_EVERY_S: Final = 3600.0
FORGET_BATCH: Final = 5000


@asynccontextmanager
async def dispatching(ground: Ground, signals: Signals | None) -> AsyncGenerator[Dispatcher]:
    """A dispatcher that works while the block lasts."""
    dispatcher = Dispatcher(ground, signals)
    async with at_work(
        keep_turning("triggers", dispatcher.turn),
        # By itself: a folder of another machine may keep this one waiting, and nothing else with it.
        keep_turning("triggers.files", dispatcher.look),
    ):
        yield dispatcher


class Dispatcher:
    """One server's dispatcher; `turn` is one look at what there is to do."""

    def __init__(self, ground: Ground, signals: Signals | None) -> None:
        self._ground, self._firing = ground, Firing(ground.keys, signals)
        self._tidied_s = self._forgotten_s = float("-inf")

    async def turn(self) -> float:
        """Do all that is to be done now; gives how many seconds there is nothing to do."""
        await follow_all(self._ground.database, self._firing)
        now_s = time.monotonic()
        if now_s - self._tidied_s >= TIDY_EVERY_S:
            self._tidied_s = now_s
            await self.tidy()
        if now_s - self._forgotten_s >= FORGET_EVERY_S:
            self._forgotten_s = now_s
            await self._forget()
        return POLL_S

    async def look(self) -> float:
        """Look at every folder whose time has come; gives how many seconds there is nothing to look at."""
        return await watch_due(self._ground, self._firing)

    async def tidy(self) -> None:
        """Remove the triggers of chains that are gone."""
        async with self._ground.database.reading() as db:
            there = await kept.chains_with_triggers(db)
            gone = set(there) - await chains.living(db, there)
        if gone:
            async with self._ground.database.transaction() as db:
                await kept.remove_of_chains(db, gone)
            log.info("triggers.removed", chain_ids=sorted(gone))

    async def _forget(self) -> None:
        older = timedelta(days=self._ground.settings.trigger_history_days)
        number = FORGET_BATCH
        while number == FORGET_BATCH:
            async with self._ground.database.transaction() as db:
                number = await fires.forget(db, older, FORGET_BATCH)
