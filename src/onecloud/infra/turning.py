"""Work that a server does again and again while it lives, whatever goes wrong in between."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, Final

import structlog
from sqlalchemy.exc import SQLAlchemyError

log = structlog.get_logger()

AFTER_FAULT_S: Final = 5.0


async def keep_turning(name: str, turn: Callable[[], Awaitable[float]]) -> None:
    """Do the turn for ever; each gives the seconds until the next. No fault ends it; faults are logged by the name."""
    event = f"{name}.turn_failed"
    while True:
        try:
            pause = await turn()
        except (SQLAlchemyError, OSError) as error:
            log.warning(event, reason=type(error).__name__)
            pause = AFTER_FAULT_S
        except Exception:
            log.exception(event)
            pause = AFTER_FAULT_S
        await asyncio.sleep(pause)


@asynccontextmanager
async def at_work(*work: Coroutine[Any, Any, None]) -> AsyncGenerator[None]:
    """Let all of this go on while the block lasts."""
    tasks = [asyncio.create_task(one) for one in work]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
