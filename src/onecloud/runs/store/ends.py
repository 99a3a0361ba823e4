"""What follows from the end of a run, written in the same transaction: its parent hears, and triggers find it.

An end that no turn wrote leaves a note that people are still to be told of it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.infra.db import database_time
from onecloud.runs.model import RunState
from onecloud.runs.tables import RunEndedRow, RunEventRow, RunUntoldRow

AT_ONCE: Final = 500


async def tell_end(db: AsyncSession, run_id: int, chain_id: int, state: RunState, parent_run_id: int | None) -> None:
    """Leave the news of a run's end where those who wait for it will find it."""
    await db.execute(insert(RunEndedRow).values(run_id=run_id, chain_id=chain_id, state=state.value))
    if parent_run_id is not None:
        payload = {"run_id": run_id}
        await db.execute(
            insert(RunEventRow).values(
                run_id=parent_run_id, kind="child_ended", payload=payload, created_at=database_time()
            )
        )


async def leave_untold(db: AsyncSession, run_id: int) -> None:
    """Note that this end is still to be told; whoever runs the engine does so."""
    await db.execute(insert(RunUntoldRow).values(run_id=run_id))


async def untold_ends(db: AsyncSession) -> list[int]:
    """Runs whose end is still to be told, the oldest first; so many at once."""
    return list((await db.execute(select(RunUntoldRow.run_id).order_by(RunUntoldRow.run_id).limit(AT_ONCE))).scalars())


async def is_untold(db: AsyncSession, run_id: int) -> bool:
    """Whether the run's end is still to be told."""
    return await db.get(RunUntoldRow, run_id) is not None


async def take_untold(db: AsyncSession, run_id: int) -> bool:
    """Take the note away, to tell in the same transaction; False when another process has done so."""
    query = delete(RunUntoldRow).where(RunUntoldRow.run_id == run_id).returning(RunUntoldRow.run_id)
    return await db.scalar(query) is not None


@dataclass(frozen=True, slots=True)
class Ended:
    """The news of a run's end; `id` numbers the news, not the run."""

    id: int
    run_id: int
    chain_id: int
    state: RunState


async def any_ended(db: AsyncSession) -> bool:
    """Whether there is news of an end that nobody has looked at."""
    return await db.scalar(select(RunEndedRow.id).limit(1)) is not None


async def claim_ended(db: AsyncSession, limit: int) -> list[Ended]:
    """The oldest news, locked until the transaction ends; what another process holds is left to it."""
    query = select(RunEndedRow.id, RunEndedRow.run_id, RunEndedRow.chain_id, RunEndedRow.state)
    rows = await db.execute(query.order_by(RunEndedRow.id).limit(limit).with_for_update(skip_locked=True))
    return [Ended(row.id, row.run_id, row.chain_id, RunState(row.state)) for row in rows]


async def forget_ended(db: AsyncSession, ids: Collection[int]) -> None:
    """Take news away that was dealt with."""
    await db.execute(delete(RunEndedRow).where(RunEndedRow.id.in_(ids)))
