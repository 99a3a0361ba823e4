"""When an environment's summary goes out, which days it is about, and what it says. Source: product facts 5.7."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from onecloud.kernel.errors import Invalid, NotFound, Problem
from onecloud.notify import layout
from onecloud.notify.model import Frequency, RunCounts, Summary
from onecloud.notify.rules.digests import DAILY_HOUR
from onecloud.notify.rules.texts import one_line

MONDAY: Final = 0


def next_moment(frequency: Frequency, after: datetime) -> datetime:
    """The first moment after `after`: 09:00 UTC of every day, of Mondays, or of the first day of a month."""
    nine = after.astimezone(UTC).replace(hour=DAILY_HOUR, minute=0, second=0, microsecond=0)
    if nine <= after:
        nine += timedelta(days=1)
    while not _is_day(frequency, nine):
        nine += timedelta(days=1)
    return nine


def _is_day(frequency: Frequency, at: datetime) -> bool:
    return frequency == "daily" or (at.weekday() == MONDAY if frequency == "weekly" else at.day == 1)


def last_moment(frequency: Frequency, next_at: datetime, now: datetime) -> datetime:
    """The newest moment that has come by `now`: after a long standstill one summary is sent, not one for each day."""
    moment = next_at
    while (following := next_moment(frequency, moment)) <= now:
        moment = following
    return moment


def period(frequency: Frequency, moment: datetime) -> tuple[datetime, datetime]:
    """The full UTC days before a moment that its summary is about: from the first's begin to the last's end."""
    end = moment.replace(hour=0)
    match frequency:
        case "daily":
            return end - timedelta(days=1), end
        case "weekly":
            return end - timedelta(days=7), end
        case "monthly":
            return (end - timedelta(days=1)).replace(day=1), end


def shown_period(start: datetime, end: datetime) -> str:
    """The days in words."""
    last = end - timedelta(days=1)
    return f"{start:%Y-%m-%d}" if start.date() == last.date() else f"{start:%Y-%m-%d} to {last:%Y-%m-%d}"


def subject(summary: Summary, counts: RunCounts, days: str) -> str:
    """The summary in one line."""
    place = f"{summary.workspace} / {summary.environment}"
    if counts.runs == 0:
        return one_line(f"{place}: no runs ({days})")
    runs = "1 run" if counts.runs == 1 else f"{counts.runs} runs"
    said = [f"{counts.succeeded} succeeded"]
    if counts.warned:
        said.append(f"{counts.warned} with warnings")
    said.append(f"{counts.errored} failed")
    if counts.stopped:
        said.append(f"{counts.stopped} stopped")
    return one_line(f"{place}: {runs}, {', '.join(said)} ({days})")


def facts(summary: Summary, counts: RunCounts, days: str) -> list[tuple[str, str]]:
    """The numbers."""
    return [
        ("Environment", one_line(f"{summary.workspace} / {summary.environment}")),
        ("Days (UTC)", days),
        ("Runs", str(counts.runs)),
        ("Succeeded", str(counts.succeeded)),
        ("With warnings", str(counts.warned)),
        ("Failed", str(counts.errored)),
        ("Stopped", str(counts.stopped)),
    ]


def plain(summary: Summary, counts: RunCounts, days: str, link: str) -> str:
    """The summary as text."""
    lines = "\n".join(f"{name}: {value}" for name, value in facts(summary, counts, days))
    return f"{lines}\n\n{link}" if link else lines


def page(summary: Summary, counts: RunCounts, days: str, link: str) -> str:
    """The same as HTML."""
    parts = [
        layout.heading(f"{summary.workspace} / {summary.environment}"),
        layout.facts(facts(summary, counts, days)),
        layout.button("Open the environment", link),
    ]
    footer = f"You get this {summary.frequency} because an administrator subscribed you."
    return layout.document(subject(summary, counts, days), parts, footer)


def environment_link(public_url: str, environment_id: int) -> str:
    """Where the environment's page is; empty when the server does not know its own address."""
    return f"{public_url.rstrip('/')}/environments/{environment_id}" if public_url else ""


def check_one_recipient(email: str | None, apprise: str | None) -> None:
    """Take exactly one of the two.

    Raises: Invalid.
    """
    if (email is None) == (apprise is None):
        sentence = "A summary goes to one recipient: give `email` or `apprise`, not both."
        raise Invalid("summary.recipient", sentence, problems=(Problem("body", sentence),))


def not_found(summary: str) -> NotFound:
    """The error of an id that names no subscription."""
    return NotFound("summary.not_found", f"There is no summary {summary}.")
