"""The one door to the durable engine (DBOS): workflows that survive a crash, queues, and journaled steps.

Only this file imports dbos. One run is one workflow; its id is `run-<run id>`, so that enqueueing twice is once.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import sqlalchemy
from dbos import DBOS, DBOSClient, DBOSConfig, SetWorkflowID, StepOptions
from dbos._error import DBOSWorkflowCancelledError
from dbos._serialization import Serializer
from sqlalchemy import event

from onecloud.infra.db import prepare_sqlite
from onecloud.infra.settings import Settings
from onecloud.kernel.jsonvalue import Json

QUEUE: Final = "runs"
WORKFLOW: Final = "chain_run"

ENGINE_THREADS: Final = 8

Coordinate = Callable[[int], Awaitable[str]]


class Cancelled(Exception):
    """The workflow was cancelled from outside; it must end without another effect."""


class JsonSerializer(Serializer):
    """The journal as JSON: readable by people, and never executes what it reads (unlike pickle)."""

    def serialize(self, data: Any) -> str:
        if isinstance(data, BaseException):
            data = {"error": type(data).__name__, "message": str(data)}
        return json.dumps(data, separators=(",", ":"), default=str)

    def deserialize(self, serialized_data: str) -> Any:  # pyright: ignore[reportIncompatibleMethodOverride] - "cls" there
        data: Any = json.loads(serialized_data)
        match data:
            case {"error": error, "message": message, **others} if not others:
                return RuntimeError(f"{error}: {message}")
            case _:
                return data

    def name(self) -> str:
        return "onecloud_json"


def system_engine(settings: Settings) -> sqlalchemy.Engine:
    """The engine's own database: `engine.db` beside the application's on SQLite, schema `dbos` on PostgreSQL."""
    if settings.database_url:
        url = sqlalchemy.make_url(settings.database_url).set(drivername="postgresql+psycopg")
        return sqlalchemy.create_engine(url, pool_size=10, max_overflow=10, pool_pre_ping=True)
    engine = sqlalchemy.create_engine(f"sqlite:///{settings.data / 'engine.db'}", pool_size=10, max_overflow=10)

    def on_connect(connection: Any, _record: Any) -> None:
        prepare_sqlite(connection)
        connection.isolation_level = "IMMEDIATE"

    event.listen(engine, "connect", on_connect)
    return engine


class Durable:
    """The running engine of one process. One per process: the library keeps its registry globally."""

    def __init__(self, settings: Settings, journal_format: str) -> None:
        self._settings = settings
        self._format = journal_format
        self._workflow: Callable[[int], Any] | None = None
        self._engine: sqlalchemy.Engine | None = None

    async def launch(self, coordinate: Coordinate) -> None:
        """Start the engine in this event loop; runs that were under way in this executor go on by themselves."""
        logging.getLogger("dbos").setLevel(logging.WARNING)
        self._engine = await asyncio.to_thread(system_engine, self._settings)
        config: DBOSConfig = {
            "name": "onecloud",
            "system_database_url": self._engine.url.render_as_string(hide_password=False),
            "system_database_engine": self._engine,
            "application_version": f"journal-{self._format}",
            "executor_id": "server",
            "serializer": JsonSerializer(),
            "log_level": "WARNING",
            "enable_otlp": False,
            # Messages go through our own tables; but the library's listener sleeps this long before it notices that it
            # is to end, so a longer pause would hold up every stop of the server.
            "notification_listener_polling_interval_sec": 1.0,
            "use_listen_notify": False,
            # Its database calls run in threads, and SQLite takes them one at a time: more threads only get in each
            # other's way. Workflows themselves are tasks of the event loop and hold none.
            "max_executor_threads": ENGINE_THREADS,
        }
        DBOS(config=config)

        async def chain_run(run_id: int) -> str:
            return await coordinate(run_id)

        # None: a run may be taken up again any number of times; the default would bury it after 100 restarts.
        self._workflow = DBOS.workflow(name=WORKFLOW, max_recovery_attempts=None)(chain_run)
        DBOS.launch()
        await self.hand_over_at_most(self._settings.run_slots)

    async def hand_over_at_most(self, runs: int) -> None:
        """How many runs that came through the queue may be under way; more wait in it."""
        await DBOS.register_queue_async(
            QUEUE,
            worker_concurrency=runs,
            polling_interval_sec=self._settings.queue_poll_ms / 1000,
            on_conflict="always_update",
        )

    async def begin(self, run_id: int) -> None:
        """Start a new run in this process at once, without a way through the queue."""
        assert self._workflow is not None
        with SetWorkflowID(workflow_id(run_id)):
            await DBOS.start_workflow_async(self._workflow, run_id)

    async def enqueue(self, run_id: int) -> None:
        """Hand a run to the queue; a second call for the same run changes nothing."""
        assert self._workflow is not None
        with SetWorkflowID(workflow_id(run_id)):
            await DBOS.enqueue_workflow_async(QUEUE, self._workflow, run_id)

    async def cancel(self, run_id: int) -> None:
        """Cancel the run's workflow wherever it is; unknown or ended ones are left as they are."""
        await DBOS.cancel_workflow_async(workflow_id(run_id))

    async def journaled(self, name: str, work: Callable[[], Awaitable[Json]]) -> Any:
        """Do `work` once and write its JSON result to the journal; on replay the result comes from there.

        Raises: Cancelled when the workflow is cancelled meanwhile; `work` itself gets asyncio.CancelledError.
        """
        options: StepOptions = {"name": name, "preemptible": True}

        async def body() -> Json:
            return await work()

        try:
            return await DBOS.run_step_async(options, body)
        except DBOSWorkflowCancelledError as cancelled:
            raise Cancelled(str(cancelled)) from cancelled

    def closing(self) -> None:
        """Runs will be cancelled to be left to the next start; the library would warn of each."""
        logging.getLogger("dbos").setLevel(logging.ERROR)

    async def close(self) -> None:
        """Stop taking runs. Those under way stay in the journal and go on at the next start."""
        if self._workflow is None:
            return
        await asyncio.to_thread(DBOS.destroy, destroy_registry=True)
        self._workflow = None
        # The library had put its own thread pool, closed by now, into this loop.
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor())
        if self._engine is not None:
            self._engine.dispose()


def workflow_id(run_id: int) -> str:
    """The workflow of a run."""
    return f"run-{run_id}"


class Journals:
    """The journals of runs that ended, to be removed with them; in any process, also without a running engine."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._engine: sqlalchemy.Engine | None = None
        self._client: DBOSClient | None = None

    async def forget(self, run_ids: Sequence[int]) -> None:
        """Remove the journals of these runs; those that are not there are no fault."""
        await asyncio.to_thread(self._forget, [workflow_id(run_id) for run_id in run_ids])

    def _forget(self, workflow_ids: list[str]) -> None:
        if self._client is None:
            self._engine = system_engine(self._settings)
            if not sqlalchemy.inspect(self._engine).has_table(
                "workflow_status", schema="dbos" if self._settings.database_url else None
            ):
                return  # no engine ran here yet
            self._client = DBOSClient(system_database_engine=self._engine, serializer=JsonSerializer(), lazy=True)
        self._client.delete_workflows(workflow_ids)

    def close(self) -> None:
        """Let go of the engine's database."""
        if self._client is not None:
            self._client.destroy()
        if self._engine is not None:
            self._engine.dispose()
