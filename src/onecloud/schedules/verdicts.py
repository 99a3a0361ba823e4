"""What becomes of a planned moment that has come, and what a publish makes of waiting schedules; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypeAlias

from pydantic import TypeAdapter

from onecloud.chains.parts.schedule import ScheduleSpec
from onecloud.schedules.model import Holidays
from onecloud.schedules.rules import TICK, fires, next_fire, plan_of

MISSED: Final = "schedule.missed"
HOLIDAY: Final = "schedule.holiday"
NO_CALENDAR: Final = "schedule.calendar"

_SPEC: Final = TypeAdapter(ScheduleSpec)


@dataclass(frozen=True, slots=True)
class NoCalendar:
    """The schedule's calendar cannot be read; why, in a sentence."""

    why: str


@dataclass(frozen=True, slots=True)
class Start:
    """Start a run for this moment; `detail` says what is unusual about it."""

    planned_at: datetime
    next_at: datetime | None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Skip:
    """Write down that no run was started for this moment, and why."""

    planned_at: datetime
    next_at: datetime | None
    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class Pass:
    """Nothing to do and nothing to tell; go on to the next moment."""

    next_at: datetime | None


Verdict: TypeAlias = Start | Skip | Pass


def decide(
    spec: ScheduleSpec, planned_at: datetime, now: datetime, grace: timedelta, holidays: Holidays | NoCalendar | None
) -> Verdict:
    """What becomes of the moment `planned_at`, which is not later than `now`.

    A moment later than `grace` was missed: no server ran. `holidays` is None for a schedule without a calendar; one
    whose calendar cannot be read starts nothing, because it might be a holiday.
    Source: product facts 12 (missed fires).
    """
    plan = plan_of(spec)
    fire = next_fire(plan, planned_at - TICK)
    if fire is None or fire.at != planned_at:  # the zone's rules have changed since it was looked for
        return Pass(fire.at if fire else None)
    missed = now - planned_at > grace
    following = next_fire(plan, now if missed else planned_at)
    next_at = following.at if following else None
    if isinstance(holidays, NoCalendar):
        return Skip(planned_at, next_at, NO_CALENDAR, holidays.why)
    if missed:
        return _missed(spec, planned_at, now, next_at, holidays)
    if holidays is None or (fire.day in holidays.days) == (spec.on_holiday == "only"):
        return Start(planned_at, next_at)
    # The first time of a holiday is told, the others of that day would only repeat it.
    first = next_fire(plan, planned_at - timedelta(days=3), fire.day)
    if spec.on_holiday == "only" or first is None or first.at != planned_at:
        return Pass(next_at)
    return Skip(planned_at, next_at, HOLIDAY, f"{fire.day.isoformat()} is a holiday ({holidays.days[fire.day]}).")


def _missed(
    spec: ScheduleSpec, planned_at: datetime, now: datetime, next_at: datetime | None, holidays: Holidays | None
) -> Verdict:
    first = next(fires(spec, planned_at - TICK, holidays), None)
    if first is None or first.at > now:
        return Pass(next_at)  # only holidays went by
    if spec.missed == "once":
        return Start(first.at, next_at, "Late: no server ran at this time. Stands for every time missed since.")
    detail = "No server ran at this time. Times missed since are left out too (`missed: skip`)."
    return Skip(first.at, next_at, MISSED, detail)


# --- from published schedules to waiting ones ---


@dataclass(frozen=True, slots=True)
class Waiting:
    """A published schedule as it is stored."""

    id: int
    chain_id: int
    name: str
    spec: str
    next_at: datetime | None
    paused: bool


@dataclass(frozen=True, slots=True)
class Awaited:
    """What is to be stored of one published schedule."""

    name: str
    spec: str
    calendar: str | None
    next_at: datetime | None
    counted_from: datetime


@dataclass(frozen=True, slots=True)
class Derived:
    """How the stored schedules of a chain must change: what is new, what differs (by row), what is gone."""

    new: tuple[Awaited, ...]
    changed: tuple[tuple[int, Awaited], ...]
    gone: tuple[int, ...]


def derive(
    specs: Sequence[ScheduleSpec],
    stored: Mapping[str, Waiting],
    *,
    asleep: bool,
    published_at: datetime,
    now: datetime,
) -> Derived:
    """What a publish, or switching the chain off or on (`asleep`), makes of the chain's waiting schedules.

    A schedule that stays as it was keeps its next moment, also one that has just come. A new one fires at its first
    moment after the publish; one that wakes up again at its first moment from now on.
    """
    new: list[Awaited] = []
    changed: list[tuple[int, Awaited]] = []
    for spec in specs:
        text, old = written(spec), stored.get(spec.name)
        awake = spec.enabled and not asleep and (old is None or not old.paused)
        same = old is not None and old.spec == text
        if old is not None and same and (old.next_at is not None) == awake:
            continue
        counted_from = now if same else published_at
        next_at = first_after(spec, counted_from) if awake else None
        awaited = Awaited(spec.name, text, spec.calendar, next_at, counted_from)
        if old is None:
            new.append(awaited)
        elif not same or old.next_at != awaited.next_at:
            changed.append((old.id, awaited))
    names = {spec.name for spec in specs}
    return Derived(tuple(new), tuple(changed), tuple(old.id for old in stored.values() if old.name not in names))


def first_after(spec: ScheduleSpec, moment: datetime) -> datetime | None:
    """The schedule's first moment later than this one; none, too, in a zone that this machine does not know."""
    try:
        fire = next_fire(plan_of(spec), moment)
    except LookupError:
        return None
    return None if fire is None else fire.at


def written(spec: ScheduleSpec) -> str:
    """A schedule as it is stored; the same schedule gives the same text."""
    return _SPEC.dump_json(spec, exclude_defaults=True).decode()


def read(text: str) -> ScheduleSpec:
    """The schedule of a stored text."""
    return _SPEC.validate_json(text)
