"""Why a run is where it is, in one sentence with the mend; pure.

Source: the question people ask most of any scheduler is why something does not run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from onecloud.runs.model import NodeState, RunState
from onecloud.runs.records import ResultRecord, RunRecord


@dataclass(frozen=True, slots=True)
class Holder:
    """A run that holds a place: the one that has done so longest."""

    run_id: int
    chain_name: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Around:
    """What the sentence may need to know beside the run: who holds the places, and who is asked.

    `asked` gives the people of an open question by `(kind, id)`.
    """

    places: int
    working: int
    oldest: Holder | None
    asked: Mapping[tuple[str, str], Sequence[str]]


def why(run: RunRecord, names: Mapping[str, str], active: Sequence[ResultRecord], around: Around) -> str | None:
    """The sentence; None for a run that has ended. `active` are its attempts under way, `names` its nodes' names."""
    match run.state:
        case RunState.ENQUEUEING:
            return _queued(around)
        case RunState.PAUSED:
            reason = run.result_text or "Paused."
            return f"{reason} Resume it when what stopped it is mended, or stop it."
        case RunState.RUNNING:
            return _running(names, active, around)
        case _:
            return None


def _queued(around: Around) -> str:
    if around.working < around.places or around.oldest is None:
        return "It is about to begin. If this lasts, look whether the server that runs chains is up (/readyz)."
    holder = around.oldest
    return (
        f"All {around.places} places for runs are taken; run {holder.run_id} ({holder.chain_name}) has held one "
        f"since {holder.since:%Y-%m-%d %H:%M} UTC. It begins when a place is free: stop a run, or raise "
        "ONECLOUD_RUN_SLOTS."
    )


def _running(names: Mapping[str, str], active: Sequence[ResultRecord], around: Around) -> str:
    working = [row for row in active if row.state is NodeState.ACTIVE]
    waiting = [row for row in working if row.waits is not None]
    busy = [row for row in working if row.waits is None]
    if busy:
        first = busy[0]
        more = f" and {len(busy) - 1} more" if len(busy) > 1 else ""
        return f"{names.get(first.key, first.key)}{more} at work since {first.started_at:%Y-%m-%d %H:%M:%S} UTC."
    if waiting:
        first = waiting[0]
        more = f" And {len(waiting) - 1} more wait." if len(waiting) > 1 else ""
        return f"{names.get(first.key, first.key)} {_wait(first.waits or {}, around)}{more}"
    return "A node waits for its next try, or is about to begin."


def _wait(what: Mapping[str, object], around: Around) -> str:
    until = f" until {_moment(what['until'])}" if what.get("until") else ""
    kind = str(what.get("kind"))
    people = ", ".join(around.asked.get((kind, str(what.get("id"))), ()))
    match kind:
        case "delay":
            return f"waits{until}, as the chain says."
        case "approval":
            return f"waits for approval by {people or 'its approvers'}{until}. They answer on the Approvals page."
        case "upload":
            return f"waits for files from {people or 'the people it asked'}{until}. They upload on the Approvals page."
        case "run":
            return f"waits for run {what.get('run_id')} ({what.get('chain')}){until}. Look there why it takes long."
        case _:
            return f"waits{until}."


def _moment(text: object) -> str:
    return f"{datetime.fromisoformat(str(text)):%Y-%m-%d %H:%M} UTC"
