"""The planned times of a schedule on the wall clock, without any zone: which time follows another; pure.

Every repetition answers one question, `after(wall, from_day)`: the first planned time later than `wall` whose day is
not before `from_day`. A time belongs to the day on which its window begins, so the small hours of a night window count
with the evening before: that day is what weekdays, first and last day, and holidays are asked about.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final, Protocol

from cronsim import CronSim

from onecloud.chains.parts.schedule import ScheduleSpec

WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
DAY: Final = timedelta(days=1)
WITHIN: Final = timedelta(days=50 * 366)  # a schedule without a time in 50 years has none; cronsim's own limit


@dataclass(frozen=True, slots=True)
class Slot:
    """A planned time on the wall clock, and the day it belongs to."""

    wall: datetime
    day: date


class Recurrence(Protocol):
    """One way to repeat."""

    def after(self, wall: datetime, from_day: date) -> Slot | None:
        """The first planned time later than `wall` whose day is not before `from_day`."""
        ...


@dataclass(frozen=True, slots=True)
class Days:
    """Which days are allowed at all; an empty set allows every day. `last` means the last day of a month."""

    of_week: frozenset[int] = frozenset()
    of_month: frozenset[int] = frozenset()
    last: bool = False

    def allow(self, day: date) -> bool:
        """Whether a time may be planned for the day: both the weekday and the day of the month must fit."""
        if self.of_week and day.weekday() not in self.of_week:
            return False
        if not self.of_month and not self.last:
            return True
        return day.day in self.of_month or (self.last and (day + DAY).day == 1)


@dataclass(frozen=True, slots=True)
class Window:
    """Every `step` from `at`, at most `length` long, anew on every allowed day."""

    at: time
    length: timedelta
    step: timedelta
    days: Days

    def after(self, wall: datetime, from_day: date) -> Slot | None:
        day = max(from_day, (wall - self.length - DAY).date())
        limit = max(day, wall.date()) + WITHIN
        while day <= limit:
            if self.days.allow(day):
                first = datetime.combine(day, self.at)
                found = first if first > wall else first + ((wall - first) // self.step + 1) * self.step
                if found <= first + self.length:
                    return Slot(found, day)
            day += DAY
        return None


@dataclass(frozen=True, slots=True)
class Count:
    """Every `step` counted on the wall clock through all days; left out on days not allowed.

    `origin` is where counting begins, or, when not `begins`, just one of the times.
    """

    origin: datetime
    step: timedelta
    days: Days
    begins: bool

    def after(self, wall: datetime, from_day: date) -> Slot | None:
        found = self.origin + ((wall - self.origin) // self.step + 1) * self.step
        found = max(found, self._from(datetime.combine(from_day, time.min)))
        if self.begins:
            found = max(found, self.origin)
        limit = found + WITHIN
        while found <= limit:
            if self.days.allow(found.date()):
                return Slot(found, found.date())
            found = self._from(datetime.combine(found.date() + DAY, time.min))
        return None

    def _from(self, bound: datetime) -> datetime:
        """The first counted time that is not before the bound."""
        return self.origin - (self.origin - bound) // self.step * self.step


@dataclass(frozen=True, slots=True)
class Daily:
    """At `at` on every `interval`-th day from `origin`."""

    at: time
    interval: int
    origin: date
    days: Days

    def after(self, wall: datetime, from_day: date) -> Slot | None:
        day = first_day(self.at, wall, from_day)
        limit = day + WITHIN
        day += (self.origin - day).days % self.interval * DAY
        while day <= limit:
            if self.days.allow(day):
                return Slot(datetime.combine(day, self.at), day)
            day += self.interval * DAY
        return None


@dataclass(frozen=True, slots=True)
class Weekly:
    """At `at` on some weekdays of every `interval`-th week (from Monday) from the week of `origin`."""

    at: time
    interval: int
    origin: date
    days: Days

    def after(self, wall: datetime, from_day: date) -> Slot | None:
        day = first_day(self.at, wall, from_day)
        limit = day + WITHIN
        while day <= limit:
            weeks = (monday(self.origin) - monday(day)).days // 7 % self.interval  # to the next week that counts
            if weeks:
                day = monday(day) + weeks * 7 * DAY
            elif self.days.allow(day):
                return Slot(datetime.combine(day, self.at), day)
            else:
                day += DAY
        return None


@dataclass(frozen=True, slots=True)
class Monthly:
    """At `at` on some days of every `interval`-th month from the month of `origin`; days it has not are left out."""

    at: time
    interval: int
    origin: date
    days: Days

    def after(self, wall: datetime, from_day: date) -> Slot | None:
        day = first_day(self.at, wall, from_day)
        limit = day + WITHIN
        while day <= limit:
            months = (month_number(self.origin) - month_number(day)) % self.interval
            if not months:
                last = monthrange(day.year, day.month)[1]
                wanted = {*self.days.of_month, last} if self.days.last else self.days.of_month
                fitting = [number for number in wanted if day.day <= number <= last]
                if fitting:
                    day = day.replace(day=min(fitting))
                    return Slot(datetime.combine(day, self.at), day)
            day = month_start(month_number(day) + (months or self.interval))
        return None


@dataclass(frozen=True, slots=True)
class Cron:
    """A cron text read on the wall clock: what a changed clock means for it is decided as for every schedule."""

    text: str

    def after(self, wall: datetime, from_day: date) -> Slot | None:
        bound = datetime.combine(from_day, time.min) - timedelta(seconds=1) if from_day > date.min else wall
        found = next(CronSim(self.text, max(wall, bound)), None)
        return None if found is None else Slot(found, found.date())


def monday(day: date) -> date:
    """The Monday of the day's week."""
    return day - day.weekday() * DAY


def month_number(day: date) -> int:
    """Months since the year 0."""
    return day.year * 12 + day.month - 1


def month_start(number: int) -> date:
    """The first day of a month that `month_number` gave."""
    return date(number // 12, number % 12 + 1, 1)


def first_day(at: time, wall: datetime, from_day: date) -> date:
    """The first day on which `at` is later than `wall`."""
    return max(from_day, wall.date() if wall.time() < at else wall.date() + DAY)


def recurrence_of(spec: ScheduleSpec) -> Recurrence:
    """How the schedule repeats. What `chains/check/schedules.py` refuses does not come here."""
    if spec.cron is not None:
        return Cron(spec.cron)
    at, origin = time.fromisoformat(spec.at), date.fromisoformat(spec.start_on) if spec.start_on else date(1970, 1, 1)
    days = Days(
        frozenset(WEEKDAYS.index(name) for name in spec.days_of_week),
        frozenset(int(text) for text in spec.days_of_month if text != "last"),
        "last" in spec.days_of_month,
    )
    match spec.every:
        case "minute" | "hour":
            step = timedelta(minutes=spec.interval) if spec.every == "minute" else timedelta(hours=spec.interval)
            if spec.stop_at is None:
                return Count(datetime.combine(origin, at), step, days, begins=spec.start_on is not None)
            stop = time.fromisoformat(spec.stop_at)
            length = (datetime.combine(origin, stop) - datetime.combine(origin, at)) % DAY
            return Window(at, length, step, days)
        case "day":
            return Daily(at, spec.interval, origin, days)
        case "week":
            return Weekly(at, spec.interval, origin, days if days.of_week else Days(frozenset({origin.weekday()})))
        case "month":
            named = days.of_month or days.last
            return Monthly(at, spec.interval, origin, days if named else Days(of_month=frozenset({origin.day})))
        case None:
            raise ValueError("a schedule has either `every` or `cron`")
