"""What the journal says is under way in a run: attempts, loops being opened or checked, waits and retries; pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from onecloud.runs.model import (
    CancelNode,
    Check,
    Checked,
    DropLoop,
    Effect,
    Event,
    NodeFinished,
    NodeWaits,
    Open,
    Opened,
    RetryAt,
    RetryDue,
    Spot,
    StartNode,
    Unit,
)


@dataclass(slots=True)
class Pending:
    """Filled by the reducer's effects, emptied by events."""

    attempts: dict[Unit, int] = field(default_factory=dict[Unit, int])
    opens: dict[Spot, None] = field(default_factory=dict[Spot, None])
    checks: dict[Spot, int] = field(default_factory=dict[Spot, int])
    waits: dict[Unit, NodeWaits] = field(default_factory=dict[Unit, NodeWaits])
    retries: dict[Unit, RetryAt] = field(default_factory=dict[Unit, RetryAt])

    @property
    def idle(self) -> bool:
        """Whether nothing is worked on: everything that is under way waits for an answer or a moment."""
        return not (self.attempts or self.opens or self.checks)

    def awaits(self, unit: Unit, attempt: int) -> bool:
        """Whether an outcome of this attempt still counts."""
        if attempt == 0:
            return unit.spot in self.opens
        wait = self.waits.get(unit)
        return self.attempts.get(unit) == attempt or (wait is not None and wait.attempt == attempt)

    def next_moment(self) -> datetime | None:
        """When something happens by itself next."""
        moments = [retry.at for retry in self.retries.values()]
        moments += [wait.until for wait in self.waits.values() if wait.until is not None]
        return min(moments, default=None)

    def follow(self, effects: Iterable[Effect]) -> None:
        """Take in what the reducer wants done."""
        for effect in effects:
            match effect:
                case StartNode(unit, attempt):
                    self.attempts[unit] = attempt
                    self.retries.pop(unit, None)
                case Open(spot):
                    self.opens[spot] = None
                case Check(spot, index):
                    self.checks[spot] = index
                case RetryAt(unit):
                    self.retries[unit] = effect
                case CancelNode(unit):
                    self.attempts.pop(unit, None)
                    self.waits.pop(unit, None)
                case DropLoop(spot):
                    self.opens.pop(spot, None)
                    self.checks.pop(spot, None)
                case _:
                    pass

    def close(self, events: Iterable[Event]) -> None:
        """Forget what these events ended."""
        for event in events:
            match event:
                case NodeFinished(unit, attempt):
                    if attempt == 0:
                        self.opens.pop(unit.spot, None)
                    elif self.attempts.get(unit) == attempt:
                        del self.attempts[unit]
                    elif unit in self.waits and self.waits[unit].attempt == attempt:
                        del self.waits[unit]
                case NodeWaits(unit, attempt):
                    if self.attempts.get(unit) == attempt:
                        del self.attempts[unit]
                        self.waits[unit] = event
                case Opened(spot):
                    self.opens.pop(spot, None)
                case Checked(spot):
                    self.checks.pop(spot, None)
                case RetryDue(unit):
                    self.retries.pop(unit, None)
                case _:
                    pass
