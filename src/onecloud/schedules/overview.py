"""All schedules of an environment between two moments, day by day: what a calendar shows."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby, islice
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.chains import switches_store as chains
from onecloud.chains.parts.schedule import ScheduleSpec
from onecloud.infra.db import database_now
from onecloud.kernel.errors import Malformed
from onecloud.kernel.permission import Level
from onecloud.kernel.principal import Principal
from onecloud.schedules.model import Fire, Holidays, LeftOut, Occurrence
from onecloud.schedules.reading import Calendars, read_calendar
from onecloud.schedules.rules import TICK, occurrences
from onecloud.schedules.store import waiting as store
from onecloud.schedules.verdicts import NoCalendar, Waiting, read
from onecloud.workspaces import actions as workspaces
from onecloud.workspaces.permits import permit_environment, place_of

LONGEST: Final = timedelta(days=92)
MOST_TIMES: Final = 2000  # of one schedule; one of every minute passes it in less than two days
SHOWN_TIMES: Final = 24  # of one day


@dataclass(frozen=True, slots=True)
class Day:
    """One day of a schedule on its zone's calendar: how often it fires, the first times, or the holiday instead."""

    on: date
    count: int
    first: tuple[Fire, ...]
    holiday: str


@dataclass(frozen=True, slots=True)
class Planned:
    """A schedule with its days. `complete_until` is where the count stopped at its limit; None: it did not."""

    chain_id: int
    chain_name: str
    spec: ScheduleSpec
    fires: bool  # whether it is in force now: switched on, not paused, its chain not disabled
    calendar: str  # what is wrong with its calendar
    days: tuple[Day, ...]
    complete_until: datetime | None


def check_range(start: datetime, end: datetime) -> None:
    """Accept the two ends of a calendar.

    Raises: Malformed naming the limit.
    """
    if not timedelta(0) < end - start <= LONGEST:
        raise Malformed(
            "schedule.range", f"`to` must be later than `from`, by at most {LONGEST.days} days. Ask for a shorter time."
        )


async def overview_of(
    db: AsyncSession,
    caller: Principal,
    calendars: Calendars,
    environment_id: int,
    span: tuple[datetime, datetime],
    after_id: int,
    limit: int,
) -> tuple[list[Planned], int | None]:
    """A page of the schedules of an environment with their days, and the row that the next page starts behind.

    Raises: NotFound; Malformed for a time that is too long.
    """
    check_range(*span)
    await permit_environment(db, caller, Level.SEE, environment_id)
    await workspaces.get_environment(db, environment_id)
    place = await place_of(db, environment_id)
    stored = await store.of_environment(db, caller, place, after_id, limit + 1)
    page = stored[:limit]
    switches = await chains.switches(db, {one.chain_id for one in page})
    now = await database_now(db)
    planned: list[Planned] = []
    for one in page:
        if one.chain_id not in switches:
            continue
        spec = read(one.spec)
        holidays = None
        if spec.calendar is not None:
            holidays = await read_calendar(db, calendars, environment_id, spec.calendar, now)
        planned.append(await asyncio.to_thread(planned_of, one, switches[one.chain_id].name, spec, span, holidays))
    return planned, page[-1].id if len(stored) > limit else None


def planned_of(
    one: Waiting,
    chain_name: str,
    spec: ScheduleSpec,
    span: tuple[datetime, datetime],
    holidays: Holidays | NoCalendar | None,
) -> Planned:
    """A schedule's days; counting every time takes a while, so it is done in a thread."""
    start, end = span
    known = holidays if isinstance(holidays, Holidays) else None
    found = list(islice(_until(occurrences(spec, start - TICK, known), end), MOST_TIMES + 1))
    shown = found[:MOST_TIMES]
    return Planned(
        chain_id=one.chain_id,
        chain_name=chain_name,
        spec=spec,
        fires=one.next_at is not None,
        calendar=holidays.why if isinstance(holidays, NoCalendar) else "",
        days=tuple(_day(on, list(times)) for on, times in groupby(shown, lambda found: found.local.date())),
        complete_until=shown[-1].at if len(found) > MOST_TIMES else None,
    )


def _until(found: Iterator[Occurrence], end: datetime) -> Iterator[Occurrence]:
    for one in found:
        if one.at >= end:
            return
        yield one


def _day(on: date, found: list[Occurrence]) -> Day:
    times = [one for one in found if isinstance(one, Fire)]
    holiday = next((one.holiday for one in found if isinstance(one, LeftOut)), "")
    return Day(on, len(times), tuple(times[:SHOWN_TIMES]), holiday)
