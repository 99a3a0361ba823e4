"""Transformations of dates and times. ISO texts keep their form and zone, others are read and written by a format."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from onecloud.variables.moments import Moment, Precision, read_moment
from onecloud.variables.near import near
from onecloud.variables.transform.model import Arguments, Example, Parameter, PipeFault, Transformation
from onecloud.variables.transform.numbers import shorten

# Codes of strftime that mean the same everywhere. A hyphen behind the % leaves out a leading zero: %-d.
CODES: Final = {
    "Y": "year, 4 digits",
    "y": "year, 2 digits",
    "m": "month, 01 to 12",
    "B": "month's name",
    "b": "month's name, 3 letters",
    "d": "day, 01 to 31",
    "j": "day of the year, 001 to 366",
    "A": "weekday's name",
    "a": "weekday's name, 3 letters",
    "u": "weekday, 1 is Monday",
    "w": "weekday, 0 is Sunday",
    "G": "year of the ISO week",
    "V": "ISO week, 01 to 53",
    "U": "week of the year, from Sundays",
    "W": "week of the year, from Mondays",
    "H": "hour, 00 to 23",
    "I": "hour, 01 to 12",
    "p": "AM or PM",
    "M": "minute",
    "S": "second",
    "f": "microsecond, 6 digits",
    "z": "offset, such as +0200; empty without a zone",
    "%": "a percent sign",
}
CODE: Final = re.compile(r"%(-?)(.?)", re.DOTALL)
UNITS: Final[dict[str, Precision]] = {
    "seconds": "second",
    "minutes": "minute",
    "hours": "minute",
    "days": "date",
    "weeks": "date",
    "months": "month",
    "quarters": "month",
    "years": "month",
}
MONTHS: Final = {"months": 1, "quarters": 3, "years": 12}
MOST: Final = 1_000_000_000


def format_fault(text: str) -> tuple[str, str] | None:
    """What is wrong with a format and the mend, or None."""
    for found in CODE.finditer(text):
        if found[2] not in CODES or not found[2]:
            listed = " ".join(f"%{code}" for code in CODES)
            return f"`{found[0]}` is no code of a date format", f"There are: {listed}."
    return None


def written(moment: datetime, pattern: str) -> str:
    """The moment in a format."""

    def part(found: re.Match[str]) -> str:
        # Before the year 1000 the C library leaves out zeros of the year.
        text = moment.strftime(f"%{found[2]}").rjust(4 if found[2] in {"Y", "G"} else 0, "0")
        return (text.lstrip("0") or "0") if found[1] else text

    return CODE.sub(part, pattern)


def _parsed(text: str, pattern: str) -> datetime:
    """The moment that a text is in a format.

    Raises: PipeFault.
    """
    try:
        return datetime.strptime(text.strip(), pattern.replace("%-", "%"))  # noqa: DTZ007 - the format decides on a zone
    except ValueError:
        mend = "Check the format: %d.%m.%Y reads 31.12.2024."
        raise PipeFault("the text is not a date in that format", mend, f"{shorten(text)} by `{pattern}`") from None


def _iso(text: str) -> Moment:
    """The moment that an ISO text is.

    Raises: PipeFault.
    """
    moment = read_moment(text)
    if moment is None:
        mend = "Write it as 2024-12-31 or 2024-12-31T18:00:00Z, or give its format as the last argument."
        raise PipeFault("the text is not a date", mend, shorten(text))
    return moment


def format_date(text: str, given: Arguments) -> str:
    """The date in another format."""
    if given.given("input_format"):
        return written(_parsed(text, given.text("input_format")), given.text("format"))
    moment = _iso(text)
    microseconds = int(moment.fraction[1:7].ljust(6, "0")) if moment.fraction else 0
    return written(moment.at.replace(microsecond=microseconds), given.text("format"))


def date_math(text: str, given: Arguments) -> str:
    """The date so much later or earlier, in the form it came in."""
    unit = given.text("unit")
    amount = given.whole("amount") * (1 if given.text("operation") == "add" else -1)
    if given.given("input_format"):
        pattern = given.text("input_format")
        return written(moved(_parsed(text, pattern), amount, unit), pattern)
    moment = _iso(text).finer(UNITS[unit])
    return str(Moment(moved(moment.at, amount, unit), moment.precision, moment.gap, moment.fraction, moment.zone))


def moved(at: datetime, amount: int, unit: str) -> datetime:
    """The moment moved by so many units. Months keep the day, or take the last one of a shorter month.

    Raises: PipeFault when it leaves the calendar.
    """
    try:
        if unit not in MONTHS:
            return at + timedelta(**{unit: amount})
        months = at.year * 12 + at.month - 1 + amount * MONTHS[unit]
        year, month = months // 12, months % 12 + 1
        return at.replace(year=year, month=month, day=min(at.day, monthrange(year, month)[1]))
    except (ValueError, OverflowError):
        raise PipeFault("the result is outside the years 1 to 9999", "Use a smaller amount.") from None


def in_zone(text: str, given: Arguments) -> str:
    """The same moment on the clocks of a zone."""
    moment = _iso(text)
    if moment.precision in {"month", "date"}:
        raise PipeFault("a date without a time has no zone", "Use it on a date-time.", shorten(text))
    at = moment.at if moment.at.tzinfo else moment.at.replace(tzinfo=UTC)
    try:
        local = at.astimezone(ZoneInfo(given.text("zone")))
    except (KeyError, ValueError, OSError):
        mend = near(given.text("zone"), ("UTC", "Europe/Berlin", "America/New_York", "Asia/Tokyo"))
        raise PipeFault(
            "there is no such time zone", mend.replace("There are", "Such as"), given.text("zone")
        ) from None
    except OverflowError:
        raise PipeFault("the result is outside the years 1 to 9999", "Leave it in UTC.") from None
    offset = local.isoformat(timespec="seconds")[19:]
    if len(offset) != len("+00:00"):
        mend = "Use a moment after 1900."
        raise PipeFault("the zone's offset had seconds at that time", mend, offset)
    return str(Moment(local, moment.precision, moment.gap, moment.fraction, "Z" if offset == "+00:00" else offset))


_INPUT: Final = Parameter(
    "input_format", "format", "Format of the value, when it is no ISO date.", optional=True, may_be_empty=False
)

DATES: Final = (
    Transformation(
        "format_date",
        "Date and time format",
        "Date",
        "Writes a date or time in another format.",
        "date",
        "text",
        format_date,
        (
            Example("2024-01-31", "01-31-2024", ("%m-%d-%Y",)),
            Example("2024-01-31T18:05:00Z", "18:05", ("%H:%M",)),
            Example("31.1.2024", "2024-01-31", ("%Y-%m-%d", "%d.%m.%Y")),
            Example("2024-03-05", "5 March 2024", ("%-d %B %Y",)),
        ),
        (Parameter("format", "format", "Codes of strftime, see below.", may_be_empty=False), _INPUT),
    ),
    Transformation(
        "date_math",
        "Date math",
        "Date",
        "Adds a time to a date, or takes it away; the form and the zone stay.",
        "date",
        "date",
        date_math,
        (
            Example("2024-01-31", "2024-02-29", ("add", 1, "months")),
            Example("2020-03", "2020-02", ("subtract", 1, "months")),
            Example("2024-03-31T10:00:00+02:00", "2024-03-31T08:30:00+02:00", ("subtract", 90, "minutes")),
            Example("31.12.2023", "01.01.2024", ("add", 1, "days", "%d.%m.%Y")),
        ),
        (
            Parameter("operation", "choice", "Later or earlier.", choices=("add", "subtract")),
            Parameter("amount", "whole", "How many units.", least=0, most=MOST),
            Parameter("unit", "choice", "What is counted.", choices=tuple(UNITS)),
            _INPUT,
        ),
    ),
    Transformation(
        "in_zone",
        "In time zone",
        "Date",
        "Tells the same moment by the clocks of a zone; a date-time without a zone counts as UTC.",
        "date",
        "date",
        in_zone,
        (Example("2024-07-01T22:30:00Z", "2024-07-02T00:30:00+02:00", ("Europe/Berlin",)),),
        (Parameter("zone", "text", "Name of the zone, such as Europe/Berlin.", may_be_empty=False),),
    ),
)
