"""What follows from the end of a run, written in the same transaction: its parent hears, and triggers find it."""

from __future__ import annotations

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.infra.db import database_time
from onecloud.runs.model import RunState
from onecloud.runs.tables import RunEndedRow, RunEventRow


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
