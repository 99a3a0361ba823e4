"""The loop of one server that starts what is due. Any number of servers may run it on one database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError

from onecloud.infra.http import Ground
from onecloud.infra.turning import AFTER_FAULT_S, at_work, keep_turning
from onecloud.runs.actions import Signals
from onecloud.schedules.deriving import derive_together, look_again, take_over
from onecloud.schedules.firing import Fired, Firing, Read, fire_due, give_up_first
from onecloud.schedules.reading import Calendars, read_calendars
from onecloud.schedules.store import fires as store

log = structlog.get_logger()

POLL_S: Final = 1.0  # how soon a publish of another process is seen
BATCH: Final = 100  # schedules in one transaction: short enough for whoever waits to write
FORGET_EVERY: Final = timedelta(hours=1)
FORGET_BATCH: Final = 5000


@asynccontextmanager
async def dispatching(ground: Ground, signals: Signals | None, calendars: Calendars) -> AsyncGenerator[Dispatcher]:
    """A dispatcher that works while the block lasts."""
    dispatcher = Dispatcher(ground, signals, calendars)
    async with at_work(dispatcher.work(), dispatcher.check_moments()):
        yield dispatcher


class Dispatcher:
    """One server's dispatcher. `work` is its loop; `turn` is one look at what is due."""

    def __init__(self, ground: Ground, signals: Signals | None, calendars: Calendars) -> None:
        self._ground, self._calendars = ground, calendars
        grace = timedelta(seconds=ground.settings.schedule_grace_seconds)
        self._firing = Firing(ground.keys, signals, grace)
        self._since: datetime | None = None
        self._forgotten_at: datetime | None = None

    async def work(self) -> None:
        """Start what is due for ever; no fault ends it."""
        await keep_turning("schedules", self.turn)

    async def turn(self) -> float:
        """Take over what was published and start all that is due; gives how many seconds there is nothing to do."""
        self._since = await take_over(self._ground.database, self._since)
        while True:
            async with self._ground.database.reading() as db:
                now, next_at = await store.clock(db)
            if next_at is None or next_at > now:
                await self._forget(now)
                return POLL_S if next_at is None else min(POLL_S, (next_at - now).total_seconds())
            fired = await self.fire(now)
            if fired.claimed == fired.left:  # another server holds them, or their chains have just changed
                await asyncio.sleep(0.05)

    async def fire(self, now: datetime) -> Fired:
        """Start one batch of what is due."""
        database = self._ground.database
        calendars = await read_calendars(database, self._calendars, now, 4 * BATCH)
        try:
            async with database.transaction() as db:
                fired = await fire_due(db, self._firing, calendars, now, BATCH)
        except (OperationalError, InterfaceError, OSError):  # the database is away, or two transactions were in a knot
            raise
        except Exception:
            log.exception("schedules.batch_failed")
            fired = await self._fire_singly(calendars, now)
        if fired.stale:
            await derive_together(database, sorted(fired.stale))
        return fired

    async def _fire_singly(self, calendars: Read, now: datetime) -> Fired:
        """One schedule by itself after a fault in a batch; one whose fault it was is given up for this moment."""
        database = self._ground.database
        try:
            async with database.transaction() as db:
                return await fire_due(db, self._firing, calendars, now, 1)
        except (OperationalError, InterfaceError, OSError):
            raise
        except Exception as error:
            log.exception("schedules.fire_failed")
            why = f"The run could not be started ({type(error).__name__}). See the server's log."
            async with database.transaction() as db:
                await give_up_first(db, self._firing, now, why)
            return Fired(1, 0, frozenset())

    async def _forget(self, now: datetime) -> None:
        if self._forgotten_at is not None and now - self._forgotten_at < FORGET_EVERY:
            return
        self._forgotten_at = now
        kept = timedelta(days=self._ground.settings.schedule_history_days)
        number = FORGET_BATCH
        while number == FORGET_BATCH:
            async with self._ground.database.transaction() as db:
                number = await store.forget(db, kept, FORGET_BATCH)

    async def check_moments(self) -> None:
        """Look once, at start, whether waiting moments are still right: the zone database may be another one."""
        row: int | None = 0
        while row is not None:
            try:
                row = await look_again(self._ground.database, row)
            except (SQLAlchemyError, OSError) as error:
                log.warning("schedules.check_failed", reason=type(error).__name__)
                await asyncio.sleep(AFTER_FAULT_S)
            await asyncio.sleep(0)
