"""Fixtures that every room's tests share: both databases, an empty schema in each, and the ground."""

from __future__ import annotations

import importlib
import importlib.util
import itertools
import pkgutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import hypothesis
import psycopg
import pytest
from psycopg.sql import SQL, Identifier

import onecloud
from onecloud.infra.crypto import Keyring
from onecloud.infra.db import Base, Database, async_url
from onecloud.infra.http import Ground
from onecloud.infra.settings import Settings
from tests.postgres import postgres_server

_numbers = itertools.count(1)
# No deadline for an example: a busy machine is no fault of the code.
hypothesis.settings.register_profile("steady", deadline=None)
hypothesis.settings.register_profile("quick", max_examples=20, deadline=None)  # for `make quick`
hypothesis.settings.load_profile("steady")


def load_tables() -> None:
    """Import every room's tables, so that the metadata is whole."""
    for module in pkgutil.iter_modules(onecloud.__path__):
        if module.ispkg and importlib.util.find_spec(f"onecloud.{module.name}.tables"):
            importlib.import_module(f"onecloud.{module.name}.tables")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark as slow what needs a PostgreSQL server, other processes or a browser: `make quick` leaves it out."""
    for item in items:
        fixtures: list[str] = getattr(item, "fixturenames", [])
        if "postgresql" in item.name or "postgres_url" in fixtures or "/e2e/" in item.path.as_posix():
            item.add_marker("slow")
        if "database_url" in fixtures:
            item.add_marker("database")


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """Address of a real PostgreSQL server that lives as long as the test run."""
    with postgres_server() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The setting `database_url` for each database in turn: empty for SQLite, a fresh database on PostgreSQL."""
    if request.param == "sqlite":
        return ""
    server: str = request.getfixturevalue("postgres_url")
    name = f"t{next(_numbers)}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
    return f"{server}/{name}"


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    """Settings of a test's own data folder and database."""
    return Settings(data=tmp_path / "data", database_url=database_url)


@pytest.fixture
async def database(settings: Settings) -> AsyncIterator[Database]:
    """The application database with every table, empty; on SQLite and on PostgreSQL."""
    load_tables()
    settings.data.mkdir(parents=True, exist_ok=True)
    database = Database(async_url(settings.database_url, settings.data))
    async with database.writer.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    yield database
    await database.close()


@pytest.fixture
def ground(settings: Settings, database: Database) -> Ground:
    """The ground floor over the test's database, with a fixed key."""
    return Ground(settings=settings, database=database, keys=Keyring((b"\x01" * 32,)))
