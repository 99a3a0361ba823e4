"""The impure half of a run in one process: starts attempts, waits for them, writes what they brought.

Nothing here is consulted on replay. A turn's results are first written to the run tables (with what the reducer
makes of them), then returned to be journaled. After a crash in between, the rows give the same batch again: a
finished node is never repeated.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
from collections.abc import Coroutine, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final, TypeAlias

import structlog

from onecloud.chains.model import Definition
from onecloud.kernel.jsonvalue import Json
from onecloud.runs import store
from onecloud.runs.actions import Signals
from onecloud.runs.catching import Found, caught_up, waiting_of
from onecloud.runs.execute import run_attempt
from onecloud.runs.journal import encode
from onecloud.runs.messages import finished, heard
from onecloud.runs.model import (
    CancelNode,
    Check,
    Checked,
    DropLoop,
    Effect,
    Event,
    NodeWaits,
    Open,
    Opened,
    RetryDue,
    Spot,
    StartNode,
    Unit,
)
from onecloud.runs.opening import check_until, open_loop
from onecloud.runs.pending import Pending
from onecloud.runs.recorder import Recorder
from onecloud.runs.records import Begun, Outcome, Telling, TurnWrite, Waiting
from onecloud.runs.reducer import step_all
from onecloud.runs.room import Place
from onecloud.runs.state import Run
from onecloud.runs.telling import reached, tellings
from onecloud.runs.waits import overdue
from onecloud.runs.world import RunWorld, opened
from onecloud.runs.yields import chain_result

Task: TypeAlias = tuple[Unit, int] | Spot | tuple[Spot, str]
Came: TypeAlias = Outcome | Waiting | Opened | Checked


log = structlog.get_logger()

ASKING: Final = ("event.approval", "event.file_upload")


class Lost(Exception):
    """The run was stopped, or another process took it up: nothing of ours counts any more."""


class Turns:
    """The turns of one run in this process."""

    def __init__(
        self,
        world: RunWorld,
        definition: Definition,
        slots: asyncio.Semaphore,
        place: Place,
        recorder: Recorder,
        signals: Signals,
    ) -> None:
        self._world = world
        self._plan = world.plan
        self._outputs = definition.outputs
        self._notices = definition.notifications
        self._tells = bool(self._notices) or any(node.notifications for node in world.plan.nodes.values())
        self._asks = any(node.command in ASKING for node in world.plan.nodes.values())
        self._slots = slots
        self._place = place
        self._recorder = recorder
        self._signals = signals
        self._found: Found | None = None
        self._tasks: dict[Task, asyncio.Task[None]] = {}
        self._done: list[tuple[Task | None, Came]] = []
        self._wake = asyncio.Event()
        self._inbox_changed = False
        self._lost = False

    # --- called from outside ---

    def message_came(self) -> None:
        """There may be a message for this run."""
        self._inbox_changed = True
        self._wake.set()

    def lose(self) -> None:
        """The run is no longer ours: the turn under way ends with Lost at once."""
        self._lost = True
        self._wake.set()

    # --- one turn ---

    async def next(self, run: Run, pending: Pending, effects: tuple[Effect, ...]) -> Json:
        """Wait until something happened; write it and give it as a journal entry.

        `effects` are those that led to `run`; only those that no process has written yet are written here.
        Raises: Lost.
        """
        if self._found is None:
            self._found = await caught_up(self._world, run, pending)
            # Messages may have come before this process had the run.
            self._inbox_changed = self._inbox_changed or self._world.run.fence > 1
            rows = self._finished_rows(self._found, pending)
            if rows:
                self._found = None  # what they led to may have been written, too
                return encode(rows)
        await self._begin(self._found, run, pending, effects)
        events, came = await self._wait(run, pending)
        self._world.note(events)
        outcomes = [one for one in came if isinstance(one, Outcome)]
        for outcome in outcomes:
            self._world.remember(outcome)
        after, led_to = step_all(self._plan, run, events)
        self._world.follow(led_to)
        self._world.unwritten = {(outcome.unit, outcome.attempt): outcome for outcome in outcomes}
        result = await chain_result(self._world, self._outputs) if after.ended else None
        await self._write(
            TurnWrite(
                run=self._world.run,
                outcomes=outcomes,
                effects=led_to,
                begun=self._begun(led_to),
                waits=[one for one in came if isinstance(one, Waiting)],
                dynamic=self._dynamic(outcomes),
                result=result,
                told=await self._told(after, led_to),
            )
        )
        self._world.unwritten = {}
        self._carry_out(led_to)
        self._world.on_change()
        return encode(events)

    def _finished_rows(self, found: Found, pending: Pending) -> tuple[Event, ...]:
        """Attempts that ended and were written by a process that died before the journal had them."""
        return tuple(event for event in found.ended(self._plan) if pending.awaits(event.unit, event.attempt))

    async def _begin(self, found: Found, run: Run, pending: Pending, effects: tuple[Effect, ...]) -> None:
        """Start what is pending and has no task here: the run's first node, or what a dead process had under way."""
        units = [(unit, attempt) for unit, attempt in pending.attempts.items() if (unit, attempt) not in self._tasks]
        first = self._world.run.started_at is None and not found.shown  # later effects were written with their turn
        if first or any(unit not in found.rows for unit in units):
            fresh = tuple(e for e in effects if not isinstance(e, StartNode) or (e.unit, e.attempt) not in found.rows)
            begun, told = self._begun(fresh), await self._told(run, fresh) if first else []
            await self._write(TurnWrite(run=self._world.run, outcomes=(), effects=fresh, begun=begun, told=told))
            self._world.on_change()
        found.shown = True
        for unit, attempt in units:
            row = found.rows.get((unit, attempt))
            if row is not None and row.waits is not None:
                self._done.append((None, waiting_of(row)))
            else:
                self._start(unit, attempt, interrupted=row is not None)
        for spot in pending.opens:
            if spot not in self._tasks:
                self._run(spot, self._opening(spot))
        for spot, index in pending.checks.items():
            if (spot, "check") not in self._tasks:
                self._run((spot, "check"), self._checking(spot, index))

    async def _wait(self, run: Run, pending: Pending) -> tuple[tuple[Event, ...], list[Came]]:
        while True:
            self._wake.clear()
            events, came = await self._collect(run, pending)
            if self._lost:
                raise Lost
            if events:
                await self._place.take()
                return events, came
            if pending.idle:
                self._place.give_back()
            # A timer may fire a breath before the wall clock is there: then this loop waits for the rest.
            due = pending.next_moment()
            wait_s = None if due is None else max(0.001, (due - datetime.now(UTC)).total_seconds())
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    await self._wake.wait()
            await asyncio.sleep(0)  # let attempts that end in the same breath join the batch

    async def _collect(self, run: Run, pending: Pending) -> tuple[tuple[Event, ...], list[Came]]:
        """What has happened since the last turn, in a fixed order: attempts, loops, moments, messages."""
        for task, _ in self._done:
            if task is not None:
                self._tasks.pop(task, None)
        done, self._done = [came for _, came in self._done], []
        now = datetime.now(UTC)
        came: list[Came] = [one for one in done if isinstance(one, Outcome) and pending.awaits(one.unit, one.attempt)]
        came.sort(key=_moment)
        events: list[Event] = [finished(one) for one in came if isinstance(one, Outcome)]
        for one in done:
            match one:
                case Waiting(unit, attempt) if pending.attempts.get(unit) == attempt:
                    came.append(one)
                    events.append(NodeWaits(unit, attempt, one.until, one.fails))
                case Opened() | Checked():
                    events.append(one)
                case _:
                    pass
        events += [RetryDue(r.unit, r.attempt) for r in pending.retries.values() if r.at <= now]
        for wait in [w for w in pending.waits.values() if w.until is not None and w.until <= now]:
            outcome = overdue(self._world, wait)
            came.append(outcome)
            events.append(finished(outcome))
        if self._inbox_changed:
            self._inbox_changed = False
            async with self._world.ground.database.reading() as db:
                messages = await store.events_after(db, self._world.run.id, run.last_event_id)
            for message in messages:
                what = await heard(self._world, message)
                if isinstance(what, Outcome):
                    if pending.awaits(what.unit, what.attempt):
                        came.append(what)
                    events.append(finished(what))
                elif what is not None:
                    events.append(what)
        return tuple(events), came

    # --- what is under way here ---

    def _start(self, unit: Unit, attempt: int, *, interrupted: bool = False) -> None:
        self._run((unit, attempt), self._attempt(unit, attempt, interrupted))

    def _run(self, task: Task, work: Coroutine[Any, Any, None]) -> None:
        before = self._tasks.get(task)
        if before is not None:
            before.cancel()
        # An empty context: a command must not look like a part of the workflow's step to the engine.
        made = contextvars.Context().run(asyncio.get_running_loop().create_task, work)
        self._tasks[task] = made

    async def _attempt(self, unit: Unit, attempt: int, interrupted: bool) -> None:  # noqa: FBT001 - passed on
        async with self._slots:
            came = await run_attempt(self._world, unit, attempt, self._signals, interrupted=interrupted)
        self._ended((unit, attempt), came)

    async def _opening(self, spot: Spot) -> None:
        self._ended(spot, await open_loop(self._world, spot))

    async def _checking(self, spot: Spot, index: int) -> None:
        self._ended((spot, "check"), await check_until(self._world, spot, index))

    def _ended(self, task: Task, came: Came) -> None:
        self._done.append((task, came))
        self._wake.set()

    # --- writing and carrying out ---

    def _begun(self, effects: Iterable[Effect]) -> list[Begun]:
        return [
            Begun(effect.unit, effect.attempt, self._world.iteration_text(effect.unit))
            for effect in effects
            if isinstance(effect, StartNode)
        ]

    def _dynamic(self, outcomes: Iterable[Outcome]) -> dict[str, Json] | None:
        """Every dynamic variable as it is now, when an event changed one."""
        changed = [outcome.dynamic for outcome in outcomes if outcome.dynamic]
        for values in changed:
            for name, kept in values.items():
                self._world.kept_dynamic[name] = kept
                self._world.dynamic[name] = opened(self._world.ground, kept)
        return dict(self._world.kept_dynamic) if changed else None

    async def _told(self, run: Run, effects: tuple[Effect, ...]) -> list[Telling]:
        """What the effects that led to `run` make known."""
        if not self._tells:
            return []
        try:
            return await tellings(self._world, reached(self._world.plan, self._notices, effects, run.resumed_by))
        except Exception:
            # Nobody is told this once; a run must not end because of a message about it.
            log.exception("run.not_told", run_id=self._world.run.id)
            return []

    async def _write(self, write: TurnWrite) -> None:
        """Write a turn, if the run is still ours.

        Raises: Lost; OperationalError when the database stayed out of reach.
        """
        if not await self._recorder.write(replace(write, asks=self._asks)):
            raise Lost

    def _carry_out(self, effects: Iterable[Effect]) -> None:
        """Start and cancel at once, beside the journal's write: the rows say already that it is so."""
        for effect in effects:
            match effect:
                case StartNode(unit, attempt):
                    ahead = self._found is not None and (unit, attempt) in self._found.ahead
                    self._start(unit, attempt, interrupted=ahead)
                case Open(spot):
                    self._run(spot, self._opening(spot))
                case Check(spot, index):
                    self._run((spot, "check"), self._checking(spot, index))
                case CancelNode(unit, attempt):
                    task = self._tasks.get((unit, attempt))
                    if task is not None:
                        task.cancel()
                case DropLoop(spot):
                    for key in (spot, (spot, "check")):
                        task = self._tasks.get(key)
                        if task is not None:
                            task.cancel()
                    # It may have answered while this turn was written.
                    self._done = [(of, came) for of, came in self._done if of not in (spot, (spot, "check"))]
                case _:
                    pass

    async def close(self) -> None:
        """Cancel what is under way and wait until it is gone."""
        tasks = [task for task in self._tasks.values() if not task.done()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._place.give_back()
        self._world.close()


def _moment(came: Came) -> tuple[datetime, Unit]:
    assert isinstance(came, Outcome)
    return came.ended_at, came.unit
