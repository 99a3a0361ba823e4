"""The nouns of a run: states, events that happened and effects to be carried out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, TypeAlias

JOURNAL_FORMAT: Final = "1"  # part of the engine's application version; change it with the reducer's meaning

INLINE_OUTPUT_BYTES: Final = 32 * 1024  # larger outputs go to the file store and travel by reference


class RunState(StrEnum):
    """The life of a run. Source: product facts 5.2; `running` is ours (v1 shows it as `sleeping`)."""

    ENQUEUEING = "enqueueing"
    RUNNING = "running"
    PAUSED = "paused"
    ERRORED = "errored"
    WARNED = "warned"
    ALL_SUCCEEDED = "all_succeeded"
    STOPPED = "stopped"


LIVE_STATES: Final = (RunState.ENQUEUEING, RunState.RUNNING, RunState.PAUSED)
ENDED_STATES: Final = (RunState.ERRORED, RunState.WARNED, RunState.ALL_SUCCEEDED, RunState.STOPPED)


class NodeState(StrEnum):
    """The life of a node within a run; the last five are final."""

    WAITING = "waiting"
    ACTIVE = "active"
    PAUSED = "paused"
    SKIPPED = "skipped"
    ERRORED = "errored"
    WARNED = "warned"
    SUCCEEDED = "succeeded"
    STOPPED = "stopped"


SETTLED_STATES: Final = (
    NodeState.SKIPPED,
    NodeState.ERRORED,
    NodeState.WARNED,
    NodeState.SUCCEEDED,
    NodeState.STOPPED,
)


class LaunchType(StrEnum):
    """What started a run. Source: product facts 5.1."""

    MANUAL = "manual"
    API = "api"
    SCHEDULE = "schedule"
    TRIGGER = "trigger"
    SLACK = "slack"
    TRIGGER_EVENT = "trigger_event"


# --- events: what happened, in the order of the journal ---


@dataclass(frozen=True, slots=True)
class Started:
    """The coordinator took the run up for the first time."""


@dataclass(frozen=True, slots=True)
class NodeFinished:
    """One attempt of a node ended. `state` is succeeded, warned or errored as the command said it."""

    key: str
    attempt: int
    state: NodeState
    exit_code: int
    retryable: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class RetryDue:
    """The pause before a node's next attempt is over."""

    key: str
    attempt: int


@dataclass(frozen=True, slots=True)
class Resumed:
    """Somebody let a paused run go on."""

    event_id: int


Event: TypeAlias = Started | NodeFinished | RetryDue | Resumed


# --- effects: what the engine is to do ---


@dataclass(frozen=True, slots=True)
class StartNode:
    """Run this attempt of the node's command."""

    key: str
    attempt: int


@dataclass(frozen=True, slots=True)
class RetryAt:
    """Report RetryDue for this attempt at that moment."""

    key: str
    attempt: int
    at: datetime


@dataclass(frozen=True, slots=True)
class CancelNode:
    """End the node's running attempt; nothing it reports counts any more."""

    key: str
    attempt: int


@dataclass(frozen=True, slots=True)
class ShowNode:
    """The node is in this state now."""

    key: str
    state: NodeState


@dataclass(frozen=True, slots=True)
class ShowRun:
    """The run is in this state now; with an ended state it is the last effect of a run."""

    state: RunState
    text: str


Effect: TypeAlias = StartNode | RetryAt | CancelNode | ShowNode | ShowRun
