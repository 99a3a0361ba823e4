"""Schedules of a chain: each must say one repetition that can happen, in a zone that there is, for inputs that fit."""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterator
from datetime import date, datetime
from functools import cache
from typing import Final

from cronsim import CronSim, CronSimError

from onecloud.chains.check.model import Surroundings
from onecloud.chains.model import Definition, RuntimeInput
from onecloud.chains.parts.schedule import ScheduleSpec
from onecloud.chains.rules import NotThatType, input_value
from onecloud.kernel.errors import Problem
from onecloud.variables.rules import near

DAY_MINUTES: Final = 24 * 60
WEEK: Final = 7
LONGEST_MONTH: Final = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
CRON_FIELDS: Final = "minute, hour, day of month, month, day of week"
# Which field means something with which unit; cron says everything by itself.
MEANS: Final[dict[str, frozenset[str]]] = {
    "minute": frozenset({"interval", "at", "stop_at", "days_of_week", "days_of_month"}),
    "hour": frozenset({"interval", "at", "stop_at", "days_of_week", "days_of_month"}),
    "day": frozenset({"interval", "at", "days_of_week"}),
    "week": frozenset({"interval", "at", "days_of_week"}),
    "month": frozenset({"interval", "at", "days_of_month"}),
    "cron": frozenset(),
}
INSTEAD: Final = {
    "days_of_week": "Remove it; for weekdays of a month use `cron`, such as `0 6 * * MON#1`.",
    "days_of_month": "Remove it, or use `every: month`.",
    "stop_at": "Remove it, or use `every: hour` or `every: minute`.",
}


@cache
def zone_names() -> frozenset[str]:
    """Every zone that can be named; `localtime` is left out because it is another one on every machine."""
    return frozenset(zoneinfo.available_timezones()) - {"localtime"}


def schedules_problems(definition: Definition, surroundings: Surroundings) -> Iterator[Problem]:
    """The faults of a chain's schedules. Source: product facts 6."""
    seen: set[str] = set()
    for index, spec in enumerate(definition.schedules):
        where = f"schedules[{index}]"
        if spec.name in seen:
            yield Problem(f"{where}.name", f"The name `{spec.name}` is used twice.", "Rename one of them.")
        seen.add(spec.name)
        yield from schedule_problems(spec, where)
        known = surroundings.resources
        if spec.calendar is not None and known is not None and spec.calendar not in known:
            message = f"The workspace has no resource `{spec.calendar}`."
            yield Problem(f"{where}.calendar", message, near(spec.calendar, known))
        yield from _inputs(spec, definition.inputs, f"{where}.inputs")


def schedule_problems(spec: ScheduleSpec, where: str) -> Iterator[Problem]:
    """The faults of one schedule, whatever chain it belongs to."""
    if spec.zone not in zone_names():
        yield Problem(f"{where}.zone", f"There is no time zone `{spec.zone}`.", near(spec.zone, zone_names()))
    unit = "cron" if spec.cron is not None else spec.every
    if unit is None or (spec.cron is not None and spec.every is not None):
        yield Problem(where, "A schedule says either `every` or `cron`.", "Give one of them, such as `every: day`.")
        return
    yield from _fields(spec, unit, where)
    dates = [*_date(spec.start_on, f"{where}.start_on"), *_date(spec.end_on, f"{where}.end_on")]
    yield from dates
    if dates:
        return
    if spec.start_on and spec.end_on and spec.end_on < spec.start_on:
        message = f"The last day, {spec.end_on}, is before the first, {spec.start_on}."
        yield Problem(f"{where}.end_on", message, "Exchange them, or leave one out.")
    yield from _cron(spec.cron, f"{where}.cron") if spec.cron is not None else _repetition(spec, where)


def _fields(spec: ScheduleSpec, unit: str, where: str) -> Iterator[Problem]:
    given = {
        "interval": spec.interval != 1,
        "at": spec.at != "00:00",
        "stop_at": spec.stop_at is not None,
        "days_of_week": bool(spec.days_of_week),
        "days_of_month": bool(spec.days_of_month),
    }
    for name, there in given.items():
        if there and name not in MEANS[unit]:
            means = "`cron`" if unit == "cron" else f"`every: {unit}`"
            mend = "Say it in the cron text." if unit == "cron" else INSTEAD[name]
            yield Problem(f"{where}.{name}", f"`{name}` means nothing with {means}.", mend)
    for name, days in (("days_of_week", spec.days_of_week), ("days_of_month", spec.days_of_month)):
        if len(set(days)) < len(days):
            yield Problem(f"{where}.{name}", "A day is listed twice.", "Remove the second.")
    if spec.stop_at is not None and spec.at in {spec.stop_at, f"{spec.stop_at}:00"}:
        yield Problem(
            f"{where}.stop_at", "The window ends when it begins.", "Leave `stop_at` out for all day and night."
        )
    if spec.calendar is None and spec.on_holiday == "only":
        yield Problem(f"{where}.on_holiday", "There is no calendar whose days these are.", "Add `calendar: NAME`.")


def _date(text: str | None, where: str) -> Iterator[Problem]:
    try:
        if text is not None:
            date.fromisoformat(text)
    except ValueError:
        yield Problem(where, f"There is no day {text}.", "Write a day as YYYY-MM-DD.")


def _cron(text: str, where: str) -> Iterator[Problem]:
    fields = text.split()
    if len(fields) != 5:
        message = f"A cron text has five fields ({CRON_FIELDS}), this has {len(fields)}."
        yield Problem(where, message, "Write it like `15 6 * * MON-FRI`.")
        return
    try:
        # From a year whose Februaries to come have a 29th: a time that is in none of the next 50 years is nowhere.
        next(CronSim(text, datetime(2000, 1, 1)))  # noqa: DTZ001 - the wall clock has no zone
    except CronSimError as fault:
        said = str(fault).removeprefix("Bad ")
        yield Problem(where, f"The {said} in `{text}` is wrong.", "Write it like `15 6 * * MON-FRI`.")
    except (StopIteration, AssertionError, TypeError, ValueError):
        yield Problem(where, f"`{text}` names no time that ever comes.", "Write it like `15 6 * * MON-FRI`.")


def _repetition(spec: ScheduleSpec, where: str) -> Iterator[Problem]:
    unit, interval = spec.every, spec.interval
    minutes = interval * 60 if unit == "hour" else interval
    counted = {
        "minute": spec.stop_at is None and DAY_MINUTES % minutes != 0,
        "hour": spec.stop_at is None and DAY_MINUTES % minutes != 0,
        "day": interval > 1,
        "week": interval > 1 or not spec.days_of_week,
        "month": interval > 1 or not spec.days_of_month,
    }
    assert unit is not None
    if counted[unit] and spec.start_on is None:
        what = f"{interval} {unit}s" if interval > 1 else unit
        days = {"week": " Or name its days in `days_of_week`.", "month": " Or name its days in `days_of_month`."}
        mend = "Add `start_on: YYYY-MM-DD`." + (days.get(unit, "") if interval == 1 else "")
        yield Problem(f"{where}.start_on", f"Every {what} must be counted from a day.", mend)
        return
    if spec.start_on is None:
        return
    start = date.fromisoformat(spec.start_on)
    if unit == "day" and interval % WEEK == 0 and spec.days_of_week:
        weekday = start.strftime("%A").lower()
        if weekday not in spec.days_of_week:
            message = f"Every {interval} days from {spec.start_on} is always a {weekday.capitalize()}."
            yield Problem(f"{where}.days_of_week", message, "Use `every: week` with these days.")
    if unit == "month":
        numbers = [int(text) for text in spec.days_of_month if text != "last"] or [start.day]
        months = {(start.month - 1 + turn * interval) % 12 for turn in range(12)}
        if "last" not in spec.days_of_month and min(numbers) > max(LONGEST_MONTH[month] for month in months):
            message = f"No month that is meant has a day {min(numbers)}."
            yield Problem(f"{where}.days_of_month", message, 'Use `"last"`, or another `start_on`.')


def _inputs(spec: ScheduleSpec, asked: tuple[RuntimeInput, ...], where: str) -> Iterator[Problem]:
    names = [one.name for one in asked]
    for name in spec.inputs:
        if name not in names:
            yield Problem(f"{where}.{name}", f"The chain has no runtime input `{name}`.", near(name, names))
    for one in asked:
        try:
            input_value(one, spec.inputs.get(one.name))
        except NotThatType as fault:
            yield Problem(f"{where}.{one.name}", str(fault), f"Give `{one.name}` a value in the schedule's `inputs`.")
