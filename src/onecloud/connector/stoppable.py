"""Blocking work in a thread that ends soon after its command is cancelled."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Concatenate, Final, ParamSpec, TypeVar

from onecloud.connector.context import Context

P = ParamSpec("P")
T = TypeVar("T")

# A cancelled command has two seconds; half of them are for the thread to notice.
GRACE_S: Final = 1.0


class Stopped(Exception):
    """Raised inside the thread by `Stop.check`, so that its `with` blocks and `finally`s clean up."""


class Stop:
    """How work in a thread learns that nobody waits for it any more; ask `check` at least every 100 ms."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def set(self) -> None:
        """From now on `check` raises."""
        self._event.set()

    def check(self) -> None:
        """Return at once, or raise Stopped when the command was cancelled."""
        if self._event.is_set():
            raise Stopped


async def stoppable(ctx: Context, work: Callable[Concatenate[Stop, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
    """The result of `work(stop, ...)`, run in a thread; a cancel sets `stop` and waits a second for the thread."""
    stop = Stop()
    task = asyncio.ensure_future(ctx.in_thread(work, stop, *args, **kwargs))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        stop.set()
        await asyncio.wait({task}, timeout=GRACE_S)
        # Its Stopped error is expected: look at it, so that asyncio does not call it lost.
        task.add_done_callback(lambda done: None if done.cancelled() else done.exception())
        raise
