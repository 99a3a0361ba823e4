"""Room for runs: so many may be worked on at the same time, while those that only wait take no room."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Final


class Room:
    """The places of one process. `away` is how many runs are under way that wait for something and hold none."""

    def __init__(self, places: int) -> None:
        self.places: Final = places
        self.free: Final = asyncio.Semaphore(places)
        self.away = 0


@dataclass(slots=True)
class Place:
    """One run's place. Taking and giving back may be repeated; only the first counts."""

    room: Room
    taken: bool = False
    away: bool = False

    async def take(self) -> None:
        """Wait for a place, unless it is held already."""
        if not self.taken:
            await self.room.free.acquire()
            self.taken = True
            self._come()

    def give_back(self) -> None:
        """Let another run have the place, while this one waits."""
        if self.taken:
            self.taken = False
            self.away = True
            self.room.away += 1
            self.room.free.release()

    def leave(self) -> None:
        """The run is no longer under way here."""
        self.give_back()
        self._come()

    def _come(self) -> None:
        if self.away:
            self.away = False
            self.room.away -= 1


def in_hand(places: int, away: int) -> int:
    """How many runs of the queue may be under way, so that those which wait hold up nobody.

    In whole steps: it changes rarely, and the places are what really bounds the work.
    """
    return places * (1 + -(-away // places))
