"""The nouns of schedules: fires, times left out, and what became of a fire."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import TypeAlias


class Note(StrEnum):
    """Why a fire is not simply at its planned time."""

    MOVED = "moved"  # the planned time does not exist on that day: the clocks go forward over it
    JOINED = "joined"  # a time that does not exist was moved to just this one
    FIRST_OF_TWO = "first_of_two"  # the planned time exists twice: the clocks go back over it


@dataclass(frozen=True, slots=True)
class Fire:
    """One moment at which a schedule starts a run.

    `at` is in UTC, `local` the same moment on the zone's clock, `planned` the time on the wall clock that was meant;
    `missing` is the time that does not exist, of a fire that was moved or joined. `day` decides about holidays.
    """

    at: datetime
    local: datetime
    planned: datetime
    day: date
    note: Note | None = None
    missing: datetime | None = None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A day on which the schedule would fire, were it not a holiday; `at` is its first time."""

    at: datetime
    local: datetime
    day: date
    holiday: str


Occurrence: TypeAlias = Fire | LeftOut


@dataclass(frozen=True, slots=True)
class Holidays:
    """The days of a calendar with their names, in order; nothing is known of days after `until`."""

    days: Mapping[date, str]
    until: date

    @classmethod
    def of(cls, found: Iterable[tuple[date, str]], until: date) -> Holidays:
        """Days in any order; of two names for one day the first counts."""
        days: dict[date, str] = {}
        for day, name in sorted(found, key=lambda pair: pair[0]):
            days.setdefault(day, name)
        return cls(days, until)


@dataclass(frozen=True, slots=True)
class FireRecord:
    """What became of a planned moment: a run, or the reason why there is none."""

    chain_id: int
    name: str
    planned_at: datetime
    fired_at: datetime
    run_id: int | None
    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class Paused:
    """Who holds a schedule back since when; `by` is None for the command line."""

    at: datetime
    by: int | None
    by_name: str
