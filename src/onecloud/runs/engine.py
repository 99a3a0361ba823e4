"""The coordinator of runs: one durable workflow a run, its pure half the reducer, its impure half the turns."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import shutil
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import structlog

from onecloud.infra.blobs import Blobs
from onecloud.infra.durable import Cancelled, Durable
from onecloud.infra.http import Ground
from onecloud.runs import store
from onecloud.runs.changes import Changes
from onecloud.runs.journal import decode
from onecloud.runs.model import Started
from onecloud.runs.pending import Pending
from onecloud.runs.recorder import Recorder
from onecloud.runs.records import RunRecord
from onecloud.runs.reducer import initial, step, step_all
from onecloud.runs.room import Place, Room, in_hand
from onecloud.runs.seeds import seed_of
from onecloud.runs.turn import Lost, Turns
from onecloud.runs.untold import tell_of_end
from onecloud.runs.worlds import Worlds

log = structlog.get_logger()

INBOX_S: Final = 1.0  # how soon a message that another process left is seen; our own wake the run at once
SWEEP_S: Final = 20.0
ROOM_S: Final = 1.0


class Engine:
    """Runs chains in this process until it is closed."""

    def __init__(self, ground: Ground, blobs: Blobs, durable: Durable, changes: Changes) -> None:
        self._ground = ground
        self._blobs = blobs
        self._durable = durable
        self._changes = changes
        self._slots = asyncio.Semaphore(ground.settings.node_slots)
        self._threads = ThreadPoolExecutor(ground.settings.node_slots, "command")
        self._room = Room(ground.settings.run_slots)
        self._makes = Worlds(ground, blobs, self._threads, changes)
        self._recorder = Recorder(ground, self.stopped)
        self._live: dict[int, Turns] = {}
        self._handed: set[int] = set()
        self._early: set[int] = set()  # handed over, and a message came before the run was taken up
        self._coordinators: set[asyncio.Task[object]] = set()
        self._background: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Take up what a former process left, and begin to take new runs."""
        shutil.rmtree(self._ground.settings.data / "work", ignore_errors=True)
        self._changes.bind()
        self._spawn(self._recorder.work())
        await self._durable.launch(self._coordinate)
        await self._sweep(everything=True)
        for work in (self._watch_inbox, self._sweep_again, self._make_room):
            self._spawn(work())

    async def close(self) -> None:
        """End what runs here; the runs stay in the journal and go on at the next start."""
        self._durable.closing()
        # Cancelled, not ended: a coordinator that is cancelled leaves nothing in the journal.
        for coordinator in self._coordinators:
            coordinator.cancel()
        await asyncio.gather(*self._coordinators, return_exceptions=True)
        await self._durable.close()
        for task in self._background:
            task.cancel()
        await asyncio.gather(*self._background, return_exceptions=True)
        self._threads.shutdown(wait=False, cancel_futures=True)

    # --- called after a request's commit ---

    def started(self, run_id: int) -> None:
        """A run was stored: begin it at once while there is room, else hand it to the queue.

        Those in the queue count as handed over too, so that a new run does not overtake them; those that wait for a
        person or a moment do not, or a few hundred approvals would hold up everything.
        """
        room = len(self._handed) - self._room.away < self._room.places
        self._handed.add(run_id)
        self._spawn(self._durable.begin(run_id) if room else self._durable.enqueue(run_id))

    def stopped(self, run_id: int) -> None:
        """A run was stopped in the tables: end its workflow and its commands."""
        turns = self._live.get(run_id)
        if turns is not None:
            turns.lose()
        self._changes.notify(run_id)
        self._spawn(self._durable.cancel(run_id))
        self._spawn(tell_of_end(self._makes, run_id))

    def message_left(self, run_id: int) -> None:
        """A message for a run was stored."""
        turns = self._live.get(run_id)
        if turns is not None:
            turns.message_came()
        elif run_id in self._handed:
            self._early.add(run_id)

    # --- the workflow ---

    async def _coordinate(self, run_id: int) -> str:
        """The body of a run's workflow: a deterministic function of the definition and the journal."""
        task = asyncio.current_task()
        assert task is not None
        self._coordinators.add(task)
        task.add_done_callback(self._coordinators.discard)
        self._handed.add(run_id)
        try:
            record = await self._recorder.take_up(run_id)
            if record is None:
                return "ended"
            return await self._run(record)
        except (Lost, Cancelled):
            return "lost"
        except Exception as error:
            log.exception("run.failed", run_id=run_id)
            text = f"The engine could not go on with this run ({type(error).__name__}: {error}). See the server's log."
            async with self._ground.database.transaction() as db:
                stopped = await store.fail(db, run_id, datetime.now(UTC), text)
            for child in stopped:
                self.stopped(child)
            self._changes.notify(run_id)
            self._spawn(tell_of_end(self._makes, run_id))
            return "failed"
        finally:
            self._handed.discard(run_id)
            self._early.discard(run_id)

    async def _run(self, record: RunRecord) -> str:
        world, definition = await self._makes.world(record)
        plan = world.plan
        place = Place(self._room)
        turns = Turns(world, definition, self._slots, place, self._recorder, self)
        self._live[record.id] = turns
        if record.id in self._early:
            turns.message_came()
        try:
            await place.take()
            pending = Pending()
            run, effects = step(plan, initial(plan, seed_of(record.seed)), Started())
            world.follow(effects)
            pending.follow(effects)
            while not run.ended:
                turn = functools.partial(turns.next, run, pending, effects)
                events = decode(await self._durable.journaled("turn", turn))
                pending.close(events)
                world.note(events)
                run, effects = step_all(plan, run, events)
                pending.follow(effects)
                world.follow(effects)
            return run.state.value
        finally:
            self._live.pop(record.id, None)
            await turns.close()
            place.leave()
            self._changes.notify(record.id)
            shutil.rmtree(self._ground.settings.data / "work" / str(record.id), ignore_errors=True)

    # --- in the background ---

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._background.add(task)
        task.add_done_callback(self._forget)

    def _forget(self, task: asyncio.Task[None]) -> None:
        self._background.discard(task)
        if not task.cancelled() and task.exception() is not None:
            # The sweep will try again what was to be queued; nothing is lost, but it should be seen.
            log.error("engine.background_failed", exc_info=task.exception())

    async def _watch_inbox(self) -> None:
        async with self._ground.database.reading() as db:
            last = await store.last_event(db)
        while True:
            await asyncio.sleep(INBOX_S)
            if not self._live:
                continue
            with contextlib.suppress(OSError):
                async with self._ground.database.reading() as db:
                    for event_id, run_id in await store.events_anywhere_after(db, last):
                        last = event_id
                        self.message_left(run_id)

    async def _make_room(self) -> None:
        """Let the queue hand over more runs while many only wait."""
        handed = self._room.places
        while True:
            await asyncio.sleep(ROOM_S)
            wanted = in_hand(self._room.places, self._room.away)
            if wanted != handed:
                await self._durable.hand_over_at_most(wanted)
                handed = wanted

    async def _sweep_again(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_S)
            await self._sweep(everything=False)

    async def _sweep(self, *, everything: bool) -> None:
        """Queue runs that were stored and not queued; at start also those whose journal may be gone.

        And tell of ends that were written and not told yet.
        """
        async with self._ground.database.reading() as db:
            if everything:
                waiting = await store.live_runs(db)
            else:
                waiting = await store.unqueued(db, datetime.now(UTC) - timedelta(seconds=SWEEP_S))
            untold = await store.untold_ends(db)
        for run_id in waiting:
            await self._durable.enqueue(run_id)
        for run_id in untold:
            await tell_of_end(self._makes, run_id)
