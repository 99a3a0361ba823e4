"""Writes the turns of all runs of this process: whatever waits at one moment goes into one transaction.

A thousand runs at once cost dozens of commits this way, not thousands; a lone run waits for nobody.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, TypeAlias

import structlog
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.infra.http import Ground
from onecloud.notify.actions import tell
from onecloud.runs import store
from onecloud.runs.asking import stop_asking, stop_asking_for
from onecloud.runs.model import ENDED_STATES, CancelNode, ShowRun
from onecloud.runs.records import RunRecord, TurnWrite

log = structlog.get_logger()

BATCH: Final = 200  # turns in one transaction; more would make readers of the newest state wait
TRIES: Final = 6


@dataclass(slots=True)
class _TakeUp:
    run_id: int
    done: asyncio.Future[RunRecord | None]


@dataclass(slots=True)
class _Turn:
    write: TurnWrite
    done: asyncio.Future[bool]


_Order: TypeAlias = _TakeUp | _Turn


class Recorder:
    """One writer task; callers wait until their turn is committed."""

    def __init__(self, ground: Ground, stopped: Callable[[int], None]) -> None:
        self._ground = ground
        self._database = ground.database
        self._stopped = stopped  # told of every run that was stopped along with what another one did
        self._orders: asyncio.Queue[_Order] = asyncio.Queue()

    async def take_up(self, run_id: int) -> RunRecord | None:
        """Take a run up in this process; None when it has ended."""
        order = _TakeUp(run_id, asyncio.get_running_loop().create_future())
        self._orders.put_nowait(order)
        return await order.done

    async def write(self, write: TurnWrite) -> bool:
        """Write a turn; False (and nothing written) when the run has ended or another process has it.

        Raises: OperationalError when the database stayed out of reach.
        """
        order = _Turn(write, asyncio.get_running_loop().create_future())
        self._orders.put_nowait(order)
        return await order.done

    async def work(self) -> None:
        """Write until cancelled."""
        while True:
            orders = [await self._orders.get()]
            while len(orders) < BATCH and not self._orders.empty():
                orders.append(self._orders.get_nowait())
            try:
                await self._commit(orders)
            except Exception as error:  # noqa: BLE001 - handed to whoever waits for it
                for order in orders:
                    if not order.done.done():
                        order.done.set_exception(error)

    async def _commit(self, orders: list[_Order]) -> None:
        turns = [order for order in orders if isinstance(order, _Turn)]
        new = [order for order in orders if isinstance(order, _TakeUp)]
        taken: dict[int, RunRecord] = {}
        held: set[int] = set()
        for attempt in range(1, TRIES + 1):
            try:
                async with self._database.transaction() as db:
                    taken = await store.take_up(db, [order.run_id for order in new]) if new else {}
                    fences = {order.write.run.id: order.write.run.fence for order in turns}
                    held = await store.held(db, fences) if turns else set[int]()
                    mine = [order.write for order in turns if order.write.run.id in held]
                    stopped = await store.record(db, mine, datetime.now(UTC)) if mine else []
                    for write in mine:
                        await _take_questions_back(db, write)
                        for told in write.told:
                            keys, address = self._ground.keys, self._ground.settings.public_url
                            await tell(db, keys, address, told.happening, told.notices, told.occasion)
                for run_id in stopped:
                    self._stopped(run_id)
                break
            except OperationalError:
                if attempt == TRIES:
                    raise
                log.warning("run.write_retried", attempt=attempt, turns=len(turns))
                await asyncio.sleep(0.1 * 2**attempt)
        for order in new:
            if not order.done.done():
                order.done.set_result(taken.get(order.run_id))
        for order in turns:
            if not order.done.done():
                order.done.set_result(order.write.run.id in held)


async def _take_questions_back(db: AsyncSession, write: TurnWrite) -> None:
    """Ask nobody any more for what a run has given up: it ended, or cancelled the attempt that asked."""
    if not write.asks:
        return
    for effect in write.effects:
        match effect:
            case CancelNode(unit, attempt):
                await stop_asking_for(db, write.run.id, unit, attempt)
            case ShowRun(state) if state in ENDED_STATES:
                await stop_asking(db, write.run.id)
            case _:
                pass
    for outcome in write.outcomes:  # a timeout; a question that was answered is settled and stays as it is
        await stop_asking_for(db, write.run.id, outcome.unit, outcome.attempt)
