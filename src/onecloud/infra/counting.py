"""Counting requests in this process's memory, for every limit that there is."""

from __future__ import annotations

import math
import time
from threading import Thread
from typing import Final

from limits.storage import MemoryStorage

FORGET_EVERY_S: Final = 1.0


class _Resting:
    """The library's thread that forgets old requests: it starts one a hundred times a second, and waits for each."""

    def __init__(self, thread: Thread) -> None:
        self._thread = thread
        self._until = math.inf

    def start(self) -> None:
        """Begin, and rest afterwards."""
        self._until = time.monotonic() + FORGET_EVERY_S
        self._thread.start()

    def is_alive(self) -> bool:
        """Whether another one is not needed yet."""
        return time.monotonic() < self._until


class QuietMemory(MemoryStorage):
    """The library's storage of one process, which tidies up once a second at most."""

    def __setattr__(self, name: str, value: object) -> None:
        """Let the tidying thread rest between two times."""
        super().__setattr__(name, _Resting(value) if name == "timer" and isinstance(value, Thread) else value)


def memory() -> MemoryStorage:
    """The storage of one process."""
    return QuietMemory(wrap_exceptions=True)


def seconds_until(reset_at: float) -> int:
    """Whole seconds until a moment of the limiter's clock, one at least."""
    return max(1, math.ceil(reset_at - time.time()))
