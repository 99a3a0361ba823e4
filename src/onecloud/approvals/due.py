"""Lets time do its work: escalates approvals and ends uploads whose time is over.

Any number of servers may do this at once: each thing that is due is one short transaction under its row's lock, in
which it is looked at again. What one server leaves undone when it dies, any other does.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.approvals import actions, store
from onecloud.approvals.port import Settled
from onecloud.approvals.uploads import actions as uploads
from onecloud.approvals.uploads import receive
from onecloud.approvals.uploads import store as upload_store
from onecloud.infra.db import database_now
from onecloud.infra.http import Ground
from onecloud.infra.turning import at_work

log = structlog.get_logger()

POLL_S: Final = 10.0  # times are counted in days; what other processes open is found by looking
AT_ONCE: Final = 100


@asynccontextmanager
async def minding_due(ground: Ground, settled: Settled) -> AsyncGenerator[None]:
    """Let time do its work while the block lasts."""
    async with at_work(_work(ground, settled)):
        yield


async def _work(ground: Ground, settled: Settled) -> None:
    swept = False
    while True:
        try:
            if not swept:
                async with ground.database.reading() as db:
                    now = await database_now(db)
                await asyncio.to_thread(receive.sweep, ground.settings, now)
                swept = True
            await turn(ground, settled)
        except (SQLAlchemyError, OSError) as error:
            log.warning("due.turn_failed", reason=type(error).__name__)
        except Exception:
            log.exception("due.turn_failed")
        await asyncio.sleep(POLL_S)


async def turn(ground: Ground, settled: Settled) -> int:
    """Do what is due now; gives how many approvals and uploads changed. A fault of one does not hold up the others."""
    async with ground.database.reading() as db:
        now = await database_now(db)
        approvals = await store.due_ids(db, now, AT_ONCE)
        late = await upload_store.due_ids(db, now, AT_ONCE)
    changed = 0
    for number in approvals:
        changed += await _one(ground, "approval", number, _escalating(ground, settled, number))
    for number in late:
        changed += await _one(ground, "upload", number, _expiring(settled, number))
    return changed


def _escalating(ground: Ground, settled: Settled, number: int) -> Callable[[AsyncSession], Awaitable[bool]]:
    return lambda db: actions.escalate(db, ground, settled, number)


def _expiring(settled: Settled, number: int) -> Callable[[AsyncSession], Awaitable[bool]]:
    return lambda db: uploads.expire(db, settled, number)


async def _one(ground: Ground, kind: str, number: int, work: Callable[[AsyncSession], Awaitable[bool]]) -> bool:
    try:
        async with ground.database.transaction() as db:
            changed = await work(db)
    except (SQLAlchemyError, OSError):
        raise
    except Exception:
        log.exception("due.failed", kind=kind, id=number)
        return False
    if changed:
        log.info("due.done", kind=kind, id=number)
    return changed
