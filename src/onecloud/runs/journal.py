"""Events as JSON and back: what a turn writes to the journal. Its meaning is part of `JOURNAL_FORMAT`; pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from onecloud.kernel.jsonvalue import Json
from onecloud.runs.model import Event, NodeFinished, NodeState, Resumed, RetryDue, Started


def encode(events: Sequence[Event]) -> list[Json]:
    """The events as small JSON lists, the kind first."""
    return [_encode(event) for event in events]


def _encode(event: Event) -> Json:
    match event:
        case Started():
            return ["started"]
        case NodeFinished(key, attempt, state, exit_code, retryable, at):
            return ["finished", key, attempt, state.value, exit_code, retryable, at.isoformat()]
        case RetryDue(key, attempt):
            return ["retry", key, attempt]
        case Resumed(event_id):
            return ["resumed", event_id]


def decode(entries: Sequence[Any]) -> tuple[Event, ...]:
    """The events of a journal entry.

    Raises: ValueError for a kind that this version does not know.
    """
    return tuple(_decode(entry) for entry in entries)


def _decode(entry: Any) -> Event:
    match entry:
        case ["started"]:
            return Started()
        case ["finished", key, attempt, state, exit_code, retryable, at]:
            return NodeFinished(key, attempt, NodeState(state), exit_code, retryable, datetime.fromisoformat(at))
        case ["retry", key, attempt]:
            return RetryDue(key, attempt)
        case ["resumed", event_id]:
            return Resumed(event_id)
        case _:
            raise ValueError(f"unknown journal entry {entry!r}")
