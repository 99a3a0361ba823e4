"""Schedules as they may be published, drawn at random."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from hypothesis import strategies as st

from onecloud.chains.parts.schedule import ScheduleSpec
from onecloud.schedules.recurrence import WEEKDAYS

BEGIN: Final = date(2026, 1, 1)
WHOLE_DAYS: Final = {"minute": (1, 8, 15, 30, 90, 720), "hour": (1, 2, 6, 12)}
days = st.dates(BEGIN, BEGIN + timedelta(days=400))
times = st.times().map(lambda at: at.strftime("%H:%M:%S"))
minutes = st.times().map(lambda at: at.strftime("%H:%M"))
days_of_week = st.sets(st.sampled_from(WEEKDAYS), max_size=4).map(tuple)
days_of_month = st.sets(st.sampled_from([*map(str, range(1, 32)), "last"]), max_size=4).map(tuple)


def field(low: int, high: int) -> st.SearchStrategy[str]:
    """One field of a cron text."""
    number = st.integers(low, high)
    # croniter takes `1-1` for every value.
    span = st.tuples(number, number).filter(lambda p: p[0] != p[1]).map(lambda p: f"{min(p)}-{max(p)}")
    step = st.integers(1, 20).map(lambda n: f"*/{n}")
    some = st.lists(st.one_of(number.map(str), span), min_size=1, max_size=3).map(",".join)
    return st.one_of(st.just("*"), some, step)


@st.composite
def crons(draw: st.DrawFn) -> str:
    """A cron text in which the day of the month or of the week is free: with both, programs differ."""
    either = draw(st.booleans())
    day = "*" if either else draw(field(1, 28))
    week = draw(field(0, 6)) if either else "*"
    return f"{draw(field(0, 59))} {draw(field(0, 23))} {day} {draw(field(1, 12))} {week}"


@st.composite
def schedules(draw: st.DrawFn, zone: str = "UTC") -> ScheduleSpec:
    """Any schedule that the check accepts."""
    start_on = draw(st.none() | days.map(date.isoformat))
    end = draw(st.none() | st.integers(0, 500))
    end_on = None if end is None else (date.fromisoformat(start_on or BEGIN.isoformat()) + timedelta(end)).isoformat()
    spec = ScheduleSpec("s", zone, start_on=start_on, end_on=end_on)
    every = draw(st.sampled_from(["minute", "hour", "day", "week", "month", "cron"]))
    if every == "cron":
        return replace(spec, cron=draw(crons()))
    spec = replace(spec, every=every, at=draw(times))
    match every:
        case "minute" | "hour":
            spec = replace(spec, days_of_week=draw(days_of_week), days_of_month=draw(days_of_month))
            stop_at = draw(st.none() | minutes)
            if stop_at is not None and stop_at != spec.at[:5]:
                return replace(spec, stop_at=stop_at, interval=draw(st.integers(1, 700)))
            if start_on is None:
                return replace(spec, interval=draw(st.sampled_from(WHOLE_DAYS[every])))
            return replace(spec, interval=draw(st.integers(3, 2000)))
        case "day":
            spec = replace(spec, days_of_week=draw(days_of_week))
            return replace(spec, interval=1 if start_on is None else draw(st.integers(1, 40)))
        case "week":
            few = draw(days_of_week.filter(bool) if start_on is None else days_of_week)
            return replace(spec, days_of_week=few, interval=1 if start_on is None else draw(st.integers(1, 6)))
        case _:
            few = draw(days_of_month.filter(bool) if start_on is None else days_of_month)
            return replace(spec, days_of_month=few, interval=1 if start_on is None else draw(st.integers(1, 14)))
