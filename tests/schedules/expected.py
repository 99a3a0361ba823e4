"""Planned times by libraries that the product does not use for them: dateutil's rrule, and croniter."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Any, Final

import croniter as _croniter
from dateutil import rrule

from onecloud.chains.parts.schedule import ScheduleSpec
from onecloud.schedules.recurrence import WEEKDAYS

DAY: Final = timedelta(days=1)
croniter: Any = _croniter.croniter  # it carries no types
BY_DAY: Final = dict(zip(WEEKDAYS, (rrule.MO, rrule.TU, rrule.WE, rrule.TH, rrule.FR, rrule.SA, rrule.SU), strict=True))
FREQUENCY: Final[dict[str, Any]] = {  # its stubs want literals
    "minute": rrule.MINUTELY,
    "hour": rrule.HOURLY,
    "day": rrule.DAILY,
    "week": rrule.WEEKLY,
    "month": rrule.MONTHLY,
}


def walls(spec: ScheduleSpec, start: datetime, end: datetime) -> Iterator[datetime]:
    """The planned times of the schedule from `start` to `end` on the wall clock."""
    first = max(start, datetime.fromisoformat(spec.start_on)) if spec.start_on else start
    until = min(end, datetime.fromisoformat(spec.end_on) + timedelta(days=1, seconds=-1)) if spec.end_on else end
    if spec.cron is not None:
        found = croniter(spec.cron, first - timedelta(seconds=1)).all_next(datetime)
        while (wall := next(found)) <= until:
            yield wall
        return
    assert spec.every is not None
    at = time.fromisoformat(spec.at)
    months = [-1 if text == "last" else int(text) for text in spec.days_of_month]
    # Without a first day only repetitions that come out the same from any day are allowed.
    origin = datetime.fromisoformat(spec.start_on) if spec.start_on else datetime.combine(start, time.min) - DAY
    limits: dict[str, Any] = {
        "byweekday": [BY_DAY[day] for day in spec.days_of_week] or None,
        "bymonthday": months or None,
    }
    if spec.stop_at is not None:
        stop = time.fromisoformat(spec.stop_at)
        # A window that opened on the evening before may still be open.
        evening = datetime.combine(start, time.min) - DAY
        begin = max(origin, evening) if spec.start_on else evening
        for day in rrule.rrule(rrule.DAILY, begin, until=until, **limits):
            opened = datetime.combine(day, at)
            closed = datetime.combine(day, stop)
            closed += DAY if closed < opened else timedelta(0)
            yield from (
                wall
                for wall in rrule.rrule(FREQUENCY[spec.every], opened, interval=spec.interval, until=closed)
                if start <= wall <= end
            )
        return
    begin = datetime.combine(origin, at)
    if spec.every in {"minute", "hour"} and begin < start:  # rrule would count through all the time before
        step = spec.interval * timedelta(minutes=1 if spec.every == "minute" else 60)
        begin += (start - begin) // step * step
    rule = rrule.rrule(FREQUENCY[spec.every], begin, interval=spec.interval, until=until, **limits)
    yield from rule.between(start, until, inc=True)
