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

from onecloud.chains import actions as chains
from onecloud.chains.model import Definition, Version
from onecloud.chains.templates import output_texts
from onecloud.infra.blobs import Blobs
from onecloud.infra.durable import Cancelled, Durable
from onecloud.infra.http import Ground
from onecloud.kernel.jsonvalue import Json, as_object
from onecloud.runs import store
from onecloud.runs.changes import Changes
from onecloud.runs.facts import references_of, references_of_node
from onecloud.runs.files import files_of
from onecloud.runs.journal import decode
from onecloud.runs.model import Started
from onecloud.runs.pending import Pending
from onecloud.runs.plan import Plan, plan_of
from onecloud.runs.recorder import Recorder
from onecloud.runs.records import RunRecord
from onecloud.runs.reducer import initial, step, step_all
from onecloud.runs.room import Place
from onecloud.runs.seeds import seed_of
from onecloud.runs.turn import Lost, Turns
from onecloud.runs.values import secrets_in
from onecloud.runs.world import RunWorld, opened
from onecloud.variables.model import Known, Resolved
from onecloud.workspaces import actions as workspaces

log = structlog.get_logger()

INBOX_S: Final = 1.0  # how soon a message that another process left is seen; our own wake the run at once
SWEEP_S: Final = 20.0
MOST_PREPARED: Final = 500
ENVIRONMENT: Final = "chain_environment"
PREVIOUS: Final = "chain_previous_started_at"


class Engine:
    """Runs chains in this process until it is closed."""

    def __init__(self, ground: Ground, blobs: Blobs, durable: Durable, changes: Changes) -> None:
        self._ground = ground
        self._blobs = blobs
        self._durable = durable
        self._changes = changes
        self._slots = asyncio.Semaphore(ground.settings.node_slots)
        self._threads = ThreadPoolExecutor(ground.settings.node_slots, "command")
        self._room = asyncio.Semaphore(ground.settings.run_slots)
        self._recorder = Recorder(ground, self.stopped)
        self._live: dict[int, Turns] = {}
        self._handed: set[int] = set()
        self._early: set[int] = set()  # handed over, and a message came before the run was taken up
        self._coordinators: set[asyncio.Task[object]] = set()
        self._prepared: dict[int, tuple[Plan, frozenset[str]]] = {}
        self._background: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Take up what a former process left, and begin to take new runs."""
        shutil.rmtree(self._ground.settings.data / "work", ignore_errors=True)
        self._changes.bind()
        self._spawn(self._recorder.work())
        await self._durable.launch(self._coordinate)
        await self._sweep(everything=True)
        for work in (self._watch_inbox, self._sweep_again):
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

        Those in the queue count as handed over too, so that a new run does not overtake them.
        """
        room = len(self._handed) < self._ground.settings.run_slots
        self._handed.add(run_id)
        self._spawn(self._durable.begin(run_id) if room else self._durable.enqueue(run_id))

    def stopped(self, run_id: int) -> None:
        """A run was stopped in the tables: end its workflow and its commands."""
        turns = self._live.get(run_id)
        if turns is not None:
            turns.lose()
        self._changes.notify(run_id)
        self._spawn(self._durable.cancel(run_id))

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
            return "failed"
        finally:
            self._handed.discard(run_id)
            self._early.discard(run_id)

    async def _run(self, record: RunRecord) -> str:
        async with self._ground.database.reading() as db:
            version = await chains.version(db, record.version_id)
            plan, asked = self._prepare(version)
            environment = (
                (await workspaces.get_environment(db, record.environment_id)).name if ENVIRONMENT in asked else ""
            )
            previous = await store.previous_start(db, record.chain_id, record.id) if PREVIOUS in asked else None
        kept = dict(record.dynamic or {})
        world = RunWorld(
            ground=self._ground,
            blobs=self._blobs,
            threads=self._threads,
            run=record,
            plan=plan,
            known=known_of(self._ground, record, version.definition.name, environment, previous),
            on_change=functools.partial(self._changes.notify_from_anywhere, record.id),
            dynamic={name: opened(self._ground, value) for name, value in kept.items()},
            kept_dynamic=kept,
        )
        world.meet(secrets_in(world.known.workspace) | secrets_in(world.known.chain) | secrets_in(world.dynamic))
        place = Place(self._room)
        turns = Turns(world, version.definition, self._slots, place, self._recorder, self)
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
            self._changes.notify(record.id)
            shutil.rmtree(self._ground.settings.data / "work" / str(record.id), ignore_errors=True)

    def _prepare(self, version: Version) -> tuple[Plan, frozenset[str]]:
        """The plan of a version, and the system values it asks for; kept, since a version never changes."""
        if version.id not in self._prepared:
            if len(self._prepared) >= MOST_PREPARED:
                self._prepared.clear()
            plan = plan_of(version.definition)
            self._prepared[version.id] = plan, system_values_asked(plan, version.definition)
        return self._prepared[version.id]

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

    async def _sweep_again(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_S)
            await self._sweep(everything=False)

    async def _sweep(self, *, everything: bool) -> None:
        """Queue runs that were stored and not queued; at start also those whose journal may be gone."""
        async with self._ground.database.reading() as db:
            if everything:
                waiting = await store.live_runs(db)
            else:
                waiting = await store.unqueued(db, datetime.now(UTC) - timedelta(seconds=SWEEP_S))
        for run_id in waiting:
            await self._durable.enqueue(run_id)


def system_values_asked(plan: Plan, definition: Definition) -> frozenset[str]:
    """The system values that the nodes of a plan and the chain's outputs refer to."""
    nodes = [reference for node in plan.nodes.values() for reference in references_of_node(node)]
    outputs = references_of(text for _, text in output_texts(definition))
    return frozenset(reference.name for reference in (*nodes, *outputs) if reference.scope == "system")


def known_of(
    ground: Ground, run: RunRecord, chain_name: str, environment_name: str, previous: datetime | None
) -> Known:
    """The values that do not change during the run; what belongs to one command is added when it starts."""
    base = ground.settings.public_url.rstrip("/")
    return Known(
        workspace=all_opened(ground, run.variables.get("workspace")),
        chain=all_opened(ground, run.variables.get("chain")),
        resource=files_of(run),
        input=run.inputs,
        system={
            "chain_id": str(run.chain_id),
            "chain_run_id": str(run.id),
            "chain_name": chain_name,
            "chain_environment": environment_name,
            "chain_url": f"{base}/chains/{run.chain_id}",
            "chain_started_at": run.created_at.isoformat(timespec="seconds"),
            "chain_previous_started_at": "" if previous is None else previous.isoformat(timespec="seconds"),
            "runner_directory": "",
            "user_email": run.user_email or "",
            "user_name": run.user_name or "",
            "user_id": "" if run.user_id is None else str(run.user_id),
        },
    )


def all_opened(ground: Ground, kept: Json) -> dict[str, Resolved]:
    """Variables as they were fixed at the start."""
    return {name: opened(ground, value) for name, value in as_object(kept or {}).items()}
