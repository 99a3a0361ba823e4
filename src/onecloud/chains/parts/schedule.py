"""When a chain starts by itself: a repetition on the clock of a time zone, or a cron text; pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Final, Literal, TypeAlias

from pydantic import ConfigDict, Field, JsonValue

MOST_SCHEDULES: Final = 100

Every: TypeAlias = Literal["minute", "hour", "day", "week", "month"]
Weekday: TypeAlias = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]

NAME: Final = r"^[^\W_](?:[\w .-]{0,98}[\w.-])?$"
CLOCK: Final = r"^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$"
MINUTES: Final = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"
DAY: Final = r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"
# What a text that does not fit its pattern should look like.
FORMS: Final = {
    "at": "Write HH:MM or HH:MM:SS, such as 06:30.",
    "stop_at": "Write HH:MM, such as 18:00.",
    "start_on": "Write a day as YYYY-MM-DD.",
    "end_on": "Write a day as YYYY-MM-DD.",
    "days_of_month": 'Write days as texts from "1" to "31", or "last".',
}


@dataclass(frozen=True, slots=True)
class ScheduleSpec:
    """One schedule of a chain: either `every` or `cron`, on the clock of `zone`.

    Source: product facts 6 and 12 (a schedule takes effect with the publish).
    """

    __pydantic_config__ = ConfigDict(extra="forbid", strict=True)

    name: Annotated[str, Field(pattern=NAME, description="Name, unique in the chain.")]
    zone: Annotated[str, Field(max_length=64, description="IANA time zone whose clock counts: `America/New_York`.")]
    every: Annotated[Every | None, Field(description="Unit of the repetition.")] = None
    interval: Annotated[
        int,
        Field(ge=1, le=10_000, description="Every so many units, counted from `start_on` (or from `at`, see there)."),
    ] = 1
    at: Annotated[
        str,
        Field(
            pattern=CLOCK,
            description="Time of day, `HH:MM` or `HH:MM:SS`; with `minute` and `hour` the first time of a day.",
        ),
    ] = "00:00"
    stop_at: Annotated[
        str | None,
        Field(
            pattern=MINUTES,
            description="With `minute` and `hour`: last time of the daily window that begins at `at`, `HH:MM`; "
            "earlier than `at` means on the following day.",
        ),
    ] = None
    days_of_week: Annotated[
        tuple[Weekday, ...],
        Field(strict=False, max_length=7, description="Only on these days; with `week` the days that are meant."),
    ] = ()
    days_of_month: Annotated[
        tuple[Annotated[str, Field(pattern=r"^([1-9]|[12][0-9]|3[01]|last)$")], ...],
        Field(
            strict=False,
            max_length=32,
            description='Days of the month as texts, `"1"` to `"31"` and `"last"`; a month without the day is left '
            "out.",
        ),
    ] = ()
    cron: Annotated[
        str | None,
        Field(max_length=200, description="Five cron fields instead of `every`: `15 6 * * MON-FRI`."),
    ] = None
    start_on: Annotated[str | None, Field(pattern=DAY, description="First day, `YYYY-MM-DD`.")] = None
    end_on: Annotated[str | None, Field(pattern=DAY, description="Last day, `YYYY-MM-DD`.")] = None
    enabled: Annotated[bool, Field(description="Whether it starts runs.")] = True
    color: Annotated[
        str, Field(pattern=r"^(#[0-9A-Fa-f]{6})?$", description="Color in the calendar, such as `#3CB702`.")
    ] = ""
    missed: Annotated[
        Literal["skip", "once"],
        Field(description="Times that passed while no server ran: leave them out, or run once for all of them."),
    ] = "skip"
    calendar: Annotated[
        str | None,
        Field(max_length=200, description="Workspace resource with the holidays: iCalendar, or one date a line."),
    ] = None
    on_holiday: Annotated[
        Literal["skip", "only"], Field(description="Leave the calendar's days out, or run on no others.")
    ] = "skip"
    inputs: Annotated[Mapping[str, JsonValue], Field(description="Runtime inputs of the runs that it starts.")] = field(
        default_factory=dict[str, JsonValue]
    )
