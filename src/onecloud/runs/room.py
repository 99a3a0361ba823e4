"""Room for runs: so many may be worked on at the same time, while those that only wait take no room."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass


@dataclass(slots=True)
class Place:
    """One run's place. Taking and giving back may be repeated; only the first counts."""

    room: asyncio.Semaphore
    taken: bool = False

    async def take(self) -> None:
        """Wait for a place, unless it is held already."""
        if not self.taken:
            await self.room.acquire()
            self.taken = True

    def give_back(self) -> None:
        """Let another run have the place."""
        if self.taken:
            self.taken = False
            self.room.release()
