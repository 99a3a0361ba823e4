"""Fixtures of the connectors' tests: a fake Context over a folder of the test's own, and a web service."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from onecloud.connector.testing import FakeContext
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
