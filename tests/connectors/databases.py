"""Databases for the tests of the SQL commands: a SQLite file, and one on a real PostgreSQL server."""

from __future__ import annotations

import itertools
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from onecloud.connector.testing import Ended, FakeContext, run_command
from onecloud.connectors.sql import execute, load_file, query
from onecloud.connectors.sql.connection import SqlConnection

_numbers = itertools.count(1)


@dataclass(frozen=True)
class World:
    """A database of the test's own, a context connected to it, and a way to look into it from outside."""

    system: str
    ctx: FakeContext
    rows: Callable[[str], list[tuple[Any, ...]]]

    async def query(self, sql: str, **more: Any) -> Ended:
        return await run_command(query.COMMAND, self.ctx, {"sql": sql, **more})

    async def execute(self, sql: str, **more: Any) -> Ended:
        return await run_command(execute.COMMAND, self.ctx, {"sql": sql, **more})

    async def load(self, text: str, **more: Any) -> Ended:
        return await run_command(
            load_file.COMMAND, self.ctx, {"file": self.ctx.add_file("rows.csv", text), "table": "t", **more}
        )


def sqlite_world(root: Path) -> World:
    ctx = FakeContext(root, SqlConnection(system="sqlite", path="data.db"))

    def rows(sql: str) -> list[tuple[Any, ...]]:
        with sqlite3.connect(ctx.files / "data.db") as connection:
            found = connection.execute(sql).fetchall()
        connection.close()
        return found

    return World("sqlite", ctx, rows)


def postgres_world(root: Path, server: str) -> World:
    name = f"sql{next(_numbers)}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"'.encode())
    url = f"{server}/{name}".replace("postgres@", "postgres:s3cret@")

    def rows(sql: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(url) as connection:
            return connection.execute(sql.encode()).fetchall()

    return World("postgresql", FakeContext(root, SqlConnection.model_validate({"url": url})), rows)


def is_busy() -> bool:
    """Whether a statement runs that a cancel must interrupt."""
    return any(thread.name == "interrupting" for thread in threading.enumerate())
