"""SQLite for the event loop without a trip to a thread for every call.

The usual driver sends each of cursor, execute, fetch and close through a queue to a thread: four trips a statement,
each waiting for the interpreter's lock. A statement on a local file takes tens of microseconds, so it runs here at
once. Only what waits for the disk or for another process goes to a thread: a write lock that somebody has, the commit
of many rows, and moving what was committed from the log into the file (`Checkpoints`).

It offers just what SQLAlchemy's asyncio dialect asks of a driver's connection and cursor.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, Self, TypeVar

from onecloud.infra.checkpoints import Checkpoints

T = TypeVar("T")

BEGIN: Final = "BEGIN IMMEDIATE"
WAITS: Final = ("COMMIT", "PRAGMA journal_mode")  # statements that may wait for a lock or for the disk
BUSY_MS: Final = 15_000  # how long a statement waits for another connection's lock
MANY_ROWS: Final = 500  # a transaction that changed more is committed in a thread


class Cursor:
    """One statement's cursor."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._cursor: sqlite3.Cursor | None = None

    async def __aenter__(self) -> Self:
        self._cursor = self._connection.driver.cursor()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    @property
    def driver(self) -> sqlite3.Cursor:
        """The cursor of the standard library."""
        assert self._cursor is not None
        return self._cursor

    @property
    def description(self) -> Any:
        """Columns of the result, or None."""
        return self.driver.description

    @property
    def rowcount(self) -> int:
        """Rows that the statement changed; -1 when that has no meaning."""
        return self.driver.rowcount

    @property
    def lastrowid(self) -> int | None:
        """Number of the row that was inserted last."""
        return self.driver.lastrowid

    @property
    def arraysize(self) -> int:
        """Rows that one fetch gives unless told otherwise."""
        return self.driver.arraysize

    @arraysize.setter
    def arraysize(self, value: int) -> None:
        self.driver.arraysize = value

    async def execute(self, statement: str, parameters: Any = ()) -> Cursor:
        """Run a statement."""
        if statement == BEGIN:
            await self._connection.begin()
        elif statement.startswith(WAITS):
            await self._connection.elsewhere(lambda: self.driver.execute(statement, parameters))
        else:
            self.driver.execute(statement, parameters)
        return self

    async def executemany(self, statement: str, parameters: Iterable[Any]) -> Cursor:
        """Run a statement once for each set of parameters."""
        self.driver.executemany(statement, parameters)
        return self

    async def fetchall(self) -> list[Any]:
        """Every row that is left."""
        return self.driver.fetchall()

    async def fetchone(self) -> Any:
        """The next row, or None."""
        return self.driver.fetchone()

    async def fetchmany(self, size: int | None = None) -> list[Any]:
        """The next rows."""
        return self.driver.fetchmany(self.arraysize if size is None else size)

    async def close(self) -> None:
        """Let the statement go."""
        if self._cursor is not None:
            self._cursor.close()


class _Now:
    """Takes what the dialect would put into the usual driver's queue, and does it at once."""

    def put_nowait(self, order: tuple[asyncio.Future[Any], Callable[[], Any]]) -> None:
        future, work = order
        future.set_result(work())


class Connection:
    """One connection; used by one task at a time, as every connection of a pool is."""

    def __init__(self, database: str, checkpoints: Checkpoints | None) -> None:
        self.driver: sqlite3.Connection = sqlite3.connect(database, check_same_thread=False, isolation_level=None)
        self._checkpoints = checkpoints
        if checkpoints is not None:
            checkpoints.prepare(self.driver)
        self._changes = 0
        self._threads = ThreadPoolExecutor(1, "sqlite")
        self._tx = _Now()

    @property
    def _conn(self) -> sqlite3.Connection:
        return self.driver

    @property
    def _connection(self) -> sqlite3.Connection:
        return self.driver

    @property
    def isolation_level(self) -> str | None:
        """None: transactions begin when we say so."""
        return self.driver.isolation_level

    async def elsewhere(self, work: Callable[[], T]) -> T:
        """Run what may wait in the connection's own thread.

        A cancel waits for the work: a connection must not be used again, nor a lock be left, behind its back.
        """
        running = asyncio.get_running_loop().run_in_executor(self._threads, work)
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            await asyncio.wait([running])
            raise

    def cursor(self) -> Cursor:
        """A new cursor."""
        return Cursor(self)

    async def begin(self) -> None:
        """Take the write lock: at once when it is free, else by waiting for it in the thread.

        Raises: sqlite3.OperationalError when another process keeps it for too long.
        """
        self._changes = self.driver.total_changes
        self.driver.execute("PRAGMA busy_timeout=0")
        try:
            self.driver.execute(BEGIN)
        except sqlite3.OperationalError:
            await self.elsewhere(self._wait_to_begin)
        finally:
            self.driver.execute(f"PRAGMA busy_timeout={BUSY_MS}")

    def _wait_to_begin(self) -> None:
        self.driver.execute(f"PRAGMA busy_timeout={BUSY_MS}")
        self.driver.execute(BEGIN)

    async def commit(self) -> None:
        """Make the transaction last. With `Checkpoints` that only appends to the log, a matter of microseconds."""
        if not self.driver.in_transaction:
            return
        changed = self.driver.total_changes - self._changes
        if self._checkpoints is None or changed > MANY_ROWS:
            await self.elsewhere(self.driver.commit)
        else:
            self.driver.commit()
        if self._checkpoints is not None:
            self._checkpoints.committed(changed)

    async def rollback(self) -> None:
        """Undo the transaction."""
        if self.driver.in_transaction:
            self.driver.rollback()

    async def create_function(self, *arguments: Any, **options: Any) -> None:
        """Add an SQL function."""
        self.driver.create_function(*arguments, **options)

    async def close(self) -> None:
        """Give the file back."""
        self.stop()

    def stop(self) -> None:
        """The same without waiting."""
        self.driver.close()
        self._threads.shutdown(wait=False)


async def connect(database: str, checkpoints: Checkpoints | None = None) -> Connection:
    """Open a database file; whoever writes to it brings the checkpoints of its log."""
    return Connection(database, checkpoints)
