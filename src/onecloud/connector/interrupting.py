"""Interrupts a library call that cannot ask for itself whether its command was cancelled."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Final

from onecloud.connector.stoppable import Stop, Stopped

_EVERY_S: Final = 0.05


@contextmanager
def interrupting(stop: Stop, interrupt: Callable[[], object]) -> Generator[None]:
    """While the block runs, call `interrupt` from another thread once `stop` is set.

    The call is repeated until the block ends: a database forgets an interrupt that comes between two statements.
    A block that was stopped ends with Stopped, whatever error the library made of the interrupt.
    """
    done = threading.Event()

    def watch() -> None:
        while not done.wait(_EVERY_S):
            try:
                stop.check()
            except Stopped:
                interrupt()

    watcher = threading.Thread(target=watch, name="interrupting", daemon=True)
    watcher.start()
    try:
        yield
    except Exception as error:
        try:
            stop.check()
        except Stopped as stopped:
            raise stopped from error
        raise
    finally:
        done.set()
        watcher.join()
