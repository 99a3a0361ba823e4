"""Planned times, holidays and bounds, against dateutil and croniter."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import islice, pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from onecloud.chains.parts.schedule import ScheduleSpec
from onecloud.schedules.model import Fire, Holidays, LeftOut
from onecloud.schedules.rules import fires, next_fire, occurrences, plan_of, preview, told
from tests.schedules.expected import walls
from tests.schedules.strategies import BEGIN, days, schedules
from tests.schedules.tz import Edge, edges

DAY = timedelta(days=1)
moments = st.timedeltas(timedelta(), timedelta(days=400)).map(lambda span: datetime(2026, 1, 2, tzinfo=UTC) + span)
FOREVER = date(2100, 1, 1)


def naive(moment: datetime) -> datetime:
    return moment.replace(tzinfo=None)


def dense(spec: ScheduleSpec) -> bool:
    return spec.every in {"minute", "hour"} or spec.cron is not None


@settings(deadline=None)
@given(schedules(), moments)
def test_planned_times_are_those_of_other_libraries(spec: ScheduleSpec, after: datetime) -> None:
    span = 40 * DAY if dense(spec) else 1500 * DAY
    wanted = [wall for wall in islice(walls(spec, naive(after), naive(after + span)), 40) if wall > naive(after)]
    until = (wanted[-1] if len(wanted) >= 39 else naive(after + span)).replace(tzinfo=UTC)
    found: list[datetime] = []
    for fire in fires(spec, after):
        if fire.at > until:
            break
        found.append(naive(fire.at))
    assert found == wanted


@settings(deadline=None)
@given(st.data(), st.sampled_from(["America/New_York", "Australia/Lord_Howe", "Europe/Dublin", "Africa/Casablanca"]))
def test_any_schedule_fires_rightly_where_the_clocks_change(data: st.DataObject, zone: str) -> None:
    edge: Edge = data.draw(st.sampled_from([e for e in edges(zone) if e.at.year in {2026, 2027}]))
    spec = data.draw(schedules(zone))
    start, end = edge.at - 2 * DAY, edge.at + 2 * DAY
    margin = abs(edge.shift)
    planned = walls(spec, edge.wall(start) - margin, edge.wall(end) + margin)
    wanted = sorted({moment for wall in planned if start < (moment := edge.moment(wall)) <= end})[:50]
    found: list[datetime] = []
    for fire in fires(spec, start):
        if fire.at > end or len(found) == 50:
            break
        found.append(fire.at)
    assert found == wanted


@settings(deadline=None)
@given(schedules("Europe/Berlin"), moments)
def test_fires_follow_one_another_and_none_lies_between(spec: ScheduleSpec, after: datetime) -> None:
    plan, found = plan_of(spec), list(islice(fires(spec, after), 5))
    for earlier, later in pairwise(found):
        assert earlier.at < later.at
        middle = earlier.at + (later.at - earlier.at) / 2
        assert next_fire(plan, middle) == later
        assert next_fire(plan, later.at - timedelta(microseconds=1)) == later
    for fire in found:
        assert spec.start_on is None or fire.day >= date.fromisoformat(spec.start_on)
        assert spec.end_on is None or fire.day <= date.fromisoformat(spec.end_on)


@settings(deadline=None)
@given(schedules("Europe/Berlin"), moments, st.sets(days, max_size=60))
def test_holidays_are_left_out_or_nothing_else_is(spec: ScheduleSpec, after: datetime, chosen: set[date]) -> None:
    holidays = Holidays.of(((day, f"h{day}") for day in chosen), FOREVER)
    end = after + 30 * DAY

    def within(spec: ScheduleSpec, holidays: Holidays | None) -> list[Fire]:
        found: list[Fire] = []
        for fire in fires(spec, after, holidays):
            if fire.at > end or len(found) == 300:
                break
            found.append(fire)
        return found

    every = within(spec, None)
    limit = every[-1].at if len(every) == 300 else end
    only = replace(spec, on_holiday="only")
    assert [f for f in within(spec, holidays) if f.at <= limit] == [f for f in every if f.day not in chosen]
    assert [f for f in within(only, holidays) if f.at <= limit] == [f for f in every if f.day in chosen]
    left = [
        found.day
        for found in islice(occurrences(spec, after, holidays), 50)
        if isinstance(found, LeftOut) and found.at <= limit
    ]
    wanted = list(dict.fromkeys(f.day for f in every if f.day in chosen))
    assert left == wanted[: len(left)]


def test_days_past_the_end_of_a_month_are_left_out_and_last_is_always_there() -> None:
    after = datetime(2026, 1, 1, tzinfo=UTC)
    on_30 = ScheduleSpec("s", "UTC", "month", at="06:00", days_of_month=("30",))
    last = ScheduleSpec("s", "UTC", "month", at="06:00", days_of_month=("last",))
    assert [f.day.isoformat() for f in islice(fires(on_30, after), 3)] == ["2026-01-30", "2026-03-30", "2026-04-30"]
    assert [f.day.isoformat() for f in islice(fires(last, after), 3)] == ["2026-01-31", "2026-02-28", "2026-03-31"]


def test_a_night_window_belongs_to_the_evening_on_which_it_begins() -> None:
    spec = ScheduleSpec("night", "UTC", "hour", 4, at="22:00", stop_at="06:00", days_of_week=("friday",))
    holidays = Holidays.of([(date(2026, 1, 3), "a Saturday"), (date(2026, 1, 9), "a Friday")], FOREVER)
    found = preview(spec, datetime(2026, 1, 1, tzinfo=UTC), 5, holidays)
    assert [f.at.strftime("%a %d %H:%M") for f in found] == [
        "Fri 02 22:00", "Sat 03 02:00", "Sat 03 06:00", "Fri 09 22:00", "Fri 16 22:00",
    ]  # fmt: skip
    assert told(found[3]) == "Left out: 2026-01-09 is a holiday (a Friday)."


def test_what_can_never_happen_ends_instead_of_searching_for_ever() -> None:
    after = datetime(2026, 1, 1, tzinfo=UTC)
    no_day = ScheduleSpec("s", "UTC", "month", 12, days_of_month=("31",), start_on="2026-02-01")
    over = ScheduleSpec("s", "UTC", "minute", end_on="2025-12-31")
    no_holiday = ScheduleSpec("s", "UTC", "minute", on_holiday="only")
    assert next_fire(plan_of(no_day), after) is None
    assert next_fire(plan_of(over), after) is None
    assert preview(no_holiday, after, 5, Holidays.of([(BEGIN - DAY, "past")], FOREVER)) == []


def test_one_moment_fires_once_where_a_skipped_time_meets_another() -> None:
    spec = ScheduleSpec("s", "Europe/Berlin", cron="0 2,3 * * *")
    found = preview(spec, datetime(2026, 3, 28, 12, tzinfo=UTC), 2)
    assert [f.local.isoformat() for f in found] == ["2026-03-29T03:00:00+02:00", "2026-03-30T02:00:00+02:00"]
    assert told(found[0]).startswith("Also stands for 02:00, which does not exist on 2026-03-29")
