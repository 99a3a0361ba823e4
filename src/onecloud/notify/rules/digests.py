"""When a collected digest is due, and what it says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, Literal, cast, get_args

from onecloud.notify import layout
from onecloud.notify.model import Entry, Status
from onecloud.notify.rules.notices import run_link, shown_time

DAILY_HOUR: Final = 9  # Source: product facts 5.7 (reports at 09:00 UTC)
SHOWN_MOST: Final = 200  # lines of one digest; the counts are of all


def due_at(every: Literal["hourly", "daily"], at: datetime) -> datetime:
    """When the digest goes out that holds what happened at `at`: the next full hour, or the next 09:00 UTC."""
    hour = at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    if every == "hourly":
        return hour + timedelta(hours=1)
    nine = hour.replace(hour=DAILY_HOUR)
    return nine if at < nine else nine + timedelta(days=1)


def counted(entries: Sequence[Entry]) -> list[tuple[Status, int]]:
    """How often each status stands in a digest, in the order of the statuses' list."""
    counts = Counter(entry.status for entry in entries)
    statuses = cast(tuple[Status, ...], get_args(Status))
    return [(status, counts[status]) for status in statuses if counts[status]]


def subject(entries: Sequence[Entry]) -> str:
    """The digest in one line."""
    said = ", ".join(f"{count} {status}" for status, count in counted(entries))
    return f"{'Hourly' if entries[0].every == 'hourly' else 'Daily'} digest: {said}"


def plain(entries: Sequence[Entry], public_url: str) -> str:
    """The digest as text, newest first."""
    blocks = ["\n".join(f"{status}: {count}" for status, count in counted(entries))]
    for entry in _shown(entries):
        link = run_link(public_url, entry.run_id)
        lines = [f"{entry.status}: {entry.title}", f"{entry.place}, {shown_time(entry.at)}, run {entry.run_id}", link]
        blocks.append("\n".join(line for line in lines if line))
    return "\n\n".join([*blocks, *_left_out(entries)])


def page(entries: Sequence[Entry], public_url: str) -> str:
    """The same as HTML."""
    rows = [
        (
            entry.status,
            f"{entry.title} ({entry.place}, {shown_time(entry.at)}, run {entry.run_id})",
            run_link(public_url, entry.run_id),
        )
        for entry in _shown(entries)
    ]
    parts = [
        layout.heading(subject(entries)),
        layout.facts([(status, str(count)) for status, count in counted(entries)]),
        layout.listing(rows),
        *(layout.paragraphs(note) for note in _left_out(entries)),
    ]
    footer = "You get this because notifications of chains name you and are collected."
    return layout.document(subject(entries), parts, footer)


def _shown(entries: Sequence[Entry]) -> list[Entry]:
    return sorted(entries, key=lambda entry: entry.at, reverse=True)[:SHOWN_MOST]


def _left_out(entries: Sequence[Entry]) -> list[str]:
    left = len(entries) - SHOWN_MOST
    return [f"The newest {SHOWN_MOST} are listed; {left} more are in the counts above."] if left > 0 else []
