"""Schedules on the wire of API v1."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onecloud.api.v1 import schedules as wire
from onecloud.chains.parts.schedule import Every, ScheduleSpec
from onecloud.schedules.rules import fires
from tests.schedules.strategies import crons

PUBLISHED = datetime(2026, 2, 8, 6, 25, tzinfo=UTC)


def shown(spec: ScheduleSpec) -> dict[str, object]:
    return wire.schedules_of([spec], PUBLISHED)[0].model_dump()


def test_a_monthly_schedule_is_told_field_for_field() -> None:
    spec = ScheduleSpec("m", "America/New_York", "month", at="10:01", days_of_month=("15", "last"), end_on="2026-12-31")
    assert shown(spec) == {
        "enabled": True,
        "start_at": "2026-02-08 06:25:00",
        "end_at": "2027-01-01 04:59:59",
        "properties": {
            "days_of_month": ["15", "last"],
            "days_of_week": [],
            "recurring_interval": 1,
            "recurring_type": "monthly",
            "run_at_hours": 10,
            "run_at_minutes": 1,
            "run_at_seconds": 0,
            "stop_at_hours": None,
            "stop_at_minutes": None,
            "zone": "America/New_York",
        },
    }


@pytest.mark.parametrize(
    ("every", "recurring"),
    [("minute", "minutely"), ("hour", "hourly"), ("day", "daily"), ("week", "weekly"), ("month", "monthly")],
)
def test_every_repetition_has_its_word_and_a_window_its_end(every: Every, recurring: str) -> None:
    spec = replace(ScheduleSpec("s", "Europe/Berlin", interval=2, at="08:15:30", stop_at="18:45"), every=every)
    spec = replace(spec, start_on="2026-07-01", enabled=False)
    found = wire.schedules_of([spec], PUBLISHED)[0]
    assert (found.enabled, found.start_at, found.end_at) == (False, "2026-06-30 22:00:00", None)
    told = found.properties
    assert (told.recurring_type, told.recurring_interval, told.run_at_seconds) == (recurring, 2, 30)
    assert (told.stop_at_hours, told.stop_at_minutes) == (18, 45)


@pytest.mark.parametrize(
    ("text", "recurring", "interval", "hours", "minutes", "days"),
    [
        ("30 2 * * *", "daily", 1, 2, 30, []),
        ("0 8 * * MON-FRI", "weekly", 1, 8, 0, ["monday", "tuesday", "wednesday", "thursday", "friday"]),
        ("0 8 * * 7,3", "weekly", 1, 8, 0, ["sunday", "wednesday"]),
        ("*/15 * * * *", "minutely", 15, 0, 0, []),
        ("5 * * * *", "hourly", 1, 0, 5, []),
        ("5 */6 * * *", "hourly", 6, 0, 5, []),
        ("0 6 1,L * *", "monthly", 1, 6, 0, ["1", "last"]),
    ],
)
def test_a_simple_cron_text_is_told_as_the_repetition_it_is(
    text: str, recurring: str, interval: int, hours: int, minutes: int, days: list[str]
) -> None:
    told = wire.schedules_of([ScheduleSpec("c", "UTC", cron=text)], PUBLISHED)[0].properties
    assert (told.recurring_type, told.recurring_interval) == (recurring, interval)
    assert (told.run_at_hours, told.run_at_minutes) == (hours, minutes)
    assert [*told.days_of_week, *told.days_of_month] == days


@pytest.mark.parametrize(
    "text", ["0 6 * * MON#1", "*/7 * * * *", "0 9-17 * * *", "0 6 13 * FRI", "0 6 1 1 *", "1,2 3 * * *"]
)
def test_any_other_cron_text_is_told_as_it_is(text: str) -> None:
    told = shown(ScheduleSpec("c", "Asia/Tokyo", cron=text))["properties"]
    assert told == {
        "days_of_month": [],
        "days_of_week": [],
        "recurring_interval": None,
        "recurring_type": "cron",
        "run_at_hours": None,
        "run_at_minutes": None,
        "run_at_seconds": None,
        "stop_at_hours": None,
        "stop_at_minutes": None,
        "zone": "Asia/Tokyo",
        "cron": text,
    }


def simple() -> st.SearchStrategy[str]:
    """Cron texts of which many have a simple form."""
    minute = st.one_of(st.integers(0, 59).map(str), st.sampled_from(["*", "*/5", "*/60", "*/7"]))
    hour = st.one_of(st.integers(0, 23).map(str), st.sampled_from(["*", "*/4", "*/24", "*/5"]))
    day = st.sampled_from(["*", "1", "31", "L", "1,15", "L,03"])
    week = st.sampled_from(["*", "0", "7", "mon", "MON-FRI", "1-5", "6,0", "5-7", "*/2", "2#1"])
    return st.one_of(st.tuples(minute, hour, day, st.just("*"), week).map(" ".join), crons())


@settings(deadline=None)
@given(simple())
def test_the_simple_form_fires_at_the_same_moments(text: str) -> None:
    spec = ScheduleSpec("c", "Europe/Berlin", cron=text)
    plain = wire._plain(spec, text)  # pyright: ignore[reportPrivateUsage] - the translation itself is what is proved
    if plain is None:
        return  # many texts have no simple form; which ones do is the business of the tests above
    assert plain.cron is None
    after = datetime(2026, 3, 28, 23, tzinfo=UTC)
    moments = [fire.at for fire in islice(fires(plain, after), 60)]
    assert moments == [fire.at for fire in islice(fires(spec, after), 60)]
    assert moments[0] - after < timedelta(days=63)
