"""The reducer's passes: iterated commands, groups and repeat-until, by properties and by example."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from hypothesis import given
from hypothesis import strategies as st

from onecloud.chains.model import Definition, Link, Node, When
from onecloud.chains.parts.iterate import Iterate
from onecloud.runs.model import (
    Check,
    Checked,
    ClosePass,
    Effect,
    Event,
    NodeFinished,
    NodeState,
    Open,
    Opened,
    RetryDue,
    RunState,
    Settled,
    ShowNode,
    ShowRun,
    Spot,
    Started,
    StartNode,
    Unit,
)
from onecloud.runs.plan import Plan, plan_of
from onecloud.runs.reducer import initial, step, step_all
from onecloud.runs.verdict import FORCED, fires
from tests.runs.reducer_world import (
    ERRORED,
    MET,
    SKIPPED,
    SUCCEEDED,
    WARNED,
    Fate,
    Step,
    World,
    chain,
    definitions,
    done,
    drawn,
    fates,
    group,
    play,
    started,
)


@dataclass(slots=True)
class Seen:
    """What was seen of one loop's passes, by effects and events alone."""

    rule: Iterate | None
    total: int | None = 1
    next: int = 0
    live: set[int] = field(default_factory=set[int])
    redo: list[int] = field(default_factory=list[int])
    failed: list[int] = field(default_factory=list[int])
    warned: bool = False
    met: bool = False
    fault: bool = False

    @property
    def stopped(self) -> bool:
        """Whether a failed pass keeps others from beginning."""
        return bool(self.failed) and (self.rule is None or self.rule.on_failure == "stop")

    def begin(self, index: int) -> None:
        """A pass begins: in order, once unless it is redone, within the width, and after no failed one that stops."""
        assert not self.stopped
        assert not self.fault
        if self.redo:
            assert index == self.redo.pop(0)
        else:
            assert not self.met
            assert index == self.next
            self.next += 1
        self.live.add(index)
        assert len(self.live) <= (1 if self.rule is None else self.rule.parallel)

    def end(self, index: int, states: Sequence[NodeState]) -> None:
        """A pass ended; a member that failed without being forgiven is ERRORED in `states`."""
        self.live.remove(index)
        if ERRORED in states:
            self.failed.append(index)
        elif WARNED in states:
            self.warned = True

    def check(self, event: Checked) -> None:
        """The condition was looked at: after the last pass, with none under way or to be redone."""
        assert not self.live
        assert not self.redo
        assert event.index == self.next - 1
        self.met, self.fault = event.done, bool(event.fault)
        if self.rule is not None and not event.done and self.next >= self.rule.at_most:
            self.fault = True

    def close(self) -> bool:
        """Whether a loop that is over failed; all passes ran, unless one stopped it."""
        assert not self.live
        if not self.stopped and not self.fault:
            assert not self.redo
            assert self.met if self.total is None else self.next == self.total
        return bool(self.failed) or self.fault

    def again(self) -> None:
        """A resume redoes what failed."""
        self.redo, self.failed, self.fault = sorted(self.redo + self.failed), [], False


@dataclass(slots=True)
class Watch:
    """Follows a world's steps and keeps what was seen of every loop and of every place."""

    plan: Plan
    loops: dict[Spot, Seen] = field(default_factory=dict[Spot, Seen])
    unopened: dict[Spot, NodeState] = field(default_factory=dict[Spot, NodeState])
    paused: set[Spot] = field(default_factory=set[Spot])
    finals: dict[Spot, NodeState] = field(default_factory=dict[Spot, NodeState])
    warned: set[Spot] = field(default_factory=set[Spot])

    def step(self, taken: Step) -> None:
        """Take in one event with its effects."""
        event = taken.event
        match event:
            case Opened(spot, total):
                self.loops[spot] = Seen(self.plan.nodes[spot.key].iterate, total)
            case Checked(spot):
                self.loops[spot].check(event)
            case NodeFinished(unit, 0):
                self.unopened[unit.spot] = event.state
            case NodeFinished(unit) if unit.item >= 0 and unit not in taken.run.tries:
                self.loops[unit.spot].end(unit.item, [self.counted(event)])
            case NodeFinished(unit) if unit not in taken.run.tries:
                self.finals[unit.spot] = self.counted(event)
            case _:
                pass
        for effect in taken.effects:
            self.follow(effect)
        for spot in [s for s, p in taken.run.spots.items() if p.state is NodeState.PAUSED and s not in self.paused]:
            self.paused.add(spot)
            if spot in self.loops:
                self.end_group(spot)
                assert self.loops[spot].close()

    def counted(self, event: NodeFinished) -> NodeState:
        """What an attempt counts as: a Conditional that was false and an ignored exit code are no failures."""
        node = self.plan.nodes[event.unit.key]
        fine = event.exit_code in node.ignore_exit_codes
        fine = fine or (node.command == "event.conditional" and event.exit_code == 1)
        return SUCCEEDED if fine and event.state is ERRORED else event.state

    def follow(self, effect: Effect) -> None:
        """Take in one effect."""
        match effect:
            case StartNode(unit):
                self.begin(unit.spot)
                if unit.item >= 0 and unit.item not in self.loops[unit.spot].live:
                    self.resume(unit.spot)
                    self.loops[unit.spot].begin(unit.item)
            case Open(spot):
                self.begin(spot)
                self.paused.discard(spot)
                self.unopened.pop(spot, None)
            case Check(spot):
                self.resume(spot)
            case ShowNode(key, NodeState.ACTIVE) if self.plan.nodes[key].is_group and not self.plan.is_opened(key):
                self.loops.setdefault(Spot(key), Seen(None))
            case ClosePass(key, outer):
                members = [Spot(member, outer) for member in self.plan.groups[key].keys]
                self.loops[Spot(key)].end(outer, [self.finals.pop(spot) for spot in members])
            case Settled(spot, state):
                self.settle(spot, state)
            case _:
                pass

    def begin(self, spot: Spot) -> None:
        """Something begins in a place: with it, maybe, the pass around it."""
        around = self.plan.nodes[spot.key].group
        if around is not None and max(spot.outer, 0) not in self.loops[Spot(around)].live:
            self.resume(Spot(around))
            self.loops[Spot(around)].begin(max(spot.outer, 0))

    def resume(self, spot: Spot) -> None:
        if spot in self.paused:
            self.paused.discard(spot)
            self.loops[spot].again()

    def settle(self, spot: Spot, state: NodeState) -> None:
        """A place has its final state: of a loop and a group the one that its passes call for."""
        node = self.plan.nodes[spot.key]
        self.paused.discard(spot)
        seen, unopened = self.loops.get(spot), self.unopened.pop(spot, None)
        if seen is None:
            assert unopened in (None, state)
            self.finals[spot] = state if unopened or state is SKIPPED else self.finals[spot]
            return
        assert unopened is None
        self.end_group(spot)
        if seen.close():
            expected = ERRORED
        elif node.is_group:
            expected = SUCCEEDED
            self.warned |= {spot} if seen.warned else set()
        else:
            expected = WARNED if seen.warned else SUCCEEDED
        assert state is expected
        self.finals[spot] = state
        del self.loops[spot]

    def end_group(self, spot: Spot) -> None:
        """The one pass of a group that does not repeat is over with the group."""
        if self.plan.nodes[spot.key].is_group and not self.plan.repeats(spot.key):
            members = [Spot(member) for member in self.plan.groups[spot.key].keys]
            self.loops[spot].end(0, [self.finals[member] for member in members])


@given(definitions(exits=False), fates, st.data())
def test_passes_begin_in_order_and_once_and_loops_and_groups_end_as_their_passes_did(
    definition: Definition, fate: Fate, data: st.DataObject
) -> None:
    world = World(plan_of(definition), fate, drawn(data), pauses=2).finish()
    watch = Watch(world.plan)
    for taken in world.steps:
        watch.step(taken)
    assert not watch.loops, "every loop has closed"


@given(definitions(exits=False), fates, st.data())
def test_the_run_ends_as_its_nodes_did(definition: Definition, fate: Fate, data: st.DataObject) -> None:
    world = World(plan_of(definition), fate, drawn(data), pauses=1).finish()
    watch = Watch(world.plan)
    for taken in world.steps:
        watch.step(taken)
    outside = {key: watch.finals[Spot(key)] for key in world.plan.root.keys}
    failed = [key for key, state in outside.items() if state is ERRORED]
    caught = [key for key in failed if any(fires(link, ERRORED) for link in world.plan.root.outgoing[key])]
    if world.run.forced:
        expected = FORCED[world.run.forced]
    elif failed != caught:
        expected = RunState.ERRORED
    elif failed or watch.warned or WARNED in outside.values():
        expected = RunState.WARNED
    else:
        expected = RunState.ALL_SUCCEEDED
    assert world.run.state is expected


# --- the rules by example ---


def looped(rule: Literal["stop", "continue"] = "stop", parallel: int = 1) -> Plan:
    loop = Iterate(over=(), parallel=parallel, on_failure=rule)
    return chain(Link("a", "b", When.ANY), nodes=[Node("a", "x.y", iterate=loop)])


def test_a_list_runs_its_passes_one_after_another() -> None:
    run, effects = play(looped(), Opened(Spot("a"), 3), done("a", item=0), done("a", WARNED, item=1), done("a", item=2))
    assert [unit.item for unit, _ in started(effects)] == [0, 1, 2, -1]
    assert run.state_of("a") is WARNED


def test_no_more_passes_are_live_than_the_width_allows() -> None:
    _, effects = play(looped(parallel=2), Opened(Spot("a"), 4))
    assert [unit.item for unit, _ in started(effects)] == [0, 1]
    _, effects = play(looped(parallel=2), Opened(Spot("a"), 4), done("a", item=1))
    assert [unit.item for unit, _ in started(effects)] == [0, 1, 2]


def test_an_empty_list_succeeds_at_once() -> None:
    run, effects = play(looped(), Opened(Spot("a"), 0))
    assert run.state_of("a") is SUCCEEDED
    assert started(effects) == [(Unit("b"), 1)]


def test_a_failed_pass_stops_the_loop_when_those_under_way_have_ended() -> None:
    events = [Opened(Spot("a"), 5), done("a", ERRORED, item=0)]
    run, _ = play(looped(parallel=2), *events)
    assert run.state_of("a") is NodeState.ACTIVE
    run, effects = play(looped(parallel=2), *events, done("a", item=1))
    assert run.state_of("a") is ERRORED
    assert ShowNode("a", NodeState.ACTIVE, "1 of 2 passes failed.") in effects


def test_a_loop_that_continues_reports_how_many_passes_failed() -> None:
    events = [done("a", ERRORED if item % 2 else SUCCEEDED, item=item) for item in range(4)]
    run, effects = play(looped("continue"), Opened(Spot("a"), 4), *events)
    assert ShowNode("a", NodeState.ACTIVE, "2 of 4 passes failed.") in effects
    assert run.state_of("a") is ERRORED


def test_each_pass_has_its_retries() -> None:
    plan = chain(nodes=[Node("a", "x.y", iterate=Iterate(over=()), retries=1, retry_pause_s=5)])
    events: list[Event] = [Opened(Spot("a"), 2), done("a", ERRORED, item=0), RetryDue(Unit("a", item=0), 2)]
    _, effects = play(plan, *events)
    assert started(effects)[-1] == (Unit("a", item=0), 2)
    _, effects = play(plan, *events, done("a", attempt=2, item=0))
    assert started(effects)[-1] == (Unit("a", item=1), 1)


def test_a_repeat_until_asks_after_each_pass_and_fails_at_its_limit() -> None:
    plan = chain(nodes=[Node("a", "x.y", iterate=Iterate(until=MET, at_most=2))])
    a = Spot("a")
    unmet: list[Event] = [Opened(a, None), done("a", item=0), Checked(a, 0, done=False), done("a", item=1)]
    run, _ = play(plan, *unmet, Checked(a, 1, done=True))
    assert run.state is RunState.ALL_SUCCEEDED
    run, effects = play(plan, *unmet, Checked(a, 1, done=False))
    assert run.state is RunState.ERRORED
    text = "The condition was not met within 2 passes (`at_most`)."
    assert ShowNode("a", NodeState.ACTIVE, text) in effects
    _, effects = play(plan, *unmet[:2])
    assert effects[-1] == Check(a, 0)
    _, effects = play(plan, *unmet[:2], Checked(a, 0, done=False, fault="No such output."))
    assert ShowNode("a", NodeState.ACTIVE, "No such output.") in effects


def grouped(iterate: Iterate | None = None) -> Plan:
    """Group a with m and n side by side, then p; after the group b, or c if it fails."""
    nodes = group(Node("a", iterate=iterate), Link("m", "p"), Link("n", "p", When.ANY), starts=("m", "n"))
    return chain(Link("a", "b"), Link("a", "c", When.FAILURE), nodes=nodes)


def test_a_group_runs_its_members_and_succeeds_with_warnings() -> None:
    run, effects = play(grouped(), done("m"), done("n", WARNED), done("p"), done("b"))
    assert [unit.key for unit, _ in started(effects)] == ["m", "n", "p", "b"]
    assert run.state_of("a") is SUCCEEDED
    assert effects[-1] == ShowRun(RunState.WARNED, "With a warning: a.")


def test_a_group_fails_with_any_member_even_one_whose_failure_is_caught_inside() -> None:
    run, effects = play(grouped(), done("m"), done("n", ERRORED), done("p"), done("c"))
    assert started(effects)[-1] == (Unit("c"), 1)
    assert (run.state_of("a"), run.state) == (ERRORED, RunState.WARNED)


def test_a_false_conditional_inside_does_not_fail_its_group() -> None:
    plan = chain(nodes=group(Node("a"), Link("m", "n"), starts=("m",), nodes=[Node("m", "event.conditional")]))
    run, _ = play(plan, done("m", ERRORED, code=1))
    assert (run.state, run.state_of("a"), run.state_of("n")) == (RunState.ALL_SUCCEEDED, SUCCEEDED, SKIPPED)


def test_passes_of_a_group_have_places_of_their_own() -> None:
    plan = grouped(Iterate(over=(), parallel=2))
    events = [Opened(Spot("a"), 3), *(done(key, outer=1) for key in "mnp")]
    run, effects = play(plan, *events)
    assert ClosePass("a", 1) in effects
    assert started(effects)[-2:] == [(Unit("m", 2), 1), (Unit("n", 2), 1)]
    assert {spot.outer for spot in run.spots if spot.key == "m"} == {0, 2}, "nothing is kept of a pass that is over"


def test_people_see_of_a_member_the_worst_that_its_passes_came_to() -> None:
    plan = chain(nodes=group(Node("a", iterate=Iterate(over=(), on_failure="continue")), starts=("m",)))
    ends = [done("m", state, outer=outer) for outer, state in enumerate((SUCCEEDED, ERRORED, WARNED))]
    _, effects = play(plan, Opened(Spot("a"), 3), *ends)
    shown = [effect.state for effect in effects if isinstance(effect, ShowNode) and effect.key == "m"]
    assert shown == [NodeState.ACTIVE, ERRORED]


def test_the_members_of_a_group_that_never_opens_are_shown_as_skipped() -> None:
    for loop in (None, Iterate(over=())):
        plan = chain(Link("a", "g", When.FAILURE), nodes=group(Node("g", iterate=loop), starts=("m",)))
        run, effects = play(plan, done("a"))
        assert run.state_of("g") is SKIPPED
        assert ShowNode("m", SKIPPED) in effects


def test_a_group_that_starts_nothing_succeeds_at_once() -> None:
    for loop in (None, Iterate(over=()), Iterate(until=MET)):
        plan = chain(Link("a", "b"), nodes=[Node("a", starts=(), iterate=loop)])
        total = None if loop is None or loop.until is not None else 10_000
        _, effects = play(plan, Opened(Spot("a"), total), done("b"))
        assert effects[-1] == ShowRun(RunState.ALL_SUCCEEDED, "success")


def test_an_opening_that_fails_fails_the_node_and_one_that_skips_skips_it() -> None:
    for state, expected in ((ERRORED, NodeState.ACTIVE), (SKIPPED, SKIPPED)):
        plan = grouped(Iterate(over=()))
        run, effects = play(plan, done("a", state, attempt=0))
        assert (run.state_of("a"), run.state_of("c")) == (state, expected)
        assert ShowNode("m", SKIPPED) in effects


def test_ten_thousand_passes_need_no_stack_and_no_copies_of_what_is_over() -> None:
    plan = looped("continue", parallel=64)
    run, effects = step_all(plan, initial(plan), [Started(), Opened(Spot("a"), 10_000)])
    begun = 0
    while (live := [unit for unit, _ in started(effects)]) != [Unit("b")]:
        begun += len(live)
        run, effects = step_all(plan, run, [done("a", ERRORED, item=unit.item) for unit in live])
        assert len(run.tries) <= 64
    assert begun == 10_000
    assert step(plan, run, done("b"))[0].state is RunState.WARNED
