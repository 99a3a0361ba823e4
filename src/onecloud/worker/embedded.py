"""The engine inside the server's process, and the lock that makes it the only one on its database."""

from __future__ import annotations

import fcntl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import IO, Final

import psycopg

from onecloud.infra.blobs import Blobs
from onecloud.infra.durable import Durable
from onecloud.infra.http import Ground
from onecloud.infra.settings import Settings
from onecloud.kernel.errors import Conflict
from onecloud.runs.changes import Changes
from onecloud.runs.engine import Engine
from onecloud.runs.model import JOURNAL_FORMAT

LOCK: Final = 0x0C010002


class EngineLock:
    """Held while this process runs the engine: a file lock on SQLite, a session lock on PostgreSQL."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._file: IO[str] | None = None
        self._connection: psycopg.AsyncConnection[tuple[bool]] | None = None

    async def take(self) -> None:
        """Take the lock.

        Raises: Conflict when another process runs the engine on this database.
        """
        if self._settings.database_url:
            connection = await psycopg.AsyncConnection.connect(self._settings.database_url, autocommit=True)
            row = await (await connection.execute("select pg_try_advisory_lock(%s)", (LOCK,))).fetchone()
            if row is None or not row[0]:
                await connection.close()
                raise _taken("this database")
            self._connection = connection
            return
        path: Path = self._settings.data / "engine.lock"
        file = path.open("w")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            raise _taken(f"the data folder {self._settings.data}") from None
        self._file = file

    async def give_back(self) -> None:
        """Let another process have it."""
        if self._connection is not None:
            await self._connection.close()
        if self._file is not None:
            self._file.close()


def _taken(what: str) -> Conflict:
    return Conflict(
        "engine.already_running",
        f"Another OneCloud server runs chains on {what}. Stop that one first, or give this one its own data folder "
        "(--data) or database (ONECLOUD_DATABASE_URL).",
    )


@asynccontextmanager
async def embedded_engine(ground: Ground, blobs: Blobs, changes: Changes) -> AsyncGenerator[Engine]:
    """The engine, started; runs that were under way go on. Closed at the end, leaving runs to the next start.

    Raises: Conflict when another process runs the engine on this database.
    """
    lock = EngineLock(ground.settings)
    await lock.take()
    try:
        engine = Engine(ground, blobs, Durable(ground.settings, JOURNAL_FORMAT), changes)
        await engine.start()
        try:
            yield engine
        finally:
            await engine.close()
    finally:
        await lock.give_back()
