"""Start chains after others have ended: takes the news of each end away and fires the triggers that wait for it.

News, runs and records are one transaction: a process that dies in between leaves the news where it was, and what
another one holds is left to it. The fire's key is the run, so even news that came twice would start one run.
"""

from __future__ import annotations

from typing import Final

import structlog
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.chains import switches_store as chains
from onecloud.infra.db import Database
from onecloud.kernel.jsonvalue import Json
from onecloud.runs import store as runs
from onecloud.runs.records import RunRecord
from onecloud.runs.store.ends import any_ended, claim_ended, forget_ended
from onecloud.triggers.firing import Firing, fire
from onecloud.triggers.model import Happened, completed_of
from onecloud.triggers.rules import MOST_DEPTH, not_for
from onecloud.triggers.store import fires, kept

log = structlog.get_logger()

BATCH: Final = 100  # ends in one transaction: short enough for whoever waits to write
FAILED: Final = "trigger.failed"


async def follow_all(database: Database, firing: Firing) -> int:
    """Deal with all news that there is; gives how many ends there were."""
    count = 0
    async with database.reading() as db:
        there = await any_ended(db)
    while there:
        done = await _batch(database, firing)
        count += done
        there = done == BATCH
    return count


async def _batch(database: Database, firing: Firing) -> int:
    try:
        async with database.transaction() as db:
            return await follow(db, firing, BATCH)
    except (OperationalError, InterfaceError, OSError):  # the database is away, or two transactions were in a knot
        raise
    except Exception:
        log.exception("triggers.batch_failed")
        return await _singly(database, firing)


async def _singly(database: Database, firing: Firing) -> int:
    """One end by itself after a fault in a batch; the one whose fault it was is given up."""
    for count in range(BATCH):
        try:
            async with database.transaction() as db:
                done = await follow(db, firing, 1)
        except (OperationalError, InterfaceError, OSError):
            raise
        except Exception as error:
            log.exception("triggers.follow_failed")
            async with database.transaction() as db:
                await _give_up(db, f"The run could not be started ({type(error).__name__}). See the server's log.")
            done = 1
        if done == 0:
            return count
    return BATCH


async def follow(db: AsyncSession, firing: Firing, limit: int) -> int:
    """Deal with at most so many ends; gives how many there were."""
    news = await claim_ended(db, limit)
    if not news:
        return 0
    waiting = await kept.waiting_for(db, {one.chain_id for one in news})
    ends = {one.run_id: one for one in news}
    seen: dict[int, tuple[RunRecord, int, str]] = {}
    for trigger in waiting:
        completed = completed_of(trigger.document)
        if completed is None:
            continue
        for end in ends.values():
            if end.chain_id != int(completed.chain_id):
                continue
            if end.run_id not in seen:
                run = await runs.run(db, end.run_id)
                if run is None:
                    continue
                name = (await chains.switches(db, [run.chain_id]))[run.chain_id].name
                seen[end.run_id] = run, await depth_after(db, run), name
            run, depth, name = seen[end.run_id]
            happened = Happened(f"run:{run.id}", f"run {run.id} of {name}", facts_of(run, name), depth)
            await fire(db, firing, trigger, happened, skip=not_for(completed, end.state.value, depth))
    await forget_ended(db, [one.id for one in news])
    return len(news)


def facts_of(run: RunRecord, chain_name: str) -> dict[str, Json]:
    """What a trigger knows of a run that ended; outputs are as people may see them."""
    return {
        "outputs": dict(run.outputs or {}),
        "run_id": str(run.id),
        "state": run.state.value,
        "result_text": run.result_text,
        "chain_id": str(run.chain_id),
        "chain_name": chain_name,
    }


async def depth_after(db: AsyncSession, run: RunRecord) -> int:
    """How many triggers started each other up to one that this run's end fires, through Run Chain events too."""
    current: RunRecord | None = run
    for _ in range(MOST_DEPTH + 1):
        if current is None:
            break
        record = await fires.fire_of_run(db, current.id)
        if record is not None:
            return record.depth + 1
        current = None if current.parent_run_id is None else await runs.run(db, current.parent_run_id)
    return 1


async def _give_up(db: AsyncSession, why: str) -> None:
    for one in await claim_ended(db, 1):
        for trigger in await kept.waiting_for(db, [one.chain_id]):
            fire_id = await fires.open_fire(db, trigger.id, Happened(f"run:{one.run_id}", f"run {one.run_id}", {}))
            if fire_id is not None:
                await fires.close_fire(db, fire_id, reason=FAILED, detail=why)
        await forget_ended(db, [one.id])
