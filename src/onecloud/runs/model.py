"""The nouns of a run: states, events that happened and effects to be carried out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple, TypeAlias

from onecloud.kernel.errors import NotFound

JOURNAL_FORMAT: Final = "2"  # part of the engine's application version; change it with the reducer's meaning

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


def no_run(run_id: int) -> NotFound:
    """The error for a run that is not there, that retention has removed, or that the caller may not see."""
    return NotFound("run.not_found", f"There is no run {run_id}, or retention has removed it.")


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


NO_PASS: Final = -1


class Spot(NamedTuple):
    """A node in its place: `outer` is the pass of the group around it, or -1 where no repeating group is around."""

    key: str
    outer: int = NO_PASS


class Unit(NamedTuple):
    """One piece of work: a spot, and with `item` the pass of the node's own iterator (-1: it has none)."""

    key: str
    outer: int = NO_PASS
    item: int = NO_PASS

    @property
    def spot(self) -> Spot:
        """Where it belongs."""
        return Spot(self.key, self.outer)


# --- events: what happened, in the order of the journal ---


@dataclass(frozen=True, slots=True)
class Started:
    """The coordinator took the run up for the first time."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A group or an iterator may begin: so many passes, or None when a condition decides after each."""

    spot: Spot
    total: int | None


@dataclass(frozen=True, slots=True)
class NodeFinished:
    """One attempt of a unit ended. `state` is succeeded, warned, errored or skipped (by its skip condition).

    `forces` is the result that Set Chain Result fixes, `text` its sentence. An answer that came as a message (of an
    approver, of a child run) carries that message's number in `event_id`.
    """

    unit: Unit
    attempt: int
    state: NodeState
    exit_code: int
    retryable: bool
    at: datetime
    forces: str = ""
    text: str = ""
    event_id: int = 0


@dataclass(frozen=True, slots=True)
class NodeWaits:
    """An attempt waits for an answer or a moment and holds nothing meanwhile.

    At `until` it ends by itself: well, or with `fails` as errored.
    """

    unit: Unit
    attempt: int
    until: datetime | None
    fails: bool


@dataclass(frozen=True, slots=True)
class RetryDue:
    """The pause before a unit's next attempt is over."""

    unit: Unit
    attempt: int


@dataclass(frozen=True, slots=True)
class Checked:
    """The condition of a repeat-until was looked at after a pass; `fault` says why it could not be decided."""

    spot: Spot
    index: int
    done: bool
    fault: str = ""


@dataclass(frozen=True, slots=True)
class PauseAsked:
    """Somebody wants the run to begin nothing more for now."""

    event_id: int
    by: str


@dataclass(frozen=True, slots=True)
class Resumed:
    """Somebody let a paused run go on; with `start` from that node on, which runs again with all that follow it."""

    event_id: int
    start: Spot | None = None


Event: TypeAlias = Started | Opened | NodeFinished | NodeWaits | RetryDue | Checked | PauseAsked | Resumed


# --- effects: what the engine is to do ---


@dataclass(frozen=True, slots=True)
class StartNode:
    """Run this attempt of the unit's command or event."""

    unit: Unit
    attempt: int


@dataclass(frozen=True, slots=True)
class Open:
    """Decide the skip condition and the passes of a group or an iterator."""

    spot: Spot


@dataclass(frozen=True, slots=True)
class Check:
    """Decide the condition of a repeat-until after that pass."""

    spot: Spot
    index: int


@dataclass(frozen=True, slots=True)
class RetryAt:
    """Report RetryDue for this attempt at that moment."""

    unit: Unit
    attempt: int
    at: datetime


@dataclass(frozen=True, slots=True)
class CancelNode:
    """End the unit's running attempt or wait; nothing it reports counts any more."""

    unit: Unit
    attempt: int


@dataclass(frozen=True, slots=True)
class DropLoop:
    """A group or an iterator that had begun is as if it had not: its opening, its check and its values matter no more.

    Openings and checks have no number; so their tasks must be gone before the same node opens again.
    """

    spot: Spot


@dataclass(frozen=True, slots=True)
class ClosePass:
    """A pass of a group is over: nothing looks at its members' outputs one by one any more."""

    group: str
    outer: int


@dataclass(frozen=True, slots=True)
class ShowNode:
    """The node is in this state now; of a node in a repeating group the worst that its passes came to."""

    key: str
    state: NodeState
    text: str = ""


@dataclass(frozen=True, slots=True)
class Settled:
    """A spot has its final state; what comes after it may look at it. `reused`: an earlier run brought it there."""

    spot: Spot
    state: NodeState
    reused: bool = False


@dataclass(frozen=True, slots=True)
class ShowRun:
    """The run is in this state now; with an ended state it is the last effect of a run."""

    state: RunState
    text: str


Effect: TypeAlias = (
    StartNode | Open | Check | RetryAt | CancelNode | DropLoop | ClosePass | ShowNode | Settled | ShowRun
)


# --- what a run takes over from an earlier one ---


@dataclass(frozen=True, slots=True)
class GroupSeed:
    """A group that goes on inside: passes before `outer` are taken over, and in that pass these members.

    Of the taken-over passes `failed` counts those that failed, `warned` says whether another had a warning, and
    `worst` is what people see of the members.
    """

    key: str
    outer: int
    starts: tuple[str, ...]
    states: Mapping[str, NodeState]
    failed: int = 0
    warned: bool = False
    worst: Mapping[str, NodeState] = field(default_factory=dict[str, NodeState])


@dataclass(frozen=True, slots=True)
class Forced:
    """The result that Set Chain Result fixed for a run, at the node `by`."""

    result: str
    text: str
    by: str


@dataclass(frozen=True, slots=True)
class Seed:
    """Where a run begins in the middle: `states` are taken over, `starts` begin at once, the rest follows by links.

    `states` holds the members of taken-over groups, too. With `only` nothing follows: every other node is skipped.
    `forgiven` names Conditionals that were false, `forced` is the result that a taken-over node fixed, and `attempts`
    the highest attempt number that is taken over.
    """

    states: Mapping[str, NodeState]
    starts: tuple[str, ...]
    group: GroupSeed | None = None
    only: bool = False
    forgiven: frozenset[str] = frozenset()
    forced: Forced | None = None
    attempts: int = 0
