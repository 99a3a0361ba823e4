"""When a schedule fires: planned wall-clock times brought to moments, with holidays left out; pure.

A time that does not exist on its day (the clocks go forward over it) is taken with the offset from before the change,
so it moves forward by as much as the clocks; a time that exists twice is the first of the two; and one moment fires
once. Source: product facts 12; RFC 5545 3.3.5.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import islice
from typing import Final
from zoneinfo import ZoneInfo

from onecloud.chains.parts.schedule import ScheduleSpec
from onecloud.schedules.model import Fire, Holidays, LeftOut, Note, Occurrence
from onecloud.schedules.recurrence import DAY, Recurrence, Slot, recurrence_of

# Clocks never went forward by more than a day, nor changed twice within one: tests/schedules/test_zones.py.
LONGEST_SHIFT: Final = timedelta(hours=25)
TICK: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Plan:
    """A schedule ready to be asked: its zone's clock, its repetition, its first and last day."""

    zone: ZoneInfo
    recurrence: Recurrence
    first: date
    last: date

    def slot(self, wall: datetime, from_day: date) -> Slot | None:
        """The first planned time later than `wall` from that day on."""
        from_day = max(from_day, self.first)
        slot = None if from_day > self.last else self.recurrence.after(wall, from_day)
        return slot if slot is not None and slot.day <= self.last else None


def plan_of(spec: ScheduleSpec) -> Plan:
    """The plan of a schedule that passed the check."""
    return Plan(
        zone=zone_named(spec.zone),
        recurrence=recurrence_of(spec),
        first=date.fromisoformat(spec.start_on) if spec.start_on else date.min,
        last=date.fromisoformat(spec.end_on) if spec.end_on else date.max,
    )


@lru_cache
def zone_named(name: str) -> ZoneInfo:
    """The zone of that name."""
    return ZoneInfo(name)


def next_fire(plan: Plan, after: datetime, from_day: date = date.min) -> Fire | None:
    """The first moment later than `after` at which the plan fires; None when there is none within 50 years.

    Planned times are looked at in their order on the wall clock. Those of a time that the clocks skip are moved past
    times that come later on the wall clock, so the search begins before such a change and ends behind it.
    """
    best: Fire | None = None
    wall = naive(after.astimezone(plan.zone)) - shifted_lately(plan.zone, after)
    while (slot := plan.slot(wall, from_day)) is not None:
        if best is not None and slot.wall > naive(best.local):
            break
        fire = fire_of(plan.zone, slot)
        if fire.at > after:
            if fire.missing is None:
                joined = best is not None and best.at == fire.at
                best = replace(fire, note=Note.JOINED, missing=best.missing) if best is not None and joined else fire
                break
            if best is None or fire.at < best.at:
                best = fire
        wall = slot.wall
    return best


def fire_of(zone: ZoneInfo, slot: Slot) -> Fire:
    """The moment of a planned time."""
    there = slot.wall.replace(tzinfo=zone)
    at = there.astimezone(UTC)
    local = at.astimezone(zone)
    if naive(local) != slot.wall:
        return Fire(at, local, slot.wall, slot.day, Note.MOVED, slot.wall)
    twice = there.replace(fold=1).utcoffset() != there.utcoffset()
    return Fire(at, local, slot.wall, slot.day, Note.FIRST_OF_TWO if twice else None)


def shifted_lately(zone: ZoneInfo, at: datetime) -> timedelta:
    """By how much the clocks went forward, when that was so lately that moved times are still to come."""
    now = offset(zone, at)
    shift = now - offset(zone, at - LONGEST_SHIFT)
    return shift if shift > timedelta(0) and offset(zone, at - shift) != now else timedelta(0)


def offset(zone: ZoneInfo, at: datetime) -> timedelta:
    """What the zone's clocks are ahead of UTC at a moment."""
    local = at.astimezone(zone)
    return naive(local) - naive(at.astimezone(UTC))


def naive(moment: datetime) -> datetime:
    """A moment's date and time as the clock on the wall shows them."""
    return moment.replace(tzinfo=None, fold=0)


def occurrences(spec: ScheduleSpec, after: datetime, holidays: Holidays | None = None) -> Iterator[Occurrence]:
    """Every fire later than `after`, and every day that is left out because of a holiday, in order.

    Without `holidays` the calendar of the schedule is not looked at.
    """
    plan, from_day = plan_of(spec), date.min
    listed = [] if holidays is None else list(holidays.days)
    while (fire := next_fire(plan, after, from_day)) is not None:
        if holidays is not None and spec.on_holiday == "only" and fire.day not in holidays.days:
            later = bisect_left(listed, fire.day)
            if later == len(listed):
                return
            from_day = listed[later]
            continue
        after = fire.at
        if holidays is not None and spec.on_holiday == "skip" and fire.day in holidays.days:
            yield LeftOut(fire.at, fire.local, fire.day, holidays.days[fire.day])
            from_day = fire.day + DAY
            continue
        yield fire


def fires(spec: ScheduleSpec, after: datetime, holidays: Holidays | None = None) -> Iterator[Fire]:
    """Every fire later than `after`, in order."""
    return (found for found in occurrences(spec, after, holidays) if isinstance(found, Fire))


def preview(spec: ScheduleSpec, after: datetime, most: int, holidays: Holidays | None = None) -> list[Occurrence]:
    """What comes next: at most so many fires and days left out."""
    return list(islice(occurrences(spec, after, holidays), most))


def told(found: Occurrence) -> str:
    """Why an occurrence is as it is, in a sentence; empty when there is nothing to tell."""
    if isinstance(found, LeftOut):
        return f"Left out: {found.day.isoformat()} is a holiday ({found.holiday})."
    match found.note:
        case Note.MOVED:
            return (
                f"{clock(found.planned)} does not exist on {found.planned.date().isoformat()}, because the clocks go "
                f"forward; it fires at {clock(found.local)}."
            )
        case Note.JOINED if found.missing is not None:
            return (
                f"Also stands for {clock(found.missing)}, which does not exist on {found.missing.date().isoformat()}, "
                "because the clocks go forward."
            )
        case Note.FIRST_OF_TWO:
            return f"{clock(found.planned)} comes twice, because the clocks go back; it fires the first time."
        case _:
            return ""


def clock(moment: datetime) -> str:
    """A time of day, with seconds only where there are any."""
    return moment.strftime("%H:%M:%S" if moment.second else "%H:%M")
