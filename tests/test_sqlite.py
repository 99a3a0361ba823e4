"""The driver of SQLite's connections: locks, checkpoints, and who gets a connection first."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from sqlalchemy import text

from onecloud.infra import checkpoints, sqlite
from onecloud.infra.db import Database, async_url


@pytest.fixture
async def file_database(tmp_path: Path) -> AsyncGenerator[Database]:
    database = Database(async_url("", tmp_path))
    async with database.transaction() as db:
        await db.execute(text("create table things (id integer primary key, name text)"))
    yield database
    await database.close()


def _size(database: Database, suffix: str = "") -> int:
    return Path(f"{database.url.database}{suffix}").stat().st_size


async def _add(database: Database, rows: int, size: int = 10) -> None:
    async with database.transaction() as db:
        await db.execute(text("insert into things (name) values (:name)"), [{"name": "x" * size}] * rows)


async def _count(database: Database) -> int:
    async with database.reading() as db:
        return (await db.execute(text("select count(*) from things"))).scalar_one()


async def test_a_write_lock_that_another_process_has_is_waited_for_beside_the_loop(file_database: Database) -> None:
    other = sqlite3.connect(str(file_database.url.database), isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    threading.Timer(0.4, lambda: other.execute("ROLLBACK")).start()
    writing = asyncio.create_task(_add(file_database, 1))
    turns = 0
    while not writing.done():
        await asyncio.sleep(0.01)
        turns += 1
    await writing
    assert turns > 5, "the loop stood still while the lock was waited for"
    assert await _count(file_database) == 1
    other.close()


async def test_a_lock_that_is_never_given_back_is_an_error_and_nothing_is_written(
    file_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "BUSY_MS", 50)
    other = sqlite3.connect(str(file_database.url.database), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Exception, match="database is locked"):
        await _add(file_database, 1)
    other.execute("ROLLBACK")
    await _add(file_database, 2)
    assert await _count(file_database) == 2
    other.close()


async def test_what_was_committed_reaches_the_file_while_the_server_runs(file_database: Database) -> None:
    deadline = time.monotonic() + 20
    while _size(file_database) < 1_000_000 and time.monotonic() < deadline:
        await _add(file_database, 100, size=3000)
        await asyncio.sleep(0.01)
    assert _size(file_database) >= 1_000_000


async def test_a_log_that_readers_keep_alive_is_cut_once_they_pause(
    file_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoints, "LARGEST_LOG", 1_000_000)
    monkeypatch.setattr(checkpoints, "EVERY_ROWS", 100)
    async with file_database.snapshot() as db:  # the log's pages from here on may not leave it
        await db.execute(text("select count(*) from things"))
        await _add(file_database, 600, size=3000)
    assert _size(file_database, "-wal") > 1_000_000
    deadline = time.monotonic() + 20
    while _size(file_database, "-wal") > 1_000_000 and time.monotonic() < deadline:
        await _add(file_database, 150)
        await asyncio.sleep(0.05)
    assert _size(file_database, "-wal") <= 1_000_000


async def test_whoever_asks_first_for_a_connection_is_served_first(file_database: Database) -> None:
    """Nothing on SQLite's reading path waits, so one request after the other has its connection and gives it back."""
    served: list[int] = []

    async def read(place: int) -> None:
        async with file_database.reading() as db:
            await db.execute(text("select 1"))
        served.append(place)

    await read(-1)  # opening a connection waits
    await asyncio.gather(*(read(place) for place in range(40)))
    assert served == sorted(served)


async def test_a_cancelled_writer_gives_its_connection_back(file_database: Database) -> None:
    async def write_for_ever() -> None:
        async with file_database.transaction() as db:
            await db.execute(text("insert into things (name) values ('never')"))
            await asyncio.Event().wait()

    writing = asyncio.create_task(write_for_ever())
    await asyncio.sleep(0.05)
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    async with asyncio.timeout(5):
        await _add(file_database, 1)
    assert await _count(file_database) == 1
