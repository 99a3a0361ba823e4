"""The house in which chains are made, edited and moved, on both databases."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from onecloud.infra.http import Ground
from tests.chains.life import Life, lived


@pytest.fixture
async def life(ground: Ground) -> AsyncIterator[Life]:
    """Routes over a furnished house."""
    async with lived(ground) as life:
        yield life
