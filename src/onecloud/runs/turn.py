"""The impure half of a run in one process: starts attempts, waits for them, writes what they brought.

Nothing here is consulted on replay. A turn's results are first written to the run tables (with what the reducer
makes of them), then returned to be journaled. After a crash in between, the rows give the same batch again: a
finished node is never repeated.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from onecloud.infra.db import Database
from onecloud.kernel.jsonvalue import Json
from onecloud.runs import store
from onecloud.runs.execute import RunWorld, run_attempt
from onecloud.runs.journal import encode
from onecloud.runs.model import (
    SETTLED_STATES,
    CancelNode,
    Effect,
    Event,
    NodeFinished,
    Resumed,
    RetryAt,
    RetryDue,
    StartNode,
)
from onecloud.runs.recorder import Recorder
from onecloud.runs.records import Outcome, ResultRecord, TurnWrite
from onecloud.runs.reducer import Plan, Run, step_all


class Lost(Exception):
    """The run was stopped, or another process took it up: nothing of ours counts any more."""


@dataclass(slots=True)
class Pending:
    """What the journal says is under way: attempts by key, and retries by key."""

    attempts: dict[str, int] = field(default_factory=dict[str, int])
    retries: dict[str, RetryAt] = field(default_factory=dict[str, RetryAt])

    def follow(self, effects: Iterable[Effect]) -> None:
        """Take in what the reducer wants done."""
        for effect in effects:
            match effect:
                case StartNode(key, attempt):
                    self.attempts[key] = attempt
                    self.retries.pop(key, None)
                case RetryAt(key):
                    self.retries[key] = effect
                case CancelNode(key):
                    self.attempts.pop(key, None)
                case _:
                    pass

    def close(self, events: Iterable[Event]) -> None:
        """Forget what these events ended."""
        for event in events:
            match event:
                case NodeFinished(key, attempt) if self.attempts.get(key) == attempt:
                    del self.attempts[key]
                case RetryDue(key):
                    self.retries.pop(key, None)
                case _:
                    pass


class Turns:
    """The turns of one run in this process."""

    def __init__(
        self,
        world: RunWorld,
        plan: Plan,
        found: Iterable[ResultRecord],
        slots: asyncio.Semaphore,
        recorder: Recorder,
    ) -> None:
        self._world = world
        self._plan = plan
        self._slots = slots
        self._recorder = recorder
        self._database: Database = world.ground.database
        self._found: Mapping[tuple[str, int], ResultRecord] = {(row.key, row.attempt): row for row in found}
        self._tasks: dict[tuple[str, int], asyncio.Task[None]] = {}
        self._done: list[Outcome] = []
        self._wake = asyncio.Event()
        self._inbox_changed = world.run.fence > 1  # messages may have come before this process had the run
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
        from_rows = self._finished_rows(pending)
        if from_rows:
            return encode(from_rows)
        await self._begin(pending, effects)
        events, outcomes = await self._wait(run, pending)
        _, led_to = step_all(self._plan, run, events)
        await self._write(outcomes, led_to)
        self._carry_out(led_to)
        self._world.on_change()
        return encode(events)

    def _finished_rows(self, pending: Pending) -> tuple[Event, ...]:
        """Attempts that ended and were written by a process that died before the journal had them."""
        rows = [
            row
            for key, attempt in pending.attempts.items()
            if (row := self._found.get((key, attempt))) is not None
            and row.state in SETTLED_STATES
            and (key, attempt) not in self._tasks
        ]
        rows.sort(key=lambda row: (row.ended_at or row.started_at, row.key))
        return tuple(
            NodeFinished(
                row.key,
                row.attempt,
                row.state,
                row.exit_code if row.exit_code is not None else 1,
                row.retryable,
                row.ended_at or row.started_at,
            )
            for row in rows
        )

    async def _begin(self, pending: Pending, effects: tuple[Effect, ...]) -> None:
        """Start what is pending and has no task here: the run's first node, or what a dead process had under way."""
        missing = {key: attempt for key, attempt in pending.attempts.items() if (key, attempt) not in self._tasks}
        if any(place not in self._found for place in missing.items()):
            await self._write((), effects)
            self._world.on_change()
        for key, attempt in missing.items():
            self._start(key, attempt, interrupted=(key, attempt) in self._found)

    def _start(self, key: str, attempt: int, *, interrupted: bool = False) -> None:
        # An empty context: a command must not look like a part of the workflow's step to the engine.
        create = asyncio.get_running_loop().create_task
        self._tasks[key, attempt] = contextvars.Context().run(create, self._attempt(key, attempt, interrupted))

    async def _attempt(self, key: str, attempt: int, interrupted: bool) -> None:  # noqa: FBT001 - passed on
        async with self._slots:
            node = self._plan.nodes[key]
            outcome = await run_attempt(self._world, node, attempt, interrupted=interrupted)
        self._done.append(outcome)
        self._wake.set()

    async def _wait(self, run: Run, pending: Pending) -> tuple[tuple[Event, ...], list[Outcome]]:
        while True:
            self._wake.clear()
            events, outcomes = await self._collect(run, pending)
            if self._lost:
                raise Lost
            if events:
                return events, outcomes
            # A timer may fire a breath before the wall clock is there: then this loop waits for the rest.
            due = min((retry.at for retry in pending.retries.values()), default=None)
            wait_s = None if due is None else max(0.001, (due - datetime.now(UTC)).total_seconds())
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    await self._wake.wait()
            await asyncio.sleep(0)  # let attempts that end in the same breath join the batch

    async def _collect(self, run: Run, pending: Pending) -> tuple[tuple[Event, ...], list[Outcome]]:
        """What has happened since the last turn, in a fixed order: attempts, retries, messages."""
        outcomes = [o for o in self._done if pending.attempts.get(o.key) == o.attempt]
        self._done.clear()
        outcomes.sort(key=lambda outcome: (outcome.ended_at, outcome.key))
        events: list[Event] = [
            NodeFinished(o.key, o.attempt, o.state, o.exit_code, o.retryable, o.ended_at) for o in outcomes
        ]
        now = datetime.now(UTC)
        events += [RetryDue(r.key, r.attempt) for r in pending.retries.values() if r.at <= now]
        if self._inbox_changed:
            async with self._database.reading() as db:
                messages = await store.events_after(db, self._world.run.id, run.last_event_id)
            self._inbox_changed = False
            events += [Resumed(event_id) for event_id, kind in messages if kind == "resume"]
        return tuple(events), outcomes

    async def _write(self, outcomes: Iterable[Outcome], effects: Iterable[Effect]) -> None:
        """Write a turn, if the run is still ours.

        Raises: Lost; OperationalError when the database stayed out of reach.
        """
        done = tuple(outcomes)
        new = tuple(e for e in effects if not (isinstance(e, StartNode) and (e.key, e.attempt) in self._found))
        if not await self._recorder.write(TurnWrite(self._world.run.id, self._world.run.fence, done, new)):
            raise Lost
        for outcome in done:
            self._world.facts[outcome.key] = outcome.facts

    def _carry_out(self, effects: Iterable[Effect]) -> None:
        """Start and cancel at once, beside the journal's write: the rows say already that it is so."""
        for effect in effects:
            match effect:
                case StartNode(key, attempt) if (key, attempt) not in self._found:
                    self._start(key, attempt)
                case CancelNode(key, attempt):
                    task = self._tasks.get((key, attempt))
                    if task is not None:
                        task.cancel()
                case _:
                    pass

    async def close(self) -> None:
        """Cancel what is under way and wait until it is gone."""
        tasks = [task for task in self._tasks.values() if not task.done()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
