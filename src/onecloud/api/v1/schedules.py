"""Schedules as API v1 tells them; pure.

The contract knows repetitions only. A cron text that is one of them is told as one; every other is `cron`, with its
text in one more field and nothing in the fields that cannot say it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from onecloud.api.v1.shapes import ChainSchedule, CronProperties, ScheduleProperties, second_time
from onecloud.chains.parts.schedule import Every, ScheduleSpec, Weekday

RECURRING: Final = {"minute": "minutely", "hour": "hourly", "day": "daily", "week": "weekly", "month": "monthly"}
CRON_DAYS: Final[tuple[Weekday, ...]] = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
CRON_NAMES: Final = {day[:3].upper(): number for number, day in enumerate(CRON_DAYS)}


def schedules_of(specs: Sequence[ScheduleSpec], published_at: datetime) -> list[ChainSchedule]:
    """The schedules of a published chain; `published_at` is when one without a first day began."""
    return [_schedule(spec, published_at) for spec in specs]


def _schedule(spec: ScheduleSpec, published_at: datetime) -> ChainSchedule:
    zone = ZoneInfo(spec.zone)
    start = _midnight(spec.start_on, zone) if spec.start_on else published_at
    end = _midnight(spec.end_on, zone, 1) - timedelta(seconds=1) if spec.end_on else None
    plain = spec if spec.cron is None else _plain(spec, spec.cron)
    return ChainSchedule(
        enabled=spec.enabled,
        start_at=second_time(start),
        end_at=None if end is None else second_time(end),
        properties=_cron(spec) if plain is None else _properties(plain),
    )


def _properties(spec: ScheduleSpec) -> ScheduleProperties:
    at = time.fromisoformat(spec.at)
    stop = time.fromisoformat(spec.stop_at) if spec.stop_at else None
    return ScheduleProperties(
        days_of_month=list(spec.days_of_month),
        days_of_week=list(spec.days_of_week),
        recurring_interval=spec.interval,
        recurring_type=RECURRING[spec.every or "day"],
        run_at_hours=at.hour,
        run_at_minutes=at.minute,
        run_at_seconds=at.second,
        stop_at_hours=stop.hour if stop else None,
        stop_at_minutes=stop.minute if stop else None,
        zone=spec.zone,
    )


def _cron(spec: ScheduleSpec) -> CronProperties:
    return CronProperties(
        days_of_month=[],
        days_of_week=[],
        recurring_interval=None,
        recurring_type="cron",
        run_at_hours=None,
        run_at_minutes=None,
        run_at_seconds=None,
        stop_at_hours=None,
        stop_at_minutes=None,
        zone=spec.zone,
        cron=spec.cron or "",
    )


def _midnight(text: str, zone: ZoneInfo, days: int = 0) -> datetime:
    day = date.fromisoformat(text) + timedelta(days=days)
    return datetime.combine(day, time.min, zone).astimezone(UTC)


def _plain(spec: ScheduleSpec, text: str) -> ScheduleSpec | None:
    """The same schedule without cron, when it is one of the simple repetitions."""
    minute, hour, day, month, week = text.upper().split()
    if month != "*":
        return None
    if day == week == "*":
        return _within_a_day(spec, minute, hour)
    if not (minute.isdigit() and hour.isdigit()):
        return None
    at = f"{int(hour):02}:{int(minute):02}"
    if day == "*":
        weekdays = _weekdays(week)
        return _repeated(spec, "week", at, days_of_week=weekdays) if weekdays else None
    listed = day.split(",")
    if week == "*" and all(one.isdigit() or one == "L" for one in listed):
        return _repeated(spec, "month", at, days_of_month=["last" if d == "L" else str(int(d)) for d in listed])
    return None


def _within_a_day(spec: ScheduleSpec, minute: str, hour: str) -> ScheduleSpec | None:
    if minute.isdigit() and hour.isdigit():
        return _repeated(spec, "day", f"{int(hour):02}:{int(minute):02}")
    every, _, number = (minute if hour == "*" else hour).partition("/")
    size = int(number) if number.isdigit() else 1
    if every != "*" and not minute.isdigit():
        return None
    if hour == "*" and every == "*":
        return _repeated(spec, "minute", "00:00", size) if 60 % size == 0 else None
    if minute.isdigit() and (hour == "*" or every == "*"):
        size = 1 if hour == "*" else size
        return _repeated(spec, "hour", f"00:{int(minute):02}", size) if 24 % size == 0 else None
    return None


def _weekdays(text: str) -> list[Weekday]:
    """The days that a cron field lists one by one or as a span; none when it says more than that."""
    numbers: list[int] = []
    for part in text.split(","):
        ends = [CRON_NAMES.get(end, int(end) % 7 if end.isdigit() else -1) for end in part.split("-")]
        if len(ends) > 2 or -1 in ends or ends[-1] < ends[0]:
            return []
        numbers += range(ends[0], ends[-1] + 1)
    return [CRON_DAYS[number] for number in dict.fromkeys(numbers)]


def _repeated(
    spec: ScheduleSpec,
    every: Every,
    at: str,
    interval: int = 1,
    *,
    days_of_week: Sequence[Weekday] = (),
    days_of_month: Sequence[str] = (),
) -> ScheduleSpec:
    days = {"days_of_week": tuple(days_of_week), "days_of_month": tuple(days_of_month)}
    return replace(spec, cron=None, every=every, at=at, interval=interval, **days)
