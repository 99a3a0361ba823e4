"""Fires around every change of the clocks, in every zone, from 2000 to 2037, against arithmetic on the zone's file."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import pairwise

import hypothesis
import pytest

from onecloud.chains.parts.schedule import ScheduleSpec
from onecloud.schedules.model import Note
from onecloud.schedules.rules import LONGEST_SHIFT, fires, next_fire, plan_of
from tests.schedules.expected import walls
from tests.schedules.tz import Edge, edges, transitions, zones

DAY = timedelta(days=1)


def quick() -> bool:
    """Whether the run is one of `make quick`: then a sample will do."""
    return hypothesis.settings.get_current_profile_name() == "quick"


def every_edge() -> Iterator[tuple[str, Edge]]:
    """Every change of every zone, in a quick run some of them."""
    found = [(zone, edge) for zone in zones() for edge in edges(zone)]
    assert len(found) > 10_000, "the database of zones was not read"
    yield from random.Random(7).sample(found, 500) if quick() else found


def distinct_edges() -> list[tuple[str, Edge]]:
    """Each kind of change once: the offsets, the time of day and the day of the month at which it happens."""
    kinds = {
        (edge.before, edge.after, edge.wall(edge.at).time(), edge.wall(edge.at).day): (zone, edge)
        for zone, edge in every_edge()
    }
    return list(kinds.values())


def expected(spec: ScheduleSpec, edge: Edge, start: datetime, end: datetime) -> list[datetime]:
    """The moments later than `start` up to `end` by the independent way."""
    margin = abs(edge.shift)
    planned = walls(spec, edge.wall(start) - margin, edge.wall(end) + margin)
    return sorted({moment for wall in planned if start < (moment := edge.moment(wall)) <= end})


def got(spec: ScheduleSpec, start: datetime, end: datetime) -> list[datetime]:
    """The same by the product."""
    found: list[datetime] = []
    for fire in fires(spec, start):
        if fire.at > end:
            break
        found.append(fire.at)
    return found


def test_clocks_never_change_twice_within_the_longest_shift() -> None:
    # What `shifted_lately` rests on.
    for zone in zones():
        changes = [edge for edge in transitions(zone)[0] if edge.at.year >= 1970]
        assert all(later.at - earlier.at > 2 * LONGEST_SHIFT for earlier, later in pairwise(changes)), zone
        assert all(abs(edge.shift) < LONGEST_SHIFT for edge in changes), zone


def test_a_time_of_day_fires_once_a_day_at_the_right_moment_over_every_change() -> None:
    for zone, edge in every_edge():
        # The middle of what is skipped or repeated, and the very moment of the change.
        for wall in (
            edge.wall(edge.at - abs(edge.shift) / 2) if edge.shift < timedelta(0) else missing(edge),
            edge.wall(edge.at),
        ):
            spec = ScheduleSpec("daily", zone, "day", at=wall.strftime("%H:%M:%S"))
            start, end = edge.at - 2 * DAY, edge.at + 2 * DAY
            planned = [datetime.combine(edge.wall(start).date() + n * DAY, wall.time()) for n in range(-1, 7)]
            wanted = sorted({moment for time in planned if start < (moment := edge.moment(time)) <= end})
            assert got(spec, start, end) == wanted, (zone, edge, spec.at)


def missing(edge: Edge) -> datetime:
    """A time in the middle of what the clocks skip."""
    return (edge.at + edge.before + edge.shift / 2).replace(tzinfo=None, microsecond=0)


def test_dense_schedules_agree_over_every_kind_of_change() -> None:
    for zone, edge in distinct_edges():
        around = max(timedelta(hours=3), abs(edge.shift) + timedelta(hours=2))
        start, end = edge.at - around, edge.at + around
        for spec in (
            ScheduleSpec("quarter", zone, "minute", 15),
            ScheduleSpec("hours", zone, "hour", at="00:20"),
            ScheduleSpec("window", zone, "minute", 20, at="22:10", stop_at="03:45"),
        ):
            assert got(spec, start, end) == expected(spec, edge, start, end), (zone, edge, spec.name)


def test_cron_agrees_over_every_kind_of_change() -> None:
    for zone, edge in distinct_edges():
        around = abs(edge.shift) + timedelta(hours=2)
        start, end = edge.at - around, edge.at + around
        spec = ScheduleSpec("cron", zone, cron="*/20 * * * *")
        assert got(spec, start, end) == expected(spec, edge, start, end), (zone, edge)


def test_any_moment_finds_the_same_fire_as_the_walk() -> None:
    chance = random.Random(11)
    for zone, edge in chance.sample(distinct_edges(), 100):
        spec = ScheduleSpec("dense", zone, "minute", 7)
        start = edge.at - abs(edge.shift) - timedelta(hours=1)
        walk = got(spec, start, edge.at + abs(edge.shift) + timedelta(hours=2))
        plan = plan_of(spec)
        for _ in range(40):
            moment = start + chance.random() * (walk[-1] - start)
            fire = next_fire(plan, moment)
            assert fire is not None
            assert fire.at == next(at for at in walk if at > moment), (zone, edge, moment)


@pytest.mark.parametrize(
    ("zone", "at", "day", "fired", "note"),
    [
        ("America/New_York", "02:30", date(2026, 3, 8), "2026-03-08T03:30:00-04:00", Note.MOVED),
        ("America/New_York", "01:30", date(2026, 11, 1), "2026-11-01T01:30:00-04:00", Note.FIRST_OF_TWO),
        ("Europe/Berlin", "02:00", date(2026, 3, 29), "2026-03-29T03:00:00+02:00", Note.MOVED),
        ("Australia/Lord_Howe", "02:15", date(2026, 10, 4), "2026-10-04T02:45:00+11:00", Note.MOVED),
        ("Africa/Cairo", "00:30", date(2026, 4, 24), "2026-04-24T01:30:00+03:00", Note.MOVED),
        ("America/Santiago", "23:30", date(2026, 4, 4), "2026-04-04T23:30:00-03:00", Note.FIRST_OF_TWO),
    ],
)
def test_known_changes(zone: str, at: str, day: date, fired: str, note: Note) -> None:
    spec = ScheduleSpec("daily", zone, "day", at=at, start_on=day.isoformat())
    fire = next(fires(spec, datetime.fromisoformat(fired) - 2 * DAY))
    assert (fire.local.isoformat(), fire.note, fire.planned.strftime("%H:%M")) == (fired, note, at)


def test_a_whole_day_that_a_country_left_out_moves_onto_the_next() -> None:
    # Samoa had no 30 December 2011.
    spec = ScheduleSpec("month", "Pacific/Apia", "month", at="10:00", days_of_month=("30",), start_on="2011-12-01")
    fire = next(fires(spec, datetime.fromisoformat("2011-12-01T00:00:00+00:00")))
    assert (fire.local.isoformat(), fire.note) == ("2011-12-31T10:00:00+14:00", Note.MOVED)
