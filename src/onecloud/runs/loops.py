"""The passes of iterators and groups within the reducer: opening, refilling, closing; pure.

Source: product facts 2.10, 2.11 and 12.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from onecloud.chains.model import OnError
from onecloud.runs.model import (
    SETTLED_STATES,
    Check,
    Checked,
    ClosePass,
    Effect,
    GroupSeed,
    NodeState,
    Open,
    RunState,
    Seed,
    Settled,
    ShowNode,
    Spot,
    StartNode,
    Unit,
)
from onecloud.runs.plan import Plan, Scope
from onecloud.runs.state import Loop, Passes, Progress, Run, Try
from onecloud.runs.verdict import failed

# Of several passes people see the worst of what a member came to.
RANK: Final[Mapping[NodeState, int]] = {
    NodeState.SKIPPED: 0,
    NodeState.SUCCEEDED: 1,
    NodeState.WARNED: 2,
    NodeState.ERRORED: 3,
    NodeState.STOPPED: 4,
}


class Loops(ABC):
    """The thawed run, with what concerns passes; nodes and events are in `reducer.py`."""

    def __init__(self, plan: Plan, run: Run) -> None:
        self.plan = plan
        self.effects: list[Effect] = []
        self.state = run.state
        self.spots = dict(run.spots)
        self.loops = dict(run.loops)
        self.thawed: dict[Spot, Passes] = {}
        self.tries = dict(run.tries)
        self.open = dict(run.open)
        self.held: dict[Spot | Unit, None] = dict.fromkeys(run.held)
        self.seed: Seed | None = run.seed
        self.forced, self.forced_text, self.forced_by = run.forced, run.forced_text, run.forced_by
        self.last_event_id, self.resumed_by = run.last_event_id, run.resumed_by
        self.highest, self.base = run.highest, run.base

    def frozen(self) -> Run:
        """The run as a value again."""
        for spot, passes in self.thawed.items():
            self.loops[spot] = passes.frozen()
        return Run(
            state=self.state,
            spots=self.spots,
            loops=self.loops,
            tries=self.tries,
            seed=self.seed,
            open=self.open,
            held=tuple(self.held),
            forced=self.forced,
            forced_text=self.forced_text,
            forced_by=self.forced_by,
            last_event_id=self.last_event_id,
            resumed_by=self.resumed_by,
            highest=self.highest,
            base=self.base,
        )

    @property
    def ended(self) -> bool:
        """Whether the run is over."""
        return self.state not in (RunState.ENQUEUEING, RunState.RUNNING, RunState.PAUSED)

    @abstractmethod
    def begin(self, unit: Unit) -> None:
        """Begin the unit's next attempt, or hold it while the run is paused."""

    @abstractmethod
    def result(self, spot: Spot, progress: Progress) -> None:
        """A node came to its end."""

    @abstractmethod
    def unblock(self, scope: Scope, outer: int) -> None:
        """Start or skip what waits for nothing any more."""

    @abstractmethod
    def close_scope(self, scope: Spot) -> None:
        """End the run, or the pass of a group, if nothing is open in it any more."""

    # --- beginning ---

    def start(self, spot: Spot) -> None:
        """Start a waiting node, or hold it while the run is paused."""
        if self.state is RunState.PAUSED:
            self.held[spot] = None
            return
        node = self.plan.nodes[spot.key]
        self.spots[spot] = Progress(NodeState.ACTIVE)
        self.show(spot, NodeState.ACTIVE)
        if self.plan.is_opened(spot.key):
            self.effects.append(Open(spot))
        elif node.is_group:
            self.open_loop(spot, 1)
        else:
            self.begin(Unit(*spot))

    def begin_attempt(self, unit: Unit, now: Try) -> None:
        """Count the attempt and have it run."""
        attempt = now.attempt + 1
        self.tries[unit] = Try(attempt, now.before)
        self.highest = max(self.highest, attempt)
        self.effects.append(StartNode(unit, attempt))

    def awaits_opening(self, spot: Spot) -> bool:
        """Whether the node is to open and has not."""
        now = self.spots.get(spot)
        active = now is not None and now.state is NodeState.ACTIVE
        return active and spot not in self.loops and self.plan.is_opened(spot.key)

    def open_loop(self, spot: Spot, total: int | None) -> None:
        """The passes may begin; a seeded group goes on where the earlier run is taken up."""
        scope, inside = self.plan.groups.get(spot.key), self.inside(spot)
        if scope is not None and not scope.keys:
            total = 0  # nothing in it ever runs
        loop = Loop(total)
        if inside is not None:
            first = first_pass(inside)
            loop = replace(loop, next=first, bad=inside.failed, warned=inside.warned, worst=inside.worst)
            rule = self.plan.nodes[spot.key].iterate
            stops = inside.failed and rule is not None and rule.on_failure == "stop"
            if stops or (self.seed is not None and self.seed.only):
                loop = replace(loop, total=first + 1)
        self.loops[spot] = loop
        self.refill(spot)

    def inside(self, spot: Spot) -> GroupSeed | None:
        """Where the group goes on inside, while that is still to come."""
        seed = None if self.seed is None else self.seed.group
        return seed if seed is not None and seed.key == spot.key else None

    def passes(self, spot: Spot) -> Passes:
        """The loop's passes, to be changed in place."""
        found = self.thawed.get(spot)
        if found is None:
            found = self.thawed[spot] = Passes(self.loops[spot])
        return found

    def drop_loop(self, spot: Spot) -> None:
        """The passes matter no more."""
        self.loops.pop(spot, None)
        self.thawed.pop(spot, None)

    def under_way(self, spot: Spot) -> bool:
        """Whether the node has passes and they are not over."""
        now = self.spots.get(spot)
        return spot in self.loops and now is not None and now.state is NodeState.ACTIVE

    # --- passes ---

    def refill(self, spot: Spot) -> None:
        """Begin as many passes as may run at the same time; close the loop when none is left."""
        rule, loop = self.plan.nodes[spot.key].iterate, self.passes(spot)
        width = 1 if rule is None else rule.parallel
        while len(loop.live) < width and not loop.stopping and not loop.checking and self.state is RunState.RUNNING:
            if loop.redo:
                index = loop.redo.pop(0)
            elif loop.total is None or loop.next < loop.total:
                index = loop.next
                loop.next += 1
            else:
                break
            loop.live.add(index)
            self.begin_pass(spot, index)
            if not self.under_way(spot):
                return  # a seeded pass had nothing left to do, and was the last one
        none_left = not loop.redo and loop.total is not None and loop.next >= loop.total
        if not loop.live and not loop.checking and (loop.stopping or none_left):
            self.close_loop(spot)

    def begin_pass(self, spot: Spot, index: int) -> None:
        """Begin one pass: an attempt of the command, or the members that Group Start leads to."""
        scope = self.plan.groups.get(spot.key)
        if scope is None:
            self.begin(Unit(spot.key, spot.outer, index))
            return
        outer = index if self.plan.repeats(spot.key) else spot.outer
        for key in scope.keys:
            self.spots[Spot(key, outer)] = Progress()
        self.open[Spot(spot.key, outer)] = len(scope.keys)
        inside = self.inside(spot)
        if inside is not None and index == first_pass(inside):
            self.begin_seeded_pass(scope, outer, inside)
            return
        for key in scope.starts:
            self.start(Spot(key, outer))

    def begin_seeded_pass(self, scope: Scope, outer: int, inside: GroupSeed) -> None:
        """Take over what the earlier run did in this pass, and go on from there; once only."""
        assert self.seed is not None
        seed, self.seed = self.seed, replace(self.seed, group=None)
        for key in scope.keys:
            if key in inside.starts:
                continue
            if key in inside.states:
                progress = Progress(inside.states[key], forgiven=key in seed.forgiven)
                self.put_settled(Spot(key, outer), progress, reused=True)
            elif seed.only:
                self.put_settled(Spot(key, outer), Progress(NodeState.SKIPPED))
        for key in scope.keys:
            if key in inside.starts:
                self.start(Spot(key, outer))
        self.unblock(scope, outer)
        self.close_scope(Spot(inside.key, outer))

    def pass_over(self, scope: Spot) -> None:
        """Every member of a pass has settled. A group fails if a member failed; a warning is none (facts 2.11)."""
        keys = self.plan.groups[scope.key].keys
        members = {key: self.spots[Spot(key, scope.outer)] for key in keys}
        bad = any(failed(member) for member in members.values())
        del self.open[scope]
        repeats = self.plan.repeats(scope.key)
        if repeats:
            for key in keys:
                del self.spots[Spot(key, scope.outer)]
            loop = self.passes(Spot(scope.key))
            note(loop.worst_failed if bad else loop.worst, ((key, now.state) for key, now in members.items()))
            self.effects.append(ClosePass(scope.key, scope.outer))
        self.pass_done(
            Spot(scope.key),
            scope.outer if repeats else 0,
            failed=bad,
            warned=any(m.state is NodeState.WARNED or m.warned for m in members.values()),
        )

    def pass_done(self, spot: Spot, index: int, *, failed: bool, warned: bool) -> None:
        """One pass ended."""
        node, loop = self.plan.nodes[spot.key], self.passes(spot)
        rule = node.iterate
        loop.live.discard(index)
        if failed:
            loop.bad += 1
            if node.on_error is OnError.PAUSE:
                loop.failed.append(index)
            if rule is None or rule.on_failure == "stop":
                loop.stopping = True
        elif warned:
            loop.warned = True
        if rule is not None and rule.until is not None and loop.total is None and not loop.redo and not loop.stopping:
            loop.checking = True
            self.effects.append(Check(spot, loop.next - 1))
        self.refill(spot)

    def checked(self, event: Checked) -> None:
        """The condition of a repeat-until was decided."""
        rule = self.plan.nodes[event.spot.key].iterate
        if rule is None or event.spot not in self.loops:
            return
        loop = self.passes(event.spot)
        if not loop.checking or event.index != loop.next - 1:
            return
        loop.checking = False
        if event.done:
            loop.total = loop.next
        elif event.fault:
            loop.fault, loop.stopping = event.fault, True
        elif loop.next >= rule.at_most:
            loop.fault = f"The condition was not met within {rule.at_most} passes (`at_most`)."
            loop.stopping = True
        self.refill(event.spot)

    def close_loop(self, spot: Spot) -> None:
        """No pass is left: the node has its result."""
        loop, node = self.passes(spot), self.plan.nodes[spot.key]
        if node.iterate is not None:
            self.show_members(spot)
        text = loop.fault
        if loop.bad and node.iterate is not None and not text:
            text = f"{loop.bad} of {loop.next} passes failed."
        if loop.bad or loop.fault:
            progress = Progress(NodeState.ERRORED)
        elif node.is_group:
            progress = Progress(NodeState.SUCCEEDED, warned=loop.warned)
        else:
            progress = Progress(NodeState.WARNED if loop.warned else NodeState.SUCCEEDED)
        if text:
            self.effects.append(ShowNode(spot.key, NodeState.ACTIVE, text))
        self.result(spot, progress)

    def retry_loop(self, spot: Spot) -> None:
        """Go on with a loop that had paused the run: what failed again, then what had not begun.

        Of a repeat-until that failed only by its condition, that is the condition.
        """
        loop, node = self.passes(spot), self.plan.nodes[spot.key]
        self.base = self.highest
        self.spots[spot] = Progress(NodeState.ACTIVE)
        self.show(spot, NodeState.ACTIVE)
        if node.is_group and node.iterate is None:
            for key in self.plan.groups[spot.key].keys:
                self.effects.append(ShowNode(key, NodeState.WAITING))
        loop.redo = sorted(loop.failed)
        loop.bad -= len(loop.failed)
        loop.checking = bool(loop.fault) and not loop.redo
        loop.failed, loop.worst_failed, loop.stopping, loop.fault = [], {}, False, ""
        if loop.checking:
            self.effects.append(Check(spot, loop.next - 1))
        self.refill(spot)

    # --- what people see ---

    def scope_of(self, spot: Spot) -> Spot:
        """The key under which the scope's open nodes are counted."""
        return Spot(self.plan.nodes[spot.key].group or "", spot.outer)

    def put_settled(self, spot: Spot, progress: Progress, *, reused: bool = False) -> None:
        """Give the node its final state, and nothing more; the members of a group without passes are skipped."""
        self.open[self.scope_of(spot)] -= 1
        self.spots[spot] = progress
        self.effects.append(Settled(spot, progress.state, reused))
        self.show(spot, progress.state)
        if spot.key in self.plan.groups and spot not in self.loops:
            self.effects += [ShowNode(key, NodeState.SKIPPED) for key in self.plan.groups[spot.key].keys]

    def show(self, spot: Spot, state: NodeState) -> None:
        """Show the state; of a member of a repeating group only that it is under way, until the group closes."""
        group = self.plan.nodes[spot.key].group
        if group is None or not self.plan.repeats(group):
            self.effects.append(ShowNode(spot.key, state))
            return
        seen = self.passes(Spot(group)).seen
        before = seen.get(spot.key, NodeState.WAITING)
        if state in SETTLED_STATES or state is before or (state, before) == (NodeState.WAITING, NodeState.ACTIVE):
            return
        seen[spot.key] = state
        self.effects.append(ShowNode(spot.key, state))

    def show_members(self, spot: Spot) -> None:
        """Show the worst that each member of a closed repeating group came to."""
        scope = self.plan.groups.get(spot.key)
        if scope is None or not self.plan.repeats(spot.key):
            return
        loop = self.passes(spot)
        shown = dict(loop.worst)
        note(shown, loop.worst_failed.items())
        loop.seen.clear()
        self.effects += [ShowNode(key, shown.get(key, NodeState.SKIPPED)) for key in scope.keys]


def first_pass(inside: GroupSeed) -> int:
    """The index of the pass that a seeded group goes on in; a group that does not repeat has just pass 0."""
    return max(inside.outer, 0)


def note(worst: dict[str, NodeState], states: Iterable[tuple[str, NodeState]]) -> None:
    """Keep the worst state of each member."""
    for key, state in states:
        if key not in worst or RANK[state] > RANK[worst[key]]:
            worst[key] = state
