"""How a published schedule stands: what comes next, what was last, and why it will not fire; pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from onecloud.chains.check.schedules import zone_names
from onecloud.chains.parts.schedule import ScheduleSpec
from onecloud.schedules.model import FireRecord, Holidays, LeftOut, Occurrence, Paused
from onecloud.schedules.rules import fires, preview
from onecloud.schedules.verdicts import NO_CALENDAR, NoCalendar


@dataclass(frozen=True, slots=True)
class Publish:
    """The version that a schedule stands in, and who published it; empty for the command line."""

    number: int
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Disabled:
    """Who switched the chain's execution off, and when; None when that is not known any more."""

    by: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Hindrance:
    """One reason for which a schedule will not fire: a code for programs, a sentence for people."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Standing:
    """A schedule of a chain with what is known of it now."""

    spec: ScheduleSpec
    upcoming: tuple[Occurrence, ...]
    last: FireRecord | None
    paused: Paused | None
    hindrances: tuple[Hindrance, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """What the standing of a chain's schedules depends on beside the schedules."""

    publish: Publish
    disabled: Disabled | None
    now: datetime


def standing_of(
    spec: ScheduleSpec,
    facts: Facts,
    *,
    paused: Paused | None,
    last: FireRecord | None,
    holidays: Holidays | NoCalendar | None,
    most: int,
) -> Standing:
    """How one schedule stands. Nothing comes next while something hinders it."""
    known = holidays if isinstance(holidays, Holidays) else None
    hindrances = [*_switched(spec, facts, paused)]
    if isinstance(holidays, NoCalendar):
        hindrances.append(Hindrance(NO_CALENDAR, holidays.why))
    if spec.zone not in zone_names():
        hindrances.append(Hindrance("schedule.zone", f"This server does not know the zone `{spec.zone}` any more."))
    upcoming = () if hindrances else tuple(preview(spec, facts.now, most, known))
    if not hindrances and not any(not isinstance(found, LeftOut) for found in upcoming):
        over = next(fires(spec, facts.now, known), None) is None
        hindrances += [Hindrance("schedule.over", _over(spec))] if over else []
    return Standing(spec, upcoming, last, paused, tuple(hindrances))


def _switched(spec: ScheduleSpec, facts: Facts, paused: Paused | None) -> Sequence[Hindrance]:
    found: list[Hindrance] = []
    if facts.disabled is not None:
        when = f" on {_moment(facts.disabled.at)}" if facts.disabled.at else ""
        by = f" by {facts.disabled.by}" if facts.disabled.by else ""
        found.append(Hindrance("chain.disabled", f"The chain was disabled{by}{when}. Enable it."))
    if not spec.enabled:
        by = f" by {facts.publish.by}" if facts.publish.by else ""
        message = f"The schedule is switched off in version {facts.publish.number}, published{by} on "
        found.append(Hindrance("schedule.disabled", f"{message}{_moment(facts.publish.at)}. Switch it on and publish."))
    if paused is not None:
        by = paused.by_name or "the command line"
        found.append(Hindrance("schedule.paused", f"Paused by {by} on {_moment(paused.at)}. Resume it."))
    return found


def _over(spec: ScheduleSpec) -> str:
    if spec.end_on is not None:
        return f"Its last day was {spec.end_on}. Publish a later `end_on`, or none."
    return "It has no time left: none in the next 50 years, or none in its calendar."


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
