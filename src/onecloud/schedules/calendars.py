"""Holiday calendars: an iCalendar text, or one date a line, as the days that they name; pure.

Repeated events are followed between two days that the caller gives, and a calendar of more than `MOST_DAYS` days is
refused: it is not one of holidays.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import chain, takewhile
from typing import Any, Final, cast

from dateutil.rrule import rrulestr
from icalendar import Calendar

from onecloud.schedules.model import Holidays
from onecloud.schedules.recurrence import DAY

MOST_DAYS: Final = 20_000
MOST_STEPS: Final = 500_000  # days looked at, so that no text keeps a process busy for long
OLDEST: Final = date(1900, 1, 1)
YEARS_BACK, YEARS_AHEAD = 1, 10
LINE: Final = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[\s,;]+(.*))?", re.ASCII)
UNTIL: Final = re.compile(r"UNTIL=(\d{8})(?:T\d{6}Z?)?")
SHOWN: Final = 60


class BadCalendar(ValueError):
    """A text that is no calendar; says where and what would be one."""


def holidays_around(text: str, now: datetime) -> Holidays:
    """The calendar's days from last year to ten years ahead.

    Raises: BadCalendar.
    """
    return holidays_of(text, now.year - YEARS_BACK, now.year + YEARS_AHEAD)


@lru_cache(32)  # a calendar is asked again for every fire of the schedules that name it
def holidays_of(text: str, first_year: int, last_year: int) -> Holidays:
    """The calendar's days in these years.

    Raises: BadCalendar.
    """
    first, last = date(first_year, 1, 1), date(last_year, 12, 31)
    source = text.lstrip("\ufeff \t\r\n")
    days = _icalendar(source, first, last) if source.upper().startswith("BEGIN:VCALENDAR") else _lines(source)
    found: dict[tuple[date, str], None] = {}
    for day, name in days:
        if first <= day <= last:
            found[day, name] = None
        if len(found) > MOST_DAYS:
            raise BadCalendar(f"The calendar has more than {MOST_DAYS} days in {first_year} to {last_year}.")
    return Holidays.of(found, last)


def _lines(text: str) -> Iterator[tuple[date, str]]:
    """Days of a list: `2026-12-25`, and what follows is the name; `#` begins a remark."""
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.partition("#")[0].strip()
        if not stripped:
            continue
        found = LINE.fullmatch(stripped)
        try:
            yield date.fromisoformat(found[1] if found else ""), (found[2] if found else None) or "holiday"
        except ValueError:
            message = f"Line {number} of the calendar, {stripped[:SHOWN]!r}, does not begin with a day."
            raise BadCalendar(f"{message} Write lines such as `2026-12-25 Christmas`, or iCalendar.") from None


def _icalendar(text: str, first: date, last: date) -> Iterator[tuple[date, str]]:
    try:
        calendar = Calendar.from_ical(text)
        events: list[Any] = list(calendar.walk("VEVENT"))  # pyright: ignore[reportUnknownMemberType] - its values are of any type
        # An event that replaces one of a series says which; the series must not bring it too.
        replaced = {
            (str(event.get("UID")), _day(event["RECURRENCE-ID"].dt)) for event in events if "RECURRENCE-ID" in event
        }
        steps = iter(range(MOST_STEPS))
        for event in events:
            if str(event.get("STATUS", "")).upper() != "CANCELLED":
                yield from _event(event, replaced, first, last, steps)
    except BadCalendar:
        raise
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, OverflowError) as fault:
        raise BadCalendar(
            f"The calendar is no sound iCalendar text: {str(fault)[:200] or type(fault).__name__}."
        ) from None


def _event(
    event: Any, replaced: set[tuple[str, date]], first: date, last: date, steps: Iterator[int]
) -> Iterator[tuple[date, str]]:
    start = event["DTSTART"].dt
    length = _length(event, start)
    name = " ".join(str(event.get("SUMMARY", "holiday")).split())[:200] or "holiday"
    out = {_day(one.dt) for one in _each(event, "EXDATE")}
    series = str(event.get("UID")) if "RECURRENCE-ID" not in event else ""
    added = [_day(_first(one.dt)) for one in _each(event, "RDATE")]
    begins: Iterator[date] = chain([_day(start)], added)
    for rule in _several(event.get("RRULE")):
        begins = chain(begins, _repeated(rule.to_ical().decode(), _day(start), last))
    for begin in begins:
        _step(steps)
        if begin in out or (series, begin) in replaced or begin + length < first:
            continue
        for number in range(max(0, (first - begin).days), length.days):
            _step(steps)
            if (day := begin + number * DAY) > last:
                break
            yield day, name


def _step(steps: Iterator[int]) -> None:
    if next(steps, None) is None:
        raise BadCalendar(f"The calendar's events cover more than {MOST_STEPS} days; holidays are fewer.")


def _repeated(rule: str, start: date, last: date) -> Iterator[date]:
    """The days of a recurrence rule; those of every hour, minute or second are no holidays."""
    if re.search(r"FREQ=(HOURLY|MINUTELY|SECONDLY)", rule):
        raise BadCalendar(f"The calendar repeats an event within a day ({rule[:SHOWN]}); holidays are whole days.")
    # The day counts: dateutil would not compare an end that has a zone with a start that has none.
    text = UNTIL.sub(r"UNTIL=\1T235959", rule)
    if start < OLDEST:
        raise BadCalendar(
            f"The calendar repeats an event from {start.isoformat()} on; begin in {OLDEST.year} or later."
        )
    days = rrulestr(text, dtstart=datetime(start.year, start.month, start.day))  # noqa: DTZ001 - a day has no zone
    return takewhile(lambda day: day <= last, (moment.date() for moment in days))


def _length(event: Any, start: date) -> timedelta:
    """How many days the event covers, at least one; the end of whole days is the day after the last."""
    if "DTEND" in event:
        end = event["DTEND"].dt
    elif "DURATION" in event:
        end = start + event["DURATION"].dt
    else:
        return DAY
    days = _day(end) - _day(start)
    ends_within = isinstance(end, datetime) and (end.hour, end.minute, end.second) != (0, 0, 0)
    return max(DAY, days + DAY if ends_within else days)


def _each(event: Any, name: str) -> list[Any]:
    """The values of a property that may stand several times, each with several values."""
    return [one for group in _several(event.get(name)) for one in group.dts]


def _first(value: Any) -> Any:
    """The begin of a period; a moment or a day as it is."""
    return cast(tuple[Any, ...], value)[0] if isinstance(value, tuple) else value


def _several(found: Any) -> list[Any]:
    """What the library gives for a property: nothing, one value, or a list of them."""
    if found is None:
        return []
    return cast(list[Any], found) if isinstance(found, list) else [found]


def _day(value: date) -> date:
    return value.date() if isinstance(value, datetime) else value
