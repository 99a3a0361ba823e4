"""The pure half of a run: `step(plan, run, event) -> (run, effects)`.

The same events give the same effects, always: recovery replays the journal through this file. It reads no clock,
does no IO, and knows no database. Loops are in `loops.py`. Sources: product facts 2.7, 2.10-2.12, 5.3-5.5 and 12.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import TypeAlias

from onecloud.chains.events.flow import FALSE
from onecloud.chains.model import OnError
from onecloud.runs.loops import Loops, note
from onecloud.runs.model import (
    NO_PASS,
    SETTLED_STATES,
    CancelNode,
    Checked,
    DropLoop,
    Effect,
    Event,
    Forced,
    NodeFinished,
    NodeState,
    NodeWaits,
    Opened,
    PauseAsked,
    Resumed,
    RetryAt,
    RetryDue,
    RunState,
    Seed,
    ShowNode,
    ShowRun,
    Spot,
    Started,
    Unit,
)
from onecloud.runs.plan import Plan, Scope
from onecloud.runs.state import Loop, Progress, Run, Try
from onecloud.runs.verdict import failed, fires, forced_verdict, name, verdict

Step: TypeAlias = tuple[Run, tuple[Effect, ...]]

CONDITIONAL = "event.conditional"


def initial(plan: Plan, seed: Seed | None = None) -> Run:
    """The state before anything happened; `seed` is what the run takes over from an earlier one."""
    fresh = Run(
        state=RunState.ENQUEUEING,
        spots={Spot(key): Progress() for key in plan.root.keys},
        open={Spot(""): len(plan.root.keys)},
        seed=seed,
    )
    if seed is None:
        return fresh
    forced = seed.forced or Forced("", "", "")
    return replace(fresh, forced=forced.result, forced_text=forced.text, forced_by=forced.by, highest=seed.attempts)


def step(plan: Plan, run: Run, event: Event) -> Step:
    """What one event changes, and what is to be done about it. An event that no longer fits changes nothing."""
    return step_all(plan, run, (event,))


def step_all(plan: Plan, run: Run, events: Iterable[Event]) -> Step:
    """The steps of a batch, one after another."""
    if run.ended:
        return run, ()
    machine = Machine(plan, run)
    for event in events:
        if machine.ended:
            break
        machine.take(event)
    return machine.frozen(), tuple(machine.effects)


class Machine(Loops):
    """A run thawed for one batch of events: the maps are copied once and changed in place."""

    # --- events ---

    def take(self, event: Event) -> None:
        """Let one event happen."""
        match event:
            case Started():
                if self.state is RunState.ENQUEUEING:
                    self.state = RunState.RUNNING
                    self.effects.append(ShowRun(RunState.RUNNING, ""))
                    self.begin_run()
            case Opened(spot, total):
                if self.awaits_opening(spot):
                    self.open_loop(spot, total)
            case NodeFinished():
                self.last_event_id = max(self.last_event_id, event.event_id)
                self.finished(event)
            case RetryDue(unit, attempt):
                now = self.tries.get(unit)
                if now is not None and now.retrying and now.attempt + 1 == attempt:
                    self.begin(unit)
            case Checked():
                self.checked(event)
            case PauseAsked(event_id, by):
                if event_id > self.last_event_id:
                    self.last_event_id = event_id
                    if self.state is RunState.RUNNING:
                        self.state = RunState.PAUSED
                        self.effects.append(ShowRun(RunState.PAUSED, f"Paused by {by}."))
            case Resumed():
                self.resumed(event)
            case NodeWaits():
                pass  # the engine's own business; nothing follows from it

    def begin_run(self) -> None:
        """Start the first nodes: those of the chain, or those of the seed among what it takes over."""
        seed = self.seed
        if seed is None:
            for key in self.plan.root.starts:
                self.start(Spot(key))
            return
        begun = {*seed.starts, *((seed.group.key,) if seed.group else ())}
        for key in self.plan.root.keys:
            state = seed.states.get(key)
            if state is None and seed.only and key not in begun:
                state = NodeState.SKIPPED
            if state is not None and key not in begun:
                self.take_over(seed, Spot(key), state)
        for key in self.plan.root.keys:
            if key in begun:
                self.start(Spot(key))
        self.unblock(self.plan.root, Spot("").outer)
        self.close_scope(Spot(""))

    def take_over(self, seed: Seed, spot: Spot, state: NodeState) -> None:
        """Settle a node as it was in the earlier run, of a group with its members."""
        scope = self.plan.groups.get(spot.key)
        inside = {} if scope is None else {key: seed.states[key] for key in scope.keys if key in seed.states}
        warned = state is NodeState.SUCCEEDED and NodeState.WARNED in inside.values()
        self.put_settled(spot, Progress(state, warned=warned, forgiven=spot.key in seed.forgiven), reused=True)
        if state is not NodeState.SKIPPED:
            self.effects += [ShowNode(key, was) for key, was in inside.items()]

    def unblock(self, scope: Scope, outer: int) -> None:
        """Start or skip what waits for nothing any more: after a seed has settled some nodes at once."""
        for key in scope.keys:
            spot = Spot(key, outer)
            if self.spots[spot].state is not NodeState.WAITING:
                continue
            if not scope.incoming[key]:
                self.start(spot)
            else:
                self.consider(scope, spot)

    def consider(self, scope: Scope, spot: Spot) -> None:
        """Start the waiting node if every incoming link has settled and one fired; skip it if none did."""
        sources = [(link, self.spots[Spot(link.source, spot.outer)]) for link in scope.incoming[spot.key]]
        if any(source.state not in SETTLED_STATES for _, source in sources):
            return
        if any(fires(link, source.state) for link, source in sources):
            self.start(spot)
        else:
            self.settle(spot, NodeState.SKIPPED, close=False)

    def finished(self, event: NodeFinished) -> None:
        """An attempt ended, or the opening of a loop came to nothing."""
        unit, spot, node = event.unit, event.unit.spot, self.plan.nodes[event.unit.key]
        now = self.tries.get(unit)
        if now is None and event.attempt == 0 and self.awaits_opening(spot):
            self.result(spot, Progress(event.state))
            return
        if now is None or now.attempt != event.attempt or not self.is_running(unit, now):
            return  # a late report of an attempt that no longer counts
        if event.forces:
            self.forced, self.forced_text, self.forced_by = event.forces, event.text, unit.key
        ignored = event.state is NodeState.ERRORED and event.exit_code in node.ignore_exit_codes
        state = NodeState.SUCCEEDED if ignored else event.state
        forgiven = node.command == CONDITIONAL and event.exit_code == FALSE
        if state is NodeState.ERRORED and not forgiven and event.retryable and now.attempt - now.before <= node.retries:
            if node.retry_pause_s <= 0:
                self.begin(unit)
                return
            self.tries[unit] = replace(now, retrying=True)
            due = event.at + timedelta(seconds=node.retry_pause_s)
            self.effects.append(RetryAt(unit, event.attempt + 1, due))
        elif unit.item >= 0:
            del self.tries[unit]
            self.pass_done(spot, unit.item, failed=state is NodeState.ERRORED, warned=state is NodeState.WARNED)
        else:
            self.result(spot, Progress(state, forgiven=forgiven))

    # --- nodes ---

    def begin(self, unit: Unit) -> None:
        """Begin the unit's next attempt, or hold it while the run is paused."""
        if self.state is RunState.PAUSED:
            self.held[unit] = None
        else:
            self.begin_attempt(unit, self.tries.get(unit, Try(self.base, self.base)))

    def result(self, spot: Spot, progress: Progress) -> None:
        """A node came to its end: settle it, or let its error action decide."""
        node = self.plan.nodes[spot.key]
        if not failed(progress) or node.on_error is OnError.CONTINUE:
            self.tries.pop(Unit(*spot), None)
            self.settle(spot, progress.state, warned=progress.warned, forgiven=progress.forgiven)
        elif node.on_error is OnError.EXIT:
            self.exit(spot)
        else:
            self.spots[spot] = Progress(NodeState.PAUSED)
            self.show(spot, NodeState.PAUSED)
            self.state = RunState.PAUSED
            self.effects.append(ShowRun(RunState.PAUSED, f"Paused because {name(self.plan, spot.key)} failed."))

    def settle(
        self, spot: Spot, state: NodeState, *, warned: bool = False, forgiven: bool = False, close: bool = True
    ) -> None:
        """Give the node its final state, start what it sets free and skip what it cuts off.

        With `close` the scope is closed, too, if nothing is open in it any more.
        """
        scope = self.plan.scope(spot.key)
        due = deque([(spot, Progress(state, warned, forgiven))])
        while due:
            now, progress = due.popleft()
            self.put_settled(now, progress)
            self.drop_loop(now)
            for key in dict.fromkeys(link.target for link in scope.outgoing[now.key]):
                target = Spot(key, spot.outer)
                if self.spots[target].state is not NodeState.WAITING:
                    continue
                sources = [(li, self.spots[Spot(li.source, spot.outer)].state) for li in scope.incoming[key]]
                if any(source not in SETTLED_STATES for _, source in sources):
                    continue
                if any(fires(link, source) for link, source in sources):
                    self.start(target)
                else:
                    due.append((target, Progress(NodeState.SKIPPED)))
        if close:
            self.close_scope(self.scope_of(spot))

    def close_scope(self, scope: Spot) -> None:
        """End the run, or the pass of a group, if nothing is open in it any more."""
        if self.open.get(scope) != 0 or self.ended:
            return
        if scope.key:
            self.pass_over(scope)
            return
        self.state, text = verdict(self.plan, self.frozen())
        self.effects.append(ShowRun(self.state, text))

    def exit(self, spot: Spot) -> None:
        """Exit Chain: stop at once and ignore links (product facts 5.5)."""
        for unit, now in self.tries.items():
            if unit != Unit(*spot) and self.is_running(unit, now):
                self.effects.append(CancelNode(unit, now.attempt))
        self.put_settled(spot, Progress(NodeState.ERRORED))
        group = self.plan.nodes[spot.key].group
        if group is not None:
            self.put_settled(Spot(group), Progress(NodeState.ERRORED))
        for other, progress in list(self.spots.items()):
            if progress.state not in SETTLED_STATES:
                waiting = progress.state is NodeState.WAITING
                self.put_settled(other, Progress(NodeState.SKIPPED if waiting else NodeState.STOPPED))
        self.show_cut_passes()
        self.held.clear()
        self.tries.clear()
        self.state = RunState.ERRORED
        text = f"{name(self.plan, spot.key)} failed, and its error action ends the chain."
        if self.forced:
            self.state, text = forced_verdict(self.forced, self.forced_text)
        self.effects.append(ShowRun(self.state, text))

    def show_cut_passes(self) -> None:
        """Show what the members of repeating groups came to, with the passes that are cut off."""
        for loop in list(self.loops):
            scope = self.plan.groups.get(loop.key)
            if scope is not None and self.plan.repeats(loop.key):
                for index in self.passes(loop).live:
                    note(self.passes(loop).worst, ((key, self.spots[Spot(key, index)].state) for key in scope.keys))
                self.show_members(loop)
            self.drop_loop(loop)

    # --- pause and resume ---

    def resumed(self, event: Resumed) -> None:
        """Go on after a pause: what failed and paused the run is tried again, what was held begins.

        With a start, that node and all that follow it run again. Source: product facts 5.4.
        """
        if event.event_id <= self.last_event_id:
            return
        self.last_event_id = event.event_id
        if self.state is not RunState.PAUSED:
            return
        self.state, self.resumed_by = RunState.RUNNING, event.event_id
        self.effects.append(ShowRun(RunState.RUNNING, ""))
        start = event.start
        if start is not None and (start not in self.spots or self.spots[start].state is NodeState.WAITING):
            start = None
        if start is not None:
            self.reset(start)
        held, self.held = list(self.held), {}
        for spot in [spot for spot, progress in self.spots.items() if progress.state is NodeState.PAUSED]:
            self.retry(spot)
        if start is not None:
            self.start(start)
        for waiting in held:
            if isinstance(waiting, Unit):
                self.begin(waiting)
            else:
                self.start(waiting)
        for spot in list(self.loops):
            if self.under_way(spot):
                self.refill(spot)

    def retry(self, spot: Spot) -> None:
        """Try a node again that had paused the run, with all its retries; of a loop only the passes that failed."""
        unit = Unit(*spot)
        if spot in self.loops:
            self.retry_loop(spot)
        elif unit in self.tries:
            now = self.tries[unit]
            self.tries[unit] = Try(now.attempt, now.attempt)
            self.spots[spot] = Progress(NodeState.ACTIVE)
            self.show(spot, NodeState.ACTIVE)
            self.begin(unit)
        else:
            self.spots[spot] = Progress()
            self.start(spot)

    def is_running(self, unit: Unit, now: Try) -> bool:
        """Whether an attempt of the unit is under way."""
        return not now.retrying and unit not in self.held and self.spots[unit.spot].state is NodeState.ACTIVE

    def reset(self, spot: Spot) -> None:
        """Make the node and all that follow it in its scope as if they had not begun.

        In a group that was over the group goes on, and what followed the group has not begun either.
        """
        self.base = self.highest
        group = self.plan.nodes[spot.key].group
        if group is not None and not self.under_way(Spot(group)):
            self.forget(self.plan.after(group) - {group})
            if self.spots[Spot(group)].state in SETTLED_STATES:
                self.open[Spot("")] += 1
            self.spots[Spot(group)] = Progress(NodeState.ACTIVE)
            self.show(Spot(group), NodeState.ACTIVE)
            self.drop_loop(Spot(group))
            self.loops[Spot(group)] = Loop(1, next=1, live=frozenset({0}))
            self.open[Spot(group, spot.outer)] = 0
        only = self.seed is not None and self.seed.only
        self.forget(frozenset({spot.key}) if only else self.plan.after(spot.key), spot.outer)

    def forget(self, keys: frozenset[str], outer: int = NO_PASS) -> None:
        """Make nodes of one scope, and what is inside them, as if they had not begun."""
        inside = [m for key, scope in self.plan.groups.items() if key in keys for m in scope.keys]
        members = set(inside)
        gone = dict.fromkeys(s for s in self.spots if (s.key in keys and s.outer == outer) or s.key in members)
        for unit, now in list(self.tries.items()):
            if unit.spot in gone:
                if self.is_running(unit, now):
                    self.effects.append(CancelNode(unit, now.attempt))
                del self.tries[unit]
        for group in [s for s in self.open if s.key in keys]:
            del self.open[group]
        self.held = {h: None for h in self.held if (h.spot if isinstance(h, Unit) else h) not in gone}
        if self.forced_by in keys or self.forced_by in members:
            self.forced = self.forced_text = self.forced_by = ""
        if self.seed is not None and self.seed.group is not None and self.seed.group.key in keys:
            self.seed = replace(self.seed, group=None)
        for other in gone:
            if self.plan.is_opened(other.key) and self.spots[other].state is not NodeState.WAITING:
                self.effects.append(DropLoop(other))
            self.drop_loop(other)
            if other.key in members:
                del self.spots[other]
                continue
            if self.spots[other].state in SETTLED_STATES:
                self.open[self.scope_of(other)] += 1
            self.spots[other] = Progress()
            self.show(other, NodeState.WAITING)
        self.effects += [ShowNode(key, NodeState.WAITING) for key in inside]
