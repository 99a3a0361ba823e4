"""Fixtures of the connectors' tests: a fake Context over a folder of the test's own, and a web service."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from onecloud.connector.testing import FakeContext
from tests.connectors.databases import World, postgres_world, sqlite_world
from tests.connectors.server import Service, running


@pytest.fixture
def ctx(tmp_path: Path) -> FakeContext:
    """A context without a connection."""
    return FakeContext(tmp_path)


@pytest.fixture
def service() -> Iterator[Service]:
    """A web service on loopback."""
    with running() as service:
        yield service


@pytest.fixture(params=["sqlite", "postgresql"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> World:
    if request.param == "sqlite":
        return sqlite_world(tmp_path)
    return postgres_world(tmp_path, request.getfixturevalue("postgres_url"))


@pytest.fixture
def postgres(postgres_url: str, tmp_path: Path) -> World:
    return postgres_world(tmp_path, postgres_url)


@pytest.fixture
def sqlite(tmp_path: Path) -> World:
    return sqlite_world(tmp_path)
