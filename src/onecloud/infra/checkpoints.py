"""Moves committed pages from SQLite's write-ahead log into the database file, beside the work.

SQLite would do it within whichever commit fills the log's thousandth page: that commit waits for the disk, and so
would the event loop. Here a thread of its own does it, and a commit is one append.
Source: https://www.sqlite.org/wal.html 3.2 (application-initiated checkpoints).
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

EVERY_ROWS: Final = 1_000  # about as many pages as SQLite's own checkpoints wait for
LARGEST_LOG: Final = 16 * 1024 * 1024  # bytes; readers and writers that never pause would let the log grow without end
WAIT_MS: Final = 2_000  # how long the log's start may be waited for then


class Checkpoints:
    """The checkpoints of one database file."""

    def __init__(self, database: str) -> None:
        self._database = database
        self._rows = 0
        self._under_way = threading.Event()
        self._thread = ThreadPoolExecutor(1, "checkpoint")

    def prepare(self, connection: sqlite3.Connection) -> None:
        """Let a writing connection leave checkpoints to this."""
        connection.execute("PRAGMA wal_autocheckpoint=0")

    def committed(self, rows: int) -> None:
        """Take note of a commit; called by the writer, and never waits."""
        self._rows += rows + 1
        if self._rows >= EVERY_ROWS and not self._under_way.is_set():
            self._rows = 0
            self._under_way.set()
            self._thread.submit(self._checkpoint)

    def _checkpoint(self) -> None:
        # What could not be done now is done by the next one: nothing is lost, the log is only longer.
        try:
            with contextlib.suppress(sqlite3.Error), contextlib.closing(sqlite3.connect(self._database)) as connection:
                connection.execute("PRAGMA synchronous=NORMAL")
                connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
                log = Path(f"{self._database}-wal")
                if log.exists() and log.stat().st_size > LARGEST_LOG:
                    connection.execute(f"PRAGMA busy_timeout={WAIT_MS}")
                    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            self._under_way.clear()

    def close(self) -> None:
        """Wait for the one under way."""
        self._thread.shutdown()
