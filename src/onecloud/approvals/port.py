"""What the runs give to this room: a way to go on once people have answered."""

from __future__ import annotations

from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.approvals.model import Ask, Outcome


class Settled(Protocol):
    """Hears of every question that has been settled, within the transaction that settles it.

    It is called once for each ask, never for one that was cancelled. What it writes is committed or rolled back with
    the answer. It must not take a lock on the run that somebody holds who then cancels what the run asks.
    """

    async def settled(self, db: AsyncSession, asked: Ask, outcome: Outcome) -> None:
        """Let the run that asked go on."""
        ...
