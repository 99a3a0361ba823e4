"""The house of the engine tests, on both databases."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from onecloud.infra.blobs import Blobs
from onecloud.infra.http import Ground
from onecloud.runs.changes import Changes
from onecloud.worker.embedded import embedded_engine
from tests.runs.house import House, furnish


@pytest.fixture
async def house(ground: Ground) -> AsyncIterator[House]:
    """A furnished house with a running engine."""
    ground.settings.files_folder.mkdir(parents=True, exist_ok=True)
    caller, environment_id = await furnish(ground)
    blobs, changes = Blobs(ground.settings.blobs_folder), Changes()
    async with embedded_engine(ground, blobs, changes) as engine:
        yield House(ground, blobs, changes, engine, caller, environment_id)
