"""The nouns of asking people: which run asks, who is asked, how each of them stands, and what it comes to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal, TypeAlias

from onecloud.connector.context import FileRef
from onecloud.kernel.jsonvalue import Json
from onecloud.kernel.permission import Place

ApprovalType: TypeAlias = Literal["sequential", "flat", "single"]
ApprovalState: TypeAlias = Literal["open", "approved", "rejected", "expired", "cancelled"]
Verdict: TypeAlias = Literal["accept", "reject"]
Way: TypeAlias = Literal["web", "mail", "api"]

RUNTIME_USER: Final = "Runtime User"  # stands for whoever started the run
PEOPLE_MOST: Final = 50
COMMENT_MOST: Final = 5_000
DUE_DAYS_MOST: Final = 400

# How an event ends for the links that follow it.
GRANTED: Final = 0  # approved, or uploaded
REFUSED: Final = 1  # rejected, or declined
UNASKED: Final = 2  # it could not be asked: nobody of that email, nobody who started the run
EXPIRED: Final = 3  # nobody answered in time


@dataclass(frozen=True, slots=True)
class Ask:
    """Which attempt of which node in which place of a run asks. `place` is the engine's text for a pass; any text."""

    run_id: int
    key: str
    place: str
    attempt: int


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the question comes from, for people and their permissions. `started_by` is None when nobody started it."""

    chain: Place
    chain_name: str
    node_name: str
    started_by: int | None

    @property
    def chain_id(self) -> int:
        """The chain's number."""
        return self.chain.object_id


@dataclass(frozen=True, slots=True)
class Person:
    """A user, as they were called when they were asked."""

    user_id: int
    email: str
    name: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the asking node ends with: its exit code, a sentence, and its outputs."""

    status: str
    exit_code: int
    message: str
    outputs: Mapping[str, Json]


# --- how one approver stands ---


@dataclass(frozen=True, slots=True)
class Waiting:
    """Not asked yet: others come first."""


@dataclass(frozen=True, slots=True)
class Asked:
    """May answer now, until `due_at`."""

    at: datetime
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Answered:
    """Has answered; nothing changes that any more."""

    verdict: Verdict
    comment: str
    at: datetime
    via: Way


@dataclass(frozen=True, slots=True)
class Skipped:
    """Was taken out by an administrator."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Overdue:
    """Did not answer in time."""

    at: datetime


Standing: TypeAlias = Waiting | Asked | Answered | Skipped | Overdue


@dataclass(frozen=True, slots=True)
class Seat:
    """One approver within one approval; `number` counts from 1 and says who comes before whom."""

    number: int
    person: Person
    standing: Standing


@dataclass(frozen=True, slots=True)
class ApprovalRequest:
    """What a chain asks, with people as it names them: emails, or `Runtime User`."""

    title: str
    details: str
    approvers: tuple[str, ...]
    requesters: tuple[str, ...] = ()
    type: ApprovalType = "sequential"
    due: timedelta = timedelta(days=7)
    attachments: tuple[FileRef, ...] = ()


@dataclass(frozen=True, slots=True)
class Approval:
    """A question to approvers and how it stands. `text` says in a sentence how it ended; empty while it is open."""

    id: int
    ask: Ask
    origin: Origin
    title: str
    details: str
    type: ApprovalType
    due: timedelta
    requesters: tuple[Person, ...]
    seats: tuple[Seat, ...]
    attachments: tuple[FileRef, ...]
    state: ApprovalState
    opened_at: datetime
    settled_at: datetime | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Edit:
    """What an administrator changes of an open approval: seats by number, people at the end, the time to answer."""

    skip: tuple[int, ...] = ()
    add: tuple[Person, ...] = ()
    due: timedelta | None = None
