"""How many runs ended, and how."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.notify.model import RunCounts
from onecloud.runs.model import RunState
from onecloud.runs.tables import ChainRunRow


async def ended_between(db: AsyncSession, environment_id: int, start: datetime, end: datetime) -> RunCounts:
    """How the runs of an environment ended that did so from `start` on and before `end`."""
    query = (
        select(ChainRunRow.state, func.count())
        .where(ChainRunRow.environment_id == environment_id, ChainRunRow.ended_at >= start, ChainRunRow.ended_at < end)
        .group_by(ChainRunRow.state)
    )
    found = {row[0]: row[1] for row in await db.execute(query)}
    return RunCounts(
        succeeded=found.get(RunState.ALL_SUCCEEDED.value, 0),
        warned=found.get(RunState.WARNED.value, 0),
        errored=found.get(RunState.ERRORED.value, 0),
        stopped=found.get(RunState.STOPPED.value, 0),
    )
