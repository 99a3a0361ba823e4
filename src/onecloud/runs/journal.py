"""Events as JSON and back: what a turn writes to the journal. Its meaning is part of `JOURNAL_FORMAT`; pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from onecloud.kernel.jsonvalue import Json
from onecloud.runs.model import (
    Checked,
    Event,
    NodeFinished,
    NodeState,
    NodeWaits,
    Opened,
    PauseAsked,
    Resumed,
    RetryDue,
    Spot,
    Started,
    Unit,
)


def encode(events: Sequence[Event]) -> list[Json]:
    """The events as small JSON lists, the kind first, then the place."""
    return [_encode(event) for event in events]


def _encode(event: Event) -> Json:
    match event:
        case Started():
            return ["started"]
        case Opened(spot, total):
            return ["opened", *spot, total]
        case NodeFinished():
            e = event
            entry: list[Json] = ["finished", *e.unit, e.attempt, e.state.value, e.exit_code, e.retryable]
            entry.append(e.at.isoformat())
            if e.forces or e.event_id:
                entry += [e.forces, e.text, e.event_id]
            return entry
        case NodeWaits(unit, attempt, until, fails):
            return ["waits", *unit, attempt, None if until is None else until.isoformat(), fails]
        case RetryDue(unit, attempt):
            return ["retry", *unit, attempt]
        case Checked(spot, index, done, fault):
            return ["checked", *spot, index, done, fault]
        case PauseAsked(event_id, by):
            return ["pause", event_id, by]
        case Resumed(event_id, start):
            return ["resumed", event_id, None if start is None else list(start)]


def decode(entries: Sequence[Any]) -> tuple[Event, ...]:
    """The events of a journal entry.

    Raises: ValueError for a kind that this version does not know.
    """
    return tuple(_decode(entry) for entry in entries)


def _decode(entry: Any) -> Event:
    match entry:
        case ["started"]:
            return Started()
        case ["opened", key, outer, total]:
            return Opened(Spot(key, outer), total)
        case ["finished", key, outer, item, attempt, state, exit_code, retryable, at, *more]:
            unit, moment = Unit(key, outer, item), datetime.fromisoformat(at)
            return NodeFinished(unit, attempt, NodeState(state), exit_code, retryable, moment, *more)
        case ["waits", key, outer, item, attempt, until, fails]:
            moment = None if until is None else datetime.fromisoformat(until)
            return NodeWaits(Unit(key, outer, item), attempt, moment, fails)
        case ["retry", key, outer, item, attempt]:
            return RetryDue(Unit(key, outer, item), attempt)
        case ["checked", key, outer, index, done, fault]:
            return Checked(Spot(key, outer), index, done, fault)
        case ["pause", event_id, by]:
            return PauseAsked(event_id, by)
        case ["resumed", event_id, start]:
            return Resumed(event_id, None if start is None else Spot(*start))
        case _:
            raise ValueError(f"unknown journal entry {entry!r}")
