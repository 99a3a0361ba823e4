"""The state of a run between two events, as frozen values; pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from onecloud.runs.model import NodeState, RunState, Seed, Spot, Unit


@dataclass(frozen=True, slots=True)
class Progress:
    """Where one node in its place is.

    `warned`: it is a group that succeeded although a member warned. `forgiven`: it is a Conditional that was false,
    which its links call a failure and the run's result does not.
    """

    state: NodeState = NodeState.WAITING
    warned: bool = False
    forgiven: bool = False


@dataclass(frozen=True, slots=True)
class Try:
    """The attempts of one unit: the number of the last one, and the number before the tries that count now."""

    attempt: int
    before: int = 0
    retrying: bool = False


@dataclass(frozen=True, slots=True)
class Loop:
    """The passes of one node in its place.

    `total` is None while a condition decides. `redo` are passes to begin again before any new one. `bad` counts the
    passes that failed; `failed` names them where a resume can redo them. `stopping`: no further pass begins.
    `checking`: the condition is being looked at. Of a repeating group's members `worst` holds what they came to in
    the passes that count, `worst_failed` in those that failed, and `seen` what people see meanwhile.
    """

    total: int | None
    next: int = 0
    live: frozenset[int] = frozenset()
    redo: tuple[int, ...] = ()
    failed: tuple[int, ...] = ()
    bad: int = 0
    warned: bool = False
    stopping: bool = False
    checking: bool = False
    fault: str = ""
    worst: Mapping[str, NodeState] = field(default_factory=dict[str, NodeState])
    worst_failed: Mapping[str, NodeState] = field(default_factory=dict[str, NodeState])
    seen: Mapping[str, NodeState] = field(default_factory=dict[str, NodeState])


class Passes:
    """A loop thawed for one batch of events: changed in place, so that a pass costs no copy of it."""

    __slots__ = tuple(Loop.__slots__)

    def __init__(self, loop: Loop) -> None:
        self.total, self.next, self.live = loop.total, loop.next, set(loop.live)
        self.redo, self.failed, self.bad = list(loop.redo), list(loop.failed), loop.bad
        self.warned, self.stopping, self.checking = loop.warned, loop.stopping, loop.checking
        self.fault = loop.fault
        self.worst, self.worst_failed, self.seen = dict(loop.worst), dict(loop.worst_failed), dict(loop.seen)

    def frozen(self) -> Loop:
        """The loop as a value again."""
        return Loop(
            total=self.total,
            next=self.next,
            live=frozenset(self.live),
            redo=tuple(self.redo),
            failed=tuple(self.failed),
            bad=self.bad,
            warned=self.warned,
            stopping=self.stopping,
            checking=self.checking,
            fault=self.fault,
            worst=dict(self.worst),
            worst_failed=dict(self.worst_failed),
            seen=dict(self.seen),
        )


@dataclass(frozen=True, slots=True)
class Run:
    """The whole state of a run.

    `open` counts the unsettled nodes of the chain (key "") and of each pass of a group under way. `held` is what
    became due while the run was paused, `resumed_by` the message that let it go on last. `forced` is the result that
    Set Chain Result fixed, at `forced_by`. `highest` is the highest attempt number so far, `base` the number that new
    units count on from: after a restart no attempt has a number that was there before.
    """

    state: RunState
    spots: Mapping[Spot, Progress]
    loops: Mapping[Spot, Loop] = field(default_factory=dict[Spot, Loop])
    tries: Mapping[Unit, Try] = field(default_factory=dict[Unit, Try])
    seed: Seed | None = None
    open: Mapping[Spot, int] = field(default_factory=dict[Spot, int])
    held: tuple[Spot | Unit, ...] = ()
    forced: str = ""
    forced_text: str = ""
    forced_by: str = ""
    last_event_id: int = 0
    resumed_by: int = 0
    highest: int = 0
    base: int = 0

    @property
    def ended(self) -> bool:
        """Whether the run is over; no effect may follow."""
        return self.state not in (RunState.ENQUEUEING, RunState.RUNNING, RunState.PAUSED)

    def state_of(self, key: str) -> NodeState:
        """The state of a node outside groups."""
        return self.spots[Spot(key)].state
