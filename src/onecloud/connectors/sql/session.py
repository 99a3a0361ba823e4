"""One transaction on the connection's database, for one command: interrupted by a cancel, closed at the end."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

import psycopg
from sqlalchemy import Connection, create_engine, event
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from onecloud.connector import CommandFailed, Context, Stop
from onecloud.connector.interrupting import interrupting
from onecloud.connectors.sql.connection import Postgres, Sqlite, target
from onecloud.connectors.sql.faults import CONNECT, explained

# How long a writer waits for another one of the same SQLite file; looked at often enough for a cancel.
LOCK_WAIT_S: Final = 30.0
_LOCK_LOOK_S: Final = 0.1
_BUSY_MS: Final = 1000
_CANCEL_WAIT_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class SqliteFile:
    """A SQLite database by its checked path."""

    path: Path
    create: bool


Place: TypeAlias = Postgres | SqliteFile


def place(ctx: Context) -> Place:
    """The database of the command's connection, a path checked against the folders that commands may use.

    Raises: CommandFailed (exit code 1).
    """
    found = target(ctx)
    return SqliteFile(ctx.folder_path(found.path), found.create) if isinstance(found, Sqlite) else found


@contextmanager
def transaction(stop: Stop, where: Place, *, reads_only: bool = False) -> Generator[Connection]:
    """A connection in a transaction that is committed when the block ends well. Blocks.

    Raises: CommandFailed with the database's reason; Stopped.
    """
    stop.check()
    engine = _postgres(where) if isinstance(where, Postgres) else _sqlite(stop, where, reads_only=reads_only)
    try:
        with engine.connect().execution_options(**_options(where, reads_only=reads_only)) as connection:
            raw: Any = connection.connection.driver_connection
            interrupt: Callable[[], object] = raw.interrupt if isinstance(where, SqliteFile) else lambda: _cancel(raw)
            with interrupting(stop, interrupt), connection.begin():
                yield connection
                stop.check()  # nobody waits for the result any more: do not commit it
    except (SQLAlchemyError, psycopg.Error, sqlite3.Error) as error:
        raise explained(error) from error
    finally:
        engine.dispose()


def _options(where: Place, *, reads_only: bool) -> dict[str, Any]:
    return {"postgresql_readonly": True} if reads_only and isinstance(where, Postgres) else {}


def _postgres(where: Postgres) -> Any:
    def connect() -> psycopg.Connection:
        return psycopg.connect(**{"application_name": "onecloud", **where.parameters})  # pyright: ignore[reportArgumentType] - libpq's parameters by name

    return create_engine("postgresql+psycopg://", creator=connect, poolclass=NullPool)


def _cancel(raw: psycopg.Connection) -> None:
    try:
        raw.cancel_safe(timeout=_CANCEL_WAIT_S)
    except psycopg.Error:  # the server did not listen; the next beat asks again
        return


def _sqlite(stop: Stop, where: SqliteFile, *, reads_only: bool) -> Any:
    if not where.path.exists() and (reads_only or not where.create):
        raise CommandFailed(CONNECT, f"There is no database file {where.path.name!r}.", retryable=False)
    where.path.parent.mkdir(parents=True, exist_ok=True)

    def connect() -> sqlite3.Connection:
        raw = sqlite3.connect(where.path, timeout=_LOCK_LOOK_S, isolation_level=None, check_same_thread=False)
        raw.execute("PRAGMA foreign_keys = ON")
        if reads_only:
            raw.execute("PRAGMA query_only = ON")
        raw.set_authorizer(_may)
        return raw

    def begin(connection: Connection) -> None:
        raw: Any = connection.connection.driver_connection
        deadline = time.monotonic() + LOCK_WAIT_S
        while True:
            try:
                raw.execute("BEGIN" if reads_only else "BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                    raise
                stop.check()
            else:
                raw.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")
                return

    engine = create_engine("sqlite://", creator=connect, poolclass=NullPool)
    event.listen(engine, "begin", begin)
    return engine


def _may(action: int, first: str | None, *_: object) -> int:
    """SQLite's own guard: no other file by ATTACH or VACUUM INTO, and no switch that opens the schema."""
    if action in {sqlite3.SQLITE_ATTACH, sqlite3.SQLITE_DETACH}:
        return sqlite3.SQLITE_DENY
    guarded = {"query_only", "writable_schema", "temp_store_directory", "data_store_directory", "trusted_schema"}
    if action == sqlite3.SQLITE_PRAGMA and (first or "").lower() in guarded:
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK
