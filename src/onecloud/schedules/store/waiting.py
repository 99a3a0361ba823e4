"""Waiting schedules: derived from published versions, paused and resumed by people."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Any, Final, cast

from sqlalchemy import CursorResult, Table, bindparam, delete, func, insert, literal, select, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.access.store.permissions import readable_chains
from onecloud.chains.switches_store import Switch
from onecloud.infra.db import database_time
from onecloud.kernel.permission import Place
from onecloud.kernel.principal import Principal
from onecloud.schedules.model import Paused
from onecloud.schedules.tables import ScheduleChainRow, ScheduleStateRow
from onecloud.schedules.verdicts import Awaited, Waiting

_STATES: Final = cast(Table, ScheduleStateRow.__table__)
_CHAINS: Final = cast(Table, ScheduleChainRow.__table__)
_WAITING: Final[tuple[Any, ...]] = (
    ScheduleStateRow.id,
    ScheduleStateRow.chain_id,
    ScheduleStateRow.name,
    ScheduleStateRow.spec,
    ScheduleStateRow.next_at,
    ScheduleStateRow.paused_at.is_not(None),
)
NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)


async def last_seen(db: AsyncSession) -> datetime | None:
    """The newest change of a chain that was taken over; None before the first."""
    return await db.scalar(select(func.max(ScheduleChainRow.changed_at)))


async def derived_from(db: AsyncSession, chain_ids: Collection[int]) -> dict[int, tuple[int | None, bool]]:
    """The version and the switch that each chain's schedules were derived from."""
    query = select(ScheduleChainRow.chain_id, ScheduleChainRow.version_id, ScheduleChainRow.disabled)
    rows = await db.execute(query.where(ScheduleChainRow.chain_id.in_(chain_ids)))
    return {row[0]: (row[1], row[2]) for row in rows}


async def hold(db: AsyncSession, chain_ids: Sequence[int]) -> None:
    """Lock what was derived from these chains until the transaction ends, in one order for everybody."""
    on_postgres = db.get_bind().dialect.name == "postgresql"
    rows = [{"chain_id": i, "version_id": None, "disabled": False, "changed_at": NEVER} for i in sorted(chain_ids)]
    await db.execute((postgres_insert if on_postgres else sqlite_insert)(_CHAINS).on_conflict_do_nothing(), rows)
    query = select(ScheduleChainRow.chain_id).where(ScheduleChainRow.chain_id.in_(chain_ids))
    await db.execute(query.order_by(ScheduleChainRow.chain_id).with_for_update())


async def saw(db: AsyncSession, seen: Sequence[Switch]) -> None:
    """Remember what the schedules of these chains were derived from."""
    change = update(_CHAINS).where(_CHAINS.c.chain_id == bindparam("b_chain"))
    await db.execute(
        change.values(
            version_id=bindparam("b_version"), disabled=bindparam("b_disabled"), changed_at=bindparam("b_changed")
        ),
        [
            {"b_chain": s.chain_id, "b_version": s.version_id, "b_disabled": s.disabled, "b_changed": s.changed_at}
            for s in seen
        ],
    )


async def forget_chains(db: AsyncSession, chain_ids: Collection[int]) -> None:
    """Remove what was derived from chains that are gone."""
    await db.execute(delete(ScheduleStateRow).where(ScheduleStateRow.chain_id.in_(chain_ids)))
    await db.execute(delete(ScheduleChainRow).where(ScheduleChainRow.chain_id.in_(chain_ids)))


async def waiting_of(db: AsyncSession, chain_ids: Collection[int]) -> dict[int, dict[str, Waiting]]:
    """The stored schedules of these chains, by chain and name."""
    found: dict[int, dict[str, Waiting]] = {chain_id: {} for chain_id in chain_ids}
    for row in await db.execute(select(*_WAITING).where(ScheduleStateRow.chain_id.in_(chain_ids))):
        waiting = Waiting(*row)
        found[waiting.chain_id][waiting.name] = waiting
    return found


async def add(db: AsyncSession, new: Sequence[tuple[Switch, Awaited]]) -> None:
    """Store schedules that were not there."""
    rows = [
        {
            "chain_id": switch.chain_id,
            "environment_id": switch.environment_id,
            "name": awaited.name,
            "spec": awaited.spec,
            "calendar": awaited.calendar,
            "next_at": awaited.next_at,
            "counted_from": awaited.counted_from,
            "paused_by_name": "",
        }
        for switch, awaited in new
    ]
    await db.execute(insert(_STATES), rows)


async def change(db: AsyncSession, changed: Sequence[tuple[int, Awaited]]) -> None:
    """Store schedules that are different now."""
    await db.execute(
        update(_STATES)
        .where(_STATES.c.id == bindparam("b_id"))
        .values(
            spec=bindparam("b_spec"),
            calendar=bindparam("b_calendar"),
            next_at=bindparam("b_next"),
            counted_from=bindparam("b_from"),
        ),
        [
            {"b_id": i, "b_spec": a.spec, "b_calendar": a.calendar, "b_next": a.next_at, "b_from": a.counted_from}
            for i, a in changed
        ],
    )


async def remove(db: AsyncSession, ids: Collection[int]) -> None:
    """Forget schedules that are in no published version any more."""
    await db.execute(delete(ScheduleStateRow).where(ScheduleStateRow.id.in_(ids)))


async def pauses(db: AsyncSession, chain_ids: Collection[int]) -> dict[tuple[int, str], Paused]:
    """Which schedules of these chains are held back, by chain and name."""
    columns = (ScheduleStateRow.paused_at, ScheduleStateRow.paused_by, ScheduleStateRow.paused_by_name)
    query = select(ScheduleStateRow.chain_id, ScheduleStateRow.name, *columns)
    query = query.where(ScheduleStateRow.chain_id.in_(chain_ids), ScheduleStateRow.paused_at.is_not(None))
    return {(row[0], row[1]): _paused(row[2:]) for row in await db.execute(query)}


async def of_environment(
    db: AsyncSession, caller: Principal | None, place: Place, after_id: int, limit: int
) -> list[Waiting]:
    """The stored schedules of an environment's chains that the caller may read, by row, those behind `after_id`."""
    query = select(*_WAITING).where(
        ScheduleStateRow.environment_id == place.environment_id, ScheduleStateRow.id > after_id
    )
    readable = readable_chains(
        caller,
        workspace_id=literal(place.workspace_id),
        environment_id=ScheduleStateRow.environment_id,
        chain_id=ScheduleStateRow.chain_id,
    )
    if readable is not None:
        query = query.where(readable)
    return [Waiting(*row) for row in await db.execute(query.order_by(ScheduleStateRow.id).limit(limit))]


def _paused(columns: Sequence[Any]) -> Paused:
    at, by, by_name = columns
    return Paused(at, by, by_name)


async def pause(db: AsyncSession, state_id: int, by: int | None, by_name: str) -> bool:
    """Hold a schedule back; False when it is already."""
    query = update(ScheduleStateRow).where(ScheduleStateRow.id == state_id, ScheduleStateRow.paused_at.is_(None))
    values: dict[str, Any] = {"paused_at": database_time(), "paused_by": by, "paused_by_name": by_name}
    done = await db.execute(query.values(next_at=None, **values))
    return cast(CursorResult[Any], done).rowcount == 1


async def resume(db: AsyncSession, state_id: int, next_at: datetime | None, counted_from: datetime) -> None:
    """Let a schedule go on."""
    query = update(ScheduleStateRow).where(ScheduleStateRow.id == state_id)
    await db.execute(query.values(paused_at=None, paused_by=None, next_at=next_at, counted_from=counted_from))


async def looked_for(db: AsyncSession, after_id: int, limit: int) -> list[tuple[int, str, datetime, datetime]]:
    """Rows behind `after_id` that will fire: id, schedule, next moment, and the moment after which it was found."""
    columns: tuple[Any, ...] = (
        ScheduleStateRow.id,
        ScheduleStateRow.spec,
        ScheduleStateRow.next_at,
        ScheduleStateRow.counted_from,
    )
    query = select(*columns).where(ScheduleStateRow.id > after_id, ScheduleStateRow.next_at.is_not(None))
    return [
        (row[0], row[1], row[2], row[3]) for row in await db.execute(query.order_by(ScheduleStateRow.id).limit(limit))
    ]


async def correct(db: AsyncSession, rows: Sequence[tuple[int, datetime, datetime | None]]) -> None:
    """Replace next moments that were found wrong, where they are still the same: id, wrong, right."""
    await db.execute(
        update(_STATES)
        .where(_STATES.c.id == bindparam("b_id"), _STATES.c.next_at == bindparam("b_wrong"))
        .values(next_at=bindparam("b_right")),
        [{"b_id": row, "b_wrong": wrong, "b_right": right} for row, wrong, right in rows],
    )
