"""Who watches a run in this process is woken when something about it changed; nothing is stored here."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from contextlib import contextmanager


class Changes:
    """Wake-up calls by run id. Safe to notify from any thread once `bind` was called in the loop."""

    def __init__(self) -> None:
        self._watchers: dict[int, set[asyncio.Event]] = {}
        self._loop: asyncio.AbstractEventLoop | None = None

    def bind(self) -> None:
        """Remember the running loop."""
        self._loop = asyncio.get_running_loop()

    def notify(self, run_id: int) -> None:
        """Wake the run's watchers; from the loop's own thread."""
        for watcher in self._watchers.get(run_id, ()):
            watcher.set()

    def notify_from_anywhere(self, run_id: int) -> None:
        """The same from a command's thread; nothing is scheduled when nobody watches."""
        if run_id in self._watchers and self._loop is not None:
            self._loop.call_soon_threadsafe(self.notify, run_id)

    @contextmanager
    def watching(self, run_id: int) -> Generator[asyncio.Event]:
        """An event that is set at every change while the block lasts; the watcher clears it."""
        watcher = asyncio.Event()
        self._watchers.setdefault(run_id, set()).add(watcher)
        try:
            yield watcher
        finally:
            watchers = self._watchers[run_id]
            watchers.discard(watcher)
            if not watchers:
                del self._watchers[run_id]
