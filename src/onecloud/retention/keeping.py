"""The loop of one server that removes what is too old. Any number of servers may run it: one at a time removes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final

import structlog

from onecloud.infra.blobs import Blobs
from onecloud.infra.db import database_now
from onecloud.infra.http import Ground
from onecloud.infra.turning import at_work
from onecloud.kernel.errors import Conflict
from onecloud.retention import store
from onecloud.retention.work import Forget, remove_now

log = structlog.get_logger()

EVERY: Final = timedelta(hours=1)
AFTER_START_S: Final = 60.0  # a server that starts has other things to do
LOOK_S: Final = 300.0


@asynccontextmanager
async def retaining(ground: Ground, blobs: Blobs, forget: Forget) -> AsyncGenerator[None]:
    """Remove what is too old, once an hour, while the block lasts."""
    async with at_work(_work(ground, blobs, forget)):
        yield


async def _work(ground: Ground, blobs: Blobs, forget: Forget) -> None:
    await asyncio.sleep(AFTER_START_S)
    while True:
        try:
            if await is_due(ground):
                removed = await remove_now(ground, blobs, forget, "server")
                if removed.runs or removed.activity or removed.logins:
                    log.info("retention.removed", runs=removed.runs, activity=removed.activity, logins=removed.logins)
        except Conflict:  # another server is at it
            pass
        except Exception:
            log.exception("retention.failed")
        await asyncio.sleep(LOOK_S)


async def is_due(ground: Ground) -> bool:
    """Whether the last pass of any server is long enough ago."""
    async with ground.database.reading() as db:
        last = await store.last_ended_at(db)
        return last is None or await database_now(db) - last >= EVERY
