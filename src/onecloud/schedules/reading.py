"""Reading the calendars that schedules name: before a claim, because no transaction waits for a file."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.infra.db import Database
from onecloud.schedules.calendars import BadCalendar, holidays_around
from onecloud.schedules.model import Holidays
from onecloud.schedules.store import fires as store
from onecloud.schedules.verdicts import NoCalendar


class Calendars(Protocol):
    """Where the texts of calendars come from."""

    async def __call__(self, db: AsyncSession, environment_id: int, name: str) -> str | None:
        """The text of the calendar of that name for chains of the environment; None when there is none."""
        ...


async def read_calendars(
    database: Database, calendars: Calendars, now: datetime, limit: int
) -> dict[tuple[int, str], Holidays | NoCalendar]:
    """The calendars that the next schedules to be claimed ask about, by environment and name."""
    async with database.reading() as db:
        wanted = await store.calendars_due(db, now, limit)
        return {(place, name): await read_calendar(db, calendars, place, name, now) for place, name in wanted}


async def read_calendar(
    db: AsyncSession, calendars: Calendars, environment_id: int, name: str, now: datetime
) -> Holidays | NoCalendar:
    """One calendar, or why it cannot be read."""
    text = await calendars(db, environment_id, name)
    if text is None:
        return NoCalendar(f"The workspace has no resource `{name}`, which is the schedule's calendar.")
    try:
        return await asyncio.to_thread(holidays_around, text, now)
    except BadCalendar as fault:
        return NoCalendar(f"The resource `{name}` is no calendar: {fault}")
