"""The time zone database read by hand (RFC 8536), so that nothing here shares a line with what it is to judge."""

from __future__ import annotations

import importlib.resources
import struct
import zoneinfo
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Final

FIRST: Final = datetime(2000, 1, 1, tzinfo=UTC)
LAST: Final = datetime(2037, 12, 31, tzinfo=UTC)
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
STEP: Final = timedelta(days=5)  # a rule for later years has a summer and a winter


@dataclass(frozen=True, slots=True)
class Edge:
    """A change of a zone's offset from UTC."""

    at: datetime
    before: timedelta
    after: timedelta

    @property
    def shift(self) -> timedelta:
        """By how much the clocks go forward; negative when they go back."""
        return self.after - self.before

    def moment(self, wall: datetime) -> datetime:
        """The moment of a time on the wall clock near this edge, by arithmetic alone.

        Both offsets are tried; the first moment at which the clock really shows the time is taken, and a time that
        the clock never shows is read with the offset from before.
        """
        early, late = (wall.replace(tzinfo=UTC) - offset for offset in (self.before, self.after))
        shown = [m for m, real in ((early, early < self.at), (late, late >= self.at)) if real]
        return min(shown, default=early)

    def wall(self, moment: datetime) -> datetime:
        """What the clock shows at a moment near this edge."""
        return (moment + (self.before if moment < self.at else self.after)).replace(tzinfo=None)


@cache
def zones() -> tuple[str, ...]:
    """Every zone that there is."""
    return tuple(sorted(zoneinfo.available_timezones()))


def file_of(zone: str) -> bytes:
    """The zone's file, from where `zoneinfo` takes it."""
    for folder in zoneinfo.TZPATH:
        if (Path(folder) / zone).is_file():
            return (Path(folder) / zone).read_bytes()
    return importlib.resources.files("tzdata").joinpath("zoneinfo", *zone.split("/")).read_bytes()


def transitions(zone: str) -> tuple[list[Edge], bool]:
    """Every change that the zone's file lists, of any year; and whether a rule for later years follows the list."""
    data = file_of(zone)
    skipped = counts(data, 0)
    start = 44 + skipped["t"] * 5 + skipped["y"] * 6 + skipped["c"] + skipped["l"] * 8 + skipped["s"] + skipped["g"]
    found = counts(data, start)
    place, number = start + 44, found["t"]
    times = struct.unpack(f">{number}q", data[place : place + 8 * number])
    indexes = data[place + 8 * number : place + 9 * number]
    place += 9 * number
    offsets = [struct.unpack(">i", data[place + 6 * n : place + 6 * n + 4])[0] for n in range(found["y"])]
    edges: list[Edge] = []
    before = offsets[0]
    for time, index in zip(times, indexes, strict=True):
        if offsets[index] != before and abs(time) < 2**33:
            at = EPOCH + timedelta(seconds=time)
            edges.append(Edge(at, timedelta(seconds=before), timedelta(seconds=offsets[index])))
        before = offsets[index]
    return edges, b"," in data[place + 6 * found["y"] :].rpartition(b"\n")[0].rpartition(b"\n")[2]


def counts(data: bytes, place: int) -> dict[str, int]:
    """The numbers in a header of the file."""
    assert data[place : place + 4] == b"TZif"
    return dict(zip("gsltyc", struct.unpack(">6I", data[place + 20 : place + 44]), strict=True))


@cache
def edges(zone: str) -> tuple[Edge, ...]:
    """The zone's changes from 2000 to 2037; those that the file leaves to its rule are found by looking."""
    listed, goes_on = transitions(zone)
    last = max((edge.at for edge in listed), default=FIRST)
    found = [edge for edge in listed if FIRST <= edge.at <= LAST]
    clock = zoneinfo.ZoneInfo(zone)
    at = max(last, FIRST) if goes_on else LAST
    while at < LAST:
        before, after = shown(clock, at), shown(clock, at + STEP)
        if before != after:
            low, high = at, at + STEP
            while high - low > timedelta(seconds=1):
                middle = low + timedelta(seconds=(high - low) // timedelta(seconds=2))
                low, high = (middle, high) if shown(clock, middle) == before else (low, middle)
            found.append(Edge(high, before, after))
        at += STEP
    return tuple(found)


def shown(clock: zoneinfo.ZoneInfo, at: datetime) -> timedelta:
    """What the clock is ahead of UTC."""
    return at.astimezone(clock).replace(tzinfo=None) - at.replace(tzinfo=None)
