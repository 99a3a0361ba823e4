"""Dates and times as the language knows them: a month, a date or a date-time in ISO 8601, or in a given format; pure.

What is read keeps its form, so that it can be written again as it was: parts, separator, fraction and zone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Final, Literal, TypeAlias

Precision: TypeAlias = Literal["month", "date", "minute", "second"]

ISO: Final = re.compile(
    r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})"
    r"(?:-(?P<day>[0-9]{2})"
    r"(?:(?P<gap>[T ])(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2})"
    r"(?::(?P<second>[0-9]{2})(?P<fraction>\.[0-9]{1,9})?)?"
    r"(?P<zone>Z|[+-][0-9]{2}:[0-9]{2})?)?)?"
)


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment and the form it was written in. `at` is to the second; the fraction's digits are kept as they were."""

    at: datetime
    precision: Precision
    gap: str = "T"
    fraction: str = ""
    zone: str = ""

    def __str__(self) -> str:
        """The moment in its own form."""
        text = f"{self.at.year:04}-{self.at.month:02}"
        if self.precision == "month":
            return text
        text += f"-{self.at.day:02}"
        if self.precision == "date":
            return text
        text += f"{self.gap}{self.at.hour:02}:{self.at.minute:02}"
        if self.precision == "second":
            text += f":{self.at.second:02}{self.fraction}"
        return text + self.zone

    def comparable(self) -> datetime:
        """The moment for comparing, in UTC; one without a zone counts as UTC."""
        at = self.at if self.at.tzinfo else self.at.replace(tzinfo=UTC)
        try:
            at = at.astimezone(UTC)
        except OverflowError:  # within a day of year 1 or 9999: the offset matters no more
            at = at.replace(tzinfo=UTC)
        return at + timedelta(microseconds=int(self.fraction[1:7].ljust(6, "0"))) if self.fraction else at

    def finer(self, precision: Precision) -> Moment:
        """The moment written at least as fine as `precision`."""
        order: tuple[Precision, ...] = ("month", "date", "minute", "second")
        return replace(self, precision=max(self.precision, precision, key=order.index))


def read_moment(text: str) -> Moment | None:
    """The month, date or date-time that the text is in ISO 8601, or None; blanks around it do not count."""
    found = ISO.fullmatch(text.strip())
    if found is None:
        return None
    parts = {name: int(found[name] or low) for name, low in (("day", 1), ("hour", 0), ("minute", 0), ("second", 0))}
    try:
        at = datetime(int(found["year"]), int(found["month"]), **parts, tzinfo=_zone(found["zone"]))
    except ValueError:
        return None
    precision: Precision = "month"
    for name in ("date", "minute", "second"):
        if found["day" if name == "date" else name]:
            precision = name
    return Moment(at, precision, found["gap"] or "T", found["fraction"] or "", found["zone"] or "")


def _zone(text: str | None) -> timezone | None:
    if text is None:
        return None
    if text == "Z":
        return UTC
    sign = -1 if text[0] == "-" else 1
    return timezone(sign * timedelta(hours=int(text[1:3]), minutes=int(text[4:6])))
