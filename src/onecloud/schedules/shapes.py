"""Schedules on the wire of API v2."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Final, Literal

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter
from pydantic_core import to_json

from onecloud.chains.parts.schedule import ScheduleSpec
from onecloud.schedules.actions import MOST_PREVIEWED, Preview
from onecloud.schedules.model import FireRecord, LeftOut, Occurrence
from onecloud.schedules.overview import Planned
from onecloud.schedules.rules import told
from onecloud.schedules.standing import Standing

SPEC: Final = TypeAdapter(ScheduleSpec)


def schedule_from_json(value: object) -> object:
    """The schedule that a JSON value holds; read as JSON, since a strict dataclass takes no map in its place."""
    return value if isinstance(value, ScheduleSpec) else SPEC.validate_json(to_json(value))


class PreviewIn(BaseModel):
    """A schedule to be looked at."""

    model_config = ConfigDict(extra="forbid")

    schedule: Annotated[ScheduleSpec, BeforeValidator(schedule_from_json)]
    environment_id: str | None = Field(None, description="Where its calendar is looked for.")
    after: AwareDatetime | None = Field(None, description="Times later than this; now when left out.")
    count: int = Field(50, ge=1, le=MOST_PREVIEWED, description="How many times and days left out to give.")


class OccurrenceOut(BaseModel):
    """A time at which a schedule fires, or a day that it leaves out."""

    kind: Literal["fire", "holiday"]
    at: datetime = Field(description="The moment; of a day left out its first time.")
    local: str = Field(description="The same on the zone's clock, with its offset.")
    note: str = Field(description="Why it is not simply the planned time, in a sentence; else empty.")


class PreviewOut(BaseModel):
    """What a schedule will do."""

    after: datetime
    items: list[OccurrenceOut]
    ends: bool = Field(description="No time comes after the last one given.")
    calendar_problem: str = Field(description="Why its calendar was not looked at; else empty.")


class FireOut(BaseModel):
    """What became of one time of a schedule."""

    planned_at: datetime
    fired_at: datetime
    run_id: str | None = Field(description="The run that was started; null when none was.")
    reason: str = Field(description="Code of the reason why no run was started; empty when one was.")
    detail: str = Field(description="The reason, or what is unusual about the run, in a sentence.")


class FirePage(BaseModel):
    """A page of what became of a schedule's times, newest first; `next_cursor` is null on the last one."""

    items: list[FireOut]
    next_cursor: str | None


class PausedOut(BaseModel):
    """Who holds a schedule back; `by` is empty for the command line."""

    at: datetime
    by: str


class HindranceOut(BaseModel):
    """One reason for which a schedule will not fire."""

    code: str
    message: str


class ScheduleOut(BaseModel):
    """A published schedule and how it stands."""

    schedule: ScheduleSpec
    upcoming: list[OccurrenceOut] = Field(description="What comes next; empty while something hinders it.")
    last_fire: FireOut | None
    paused: PausedOut | None
    hindrances: list[HindranceOut] = Field(description="Why it will not fire; empty when it will.")


class SchedulesOut(BaseModel):
    """The schedules of a chain's published version."""

    items: list[ScheduleOut]


class DayOut(BaseModel):
    """One day of a schedule, on its own zone's calendar."""

    on: date
    count: int = Field(description="How often it fires on that day.")
    times: list[OccurrenceOut] = Field(description="The first 24 times of the day.")
    holiday: str = Field(description="The holiday because of which the day is left out; else empty.")


class PlannedOut(BaseModel):
    """A schedule in the calendar of its environment."""

    chain_id: str
    chain_name: str
    name: str
    zone: str
    color: str
    in_force: bool = Field(description="False while it is switched off, paused or over, or its chain is disabled.")
    calendar_problem: str
    days: list[DayOut]
    complete_until: datetime | None = Field(
        description="Null when every day is there; else the schedule has more times than are counted, and this is the "
        "last one that was."
    )


class PlannedPage(BaseModel):
    """A page of schedules; `next_cursor` is null on the last one."""

    items: list[PlannedOut]
    next_cursor: str | None


def occurrence_out(found: Occurrence) -> OccurrenceOut:
    """A time or a day left out."""
    kind: Literal["fire", "holiday"] = "holiday" if isinstance(found, LeftOut) else "fire"
    return OccurrenceOut(kind=kind, at=found.at, local=found.local.isoformat(), note=told(found))


def preview_out(preview: Preview) -> PreviewOut:
    """A preview."""
    return PreviewOut(
        after=preview.after,
        items=[occurrence_out(found) for found in preview.occurrences],
        ends=preview.ends,
        calendar_problem=preview.calendar,
    )


def fire_out(record: FireRecord) -> FireOut:
    """What became of a time."""
    return FireOut(
        planned_at=record.planned_at,
        fired_at=record.fired_at,
        run_id=None if record.run_id is None else str(record.run_id),
        reason=record.reason,
        detail=record.detail,
    )


def schedule_out(standing: Standing) -> ScheduleOut:
    """A schedule of a chain."""
    return ScheduleOut(
        schedule=standing.spec,
        upcoming=[occurrence_out(found) for found in standing.upcoming],
        last_fire=None if standing.last is None else fire_out(standing.last),
        paused=None if standing.paused is None else PausedOut(at=standing.paused.at, by=standing.paused.by_name),
        hindrances=[HindranceOut(code=one.code, message=one.message) for one in standing.hindrances],
    )


def planned_out(planned: Planned) -> PlannedOut:
    """A schedule in a calendar."""
    return PlannedOut(
        chain_id=str(planned.chain_id),
        chain_name=planned.chain_name,
        name=planned.spec.name,
        zone=planned.spec.zone,
        color=planned.spec.color,
        in_force=planned.fires,
        calendar_problem=planned.calendar,
        days=[
            DayOut(on=day.on, count=day.count, times=[occurrence_out(f) for f in day.first], holiday=day.holiday)
            for day in planned.days
        ],
        complete_until=planned.complete_until,
    )
