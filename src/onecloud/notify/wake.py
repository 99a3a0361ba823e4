"""Wakes the senders of this process when a letter was queued; nothing is stored here.

Other processes find the letter by looking; this only makes it quick where the letter was written.
"""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from contextlib import contextmanager

_sleepers: set[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = set()


@contextmanager
def listening() -> Generator[asyncio.Event]:
    """An event of the running loop that is set at every call of `rouse` while the block lasts."""
    sleeper = (asyncio.get_running_loop(), asyncio.Event())
    _sleepers.add(sleeper)
    try:
        yield sleeper[1]
    finally:
        _sleepers.discard(sleeper)


def rouse() -> None:
    """Wake every sender of this process; from any thread."""
    for loop, event in tuple(_sleepers):
        loop.call_soon_threadsafe(event.set)
