"""The reducer's re-runs: what a seed takes over, what runs again, and one node alone; by properties and by example."""

from __future__ import annotations

from collections.abc import Mapping

from hypothesis import assume, given
from hypothesis import strategies as st

from onecloud.chains.model import Definition, Link, Node, OnError, When
from onecloud.chains.parts.iterate import Iterate
from onecloud.runs.model import (
    SETTLED_STATES,
    Effect,
    Event,
    GroupSeed,
    NodeFinished,
    NodeState,
    Open,
    Opened,
    PauseAsked,
    Resumed,
    RunState,
    Seed,
    Settled,
    ShowNode,
    ShowRun,
    Spot,
    Unit,
)
from onecloud.runs.plan import Plan, plan_of
from onecloud.runs.state import Progress
from onecloud.runs.verdict import failed
from tests.runs.reducer_world import (
    ERRORED,
    MET,
    SKIPPED,
    SUCCEEDED,
    WARNED,
    Fate,
    World,
    begins,
    chain,
    definitions,
    done,
    drawn,
    fates,
    group,
    play,
    started,
    states,
)


def begun(world: World) -> set[Spot]:
    """Every place where something ran; of groups those that were shown to."""
    groups = {
        Spot(e.key)
        for e in world.effects
        if isinstance(e, ShowNode) and e.state is NodeState.ACTIVE and is_group(world, e)
    }
    return set(begins(world.effects)) | groups


def is_group(world: World, shown: ShowNode) -> bool:
    return world.plan.nodes[shown.key].is_group


def outside(world: World) -> dict[str, Progress]:
    """What the nodes outside groups came to."""
    return {key: world.run.spots[Spot(key)] for key in world.plan.root.keys}


def taken_over(world: World, without: frozenset[str]) -> dict[str, NodeState]:
    """The states of all nodes but some, as people saw them; of groups with their members."""
    groups = {key: world.plan.nodes[key].group or key for key in world.plan.nodes}
    return {key: state for key, state in world.seen.items() if groups[key] not in without}


def forgiven(world: World) -> frozenset[str]:
    """The Conditionals outside groups that were false."""
    return frozenset(key for key, progress in outside(world).items() if progress.forgiven)


def passes_of(world: World, key: str) -> dict[int, dict[str, Progress]]:
    """What the members of a group came to in each of its passes."""
    found: dict[int, dict[str, Progress]] = {}
    for taken in world.steps:
        for effect in taken.effects:
            if isinstance(effect, Settled) and world.plan.nodes[effect.spot.key].group == key:
                found.setdefault(effect.spot.outer, {})[effect.spot.key] = Progress(
                    effect.state, forgiven=effect.state is ERRORED and was_false(world.plan, taken.event)
                )
    return found


def states_of(passes: Mapping[int, Mapping[str, Progress]]) -> dict[int, dict[str, NodeState]]:
    """The states of the members, pass by pass."""
    return {outer: {key: now.state for key, now in members.items()} for outer, members in passes.items()}


def was_false(plan: Plan, event: Event) -> bool:
    """Whether this is a Conditional that was false."""
    if not isinstance(event, NodeFinished):
        return False
    return plan.nodes[event.unit.key].command == "event.conditional" and event.exit_code == 1


@given(definitions(orderly=True), fates, st.data())
def test_a_re_run_runs_its_node_and_all_that_follow_it_and_ends_as_the_first_run_did(
    definition: Definition, fate: Fate, data: st.DataObject
) -> None:
    first = World(plan_of(definition), fate).finish()
    plan, ran = first.plan, begun(first)
    key = data.draw(st.sampled_from(plan.root.keys))
    again = plan.after(key)
    # Without a start this is a run that had been stopped: what had not settled goes on by itself.
    starts = (key,) if data.draw(st.booleans()) else ()
    seed = Seed(taken_over(first, again), starts, forgiven=forgiven(first))
    second = World(plan, fate, drawn(data), seed, pauses=1).finish()
    assert {plan.nodes[spot.key].group or spot.key for spot in begun(second)} <= again
    if starts:
        assert Spot(key) in begun(second)
    if not starts or Spot(key) in ran:
        assert begun(second) == {spot for spot in ran if (plan.nodes[spot.key].group or spot.key) in again}
        assert outside(second) == outside(first)
        assert second.seen == first.seen
        if not first.run.forced:
            assert second.effects[-1] == first.effects[-1]


@given(definitions(orderly=True), fates, st.data())
def test_a_node_alone_runs_and_nothing_else(definition: Definition, fate: Fate, data: st.DataObject) -> None:
    first = World(plan_of(definition), fate).finish()
    plan, key = first.plan, data.draw(st.sampled_from(first.plan.root.keys))
    states = taken_over(first, plan.after(key)) if data.draw(st.booleans()) else {}
    second = World(plan, fate, drawn(data), Seed(states, (key,), only=True), pauses=1).finish()
    assert {plan.nodes[spot.key].group or spot.key for spot in begun(second)} == {key}
    expected = {other: states.get(other, SKIPPED) for other in plan.root.keys if other != key}
    assert {other: p.state for other, p in outside(second).items() if other != key} == expected
    assert set(second.seen) == set(plan.nodes)
    assert all(state in SETTLED_STATES for state in second.seen.values())
    if Spot(key) in begun(first):
        assert outside(second)[key] == outside(first)[key]


@given(definitions(pauses=False, orderly=True, first=("group", "repeating group")), fates, st.data())
def test_a_re_run_inside_a_group_goes_on_in_its_pass(definition: Definition, fate: Fate, data: st.DataObject) -> None:
    first = World(plan_of(definition), fate).finish()
    plan, ran = first.plan, begun(first)
    members = sorted(spot for spot in ran if plan.nodes[spot.key].group is not None)
    assume(members)
    start = data.draw(st.sampled_from(members))
    around = plan.nodes[start.key].group
    assert around is not None
    passes = passes_of(first, around)
    before = [now for outer, now in passes.items() if outer < start.outer]
    here = {key: now for key, now in passes[start.outer].items() if key not in plan.after(start.key)}
    inside = GroupSeed(
        around,
        start.outer,
        (start.key,),
        {key: now.state for key, now in here.items()},
        failed=sum(any(failed(now) for now in members.values()) for members in before),
    )
    false = forgiven(first) | {key for key, now in here.items() if now.forgiven}
    only = data.draw(st.booleans())
    seed = Seed(taken_over(first, plan.after(around)), (), inside, only=only, forgiven=false)
    second = World(plan, fate, drawn(data), seed, pauses=1).finish()
    ran_inside = {spot for spot in begun(second) if plan.nodes[spot.key].group == around}
    if only:
        assert ran_inside == {start}
        assert begun(second) == {start, Spot(around)}
        return
    follow = {Spot(key, start.outer) for key in plan.after(start.key)}
    assert ran_inside == {
        spot for spot in ran if plan.nodes[spot.key].group == around and (spot.outer > start.outer or spot in follow)
    }
    assert {key: now.state for key, now in outside(second).items()} == {k: p.state for k, p in outside(first).items()}
    later = {outer: now for outer, now in passes.items() if outer >= start.outer}
    assert states_of(passes_of(second, around)) == states_of(later)


# --- the rules by example ---


def three() -> Plan:
    return chain(Link("a", "b"), Link("b", "c"), Link("a", "d", When.FAILURE))


def test_a_re_run_takes_over_what_is_not_run_again() -> None:
    seed = Seed({"a": SUCCEEDED, "d": SKIPPED}, ("b",))
    run, effects = play(three(), done("b"), done("c"), seed=seed)
    assert started(effects) == [(Unit("b"), 1), (Unit("c"), 1)]
    assert states(run) == {"a": SUCCEEDED, "b": SUCCEEDED, "c": SUCCEEDED, "d": SKIPPED}
    assert Settled(Spot("a"), SUCCEEDED, reused=True) in effects, "later nodes may look at it"


def test_a_failure_that_is_taken_over_counts_and_a_false_conditional_does_not() -> None:
    states = {"a": ERRORED, "c": SKIPPED}
    for forgiven, expected in ((frozenset[str](), RunState.WARNED), (frozenset({"a"}), RunState.ALL_SUCCEEDED)):
        plan = chain(Link("a", "c"), Link("a", "b", When.FAILURE), nodes=[Node("a", "event.conditional")])
        run, _ = play(plan, done("b"), seed=Seed(states, ("b",), forgiven=forgiven))
        assert run.state is expected


def test_a_seed_that_leaves_nothing_to_do_ends_at_once() -> None:
    seed = Seed({"a": SUCCEEDED, "b": ERRORED, "c": SKIPPED, "d": SKIPPED}, ())
    run, effects = play(three(), seed=seed)
    assert (run.state, effects[-1]) == (RunState.ERRORED, ShowRun(RunState.ERRORED, "Failed: b."))


def test_a_restart_in_a_run_of_one_node_alone_runs_that_alone_again() -> None:
    seed = Seed({}, ("a",), only=True)
    run, effects = play(three(), PauseAsked(1, "Ann"), Resumed(2, Spot("a")), done("a", attempt=2), seed=seed)
    assert started(effects) == [(Unit("a"), 1), (Unit("a"), 2)]
    assert states(run)["b"] is SKIPPED


def passing(loop: Iterate | None, *nodes: Node) -> Plan:
    own = Node("a", iterate=loop)
    return chain(Link("a", "b", When.ANY), nodes=group(own, Link("m", "n"), Link("n", "p"), starts=("m",), nodes=nodes))


def shown(effects: list[Effect]) -> Mapping[str, NodeState]:
    return {effect.key: effect.state for effect in effects if isinstance(effect, ShowNode)}


def test_a_group_goes_on_in_the_middle_of_a_pass() -> None:
    seed = Seed({}, (), GroupSeed("a", 1, ("n",), {"m": SUCCEEDED}))
    events: list[Event] = [Opened(Spot("a"), 3), done("n", outer=1), done("p", outer=1)]
    _, effects = play(passing(Iterate(over=())), *events, seed=seed)
    assert [unit for unit, _ in started(effects)] == [Unit("n", 1), Unit("p", 1), Unit("m", 2)]
    last = [done(key, outer=2) for key in "mnp"]
    run, effects = play(passing(Iterate(over=())), *events, *last, done("b"), seed=seed)
    assert run.state is RunState.ALL_SUCCEEDED


def test_passes_that_failed_before_fail_the_group_again() -> None:
    seed = Seed({}, (), GroupSeed("a", 1, ("p",), {"m": SUCCEEDED, "n": SUCCEEDED}, failed=1))
    loop = Iterate(over=(), on_failure="continue")
    run, effects = play(passing(loop), Opened(Spot("a"), 2), done("p", outer=1), seed=seed)
    assert run.state_of("a") is ERRORED
    assert ShowNode("a", NodeState.ACTIVE, "1 of 2 passes failed.") in effects


def test_a_group_that_does_not_repeat_goes_on_inside_once() -> None:
    for outer in (-1, 0):
        seed = Seed({}, (), GroupSeed("a", outer, ("p",), {"m": SUCCEEDED, "n": WARNED}))
        run, effects = play(passing(None), done("p"), done("b"), seed=seed)
        assert [unit.key for unit, _ in started(effects)] == ["p", "b"]
        assert (run.state_of("a"), run.state) == (SUCCEEDED, RunState.WARNED)


def test_a_false_conditional_that_is_taken_over_inside_does_not_fail_its_group() -> None:
    seed = Seed({}, (), GroupSeed("a", -1, ("m",), {"n": ERRORED, "p": SKIPPED}), forgiven=frozenset({"n"}))
    run, _ = play(passing(None, Node("n", "event.conditional")), done("m"), seed=seed)
    assert run.state_of("a") is SUCCEEDED


def test_one_member_alone_runs_in_its_pass_alone() -> None:
    seed = Seed({}, (), GroupSeed("a", 2, ("n",), {}), only=True)
    for loop in (Iterate(over=()), Iterate(until=MET)):
        total = None if loop.until is not None else 9
        run, effects = play(passing(loop), Opened(Spot("a"), total), done("n", outer=2), seed=seed)
        assert started(effects) == [(Unit("n", 2), 1)]
        assert states(run) == {"a": SUCCEEDED, "b": SKIPPED}
        assert shown(effects) == {"a": SUCCEEDED, "b": SKIPPED, "m": SKIPPED, "n": SUCCEEDED, "p": SKIPPED}


def test_a_seeded_pass_with_nothing_left_to_do_is_over_at_once() -> None:
    settled = {"m": SUCCEEDED, "n": ERRORED, "p": SKIPPED}
    for rule, left in (("stop", ["b"]), ("continue", ["m"])):
        loop = Iterate(over=(), on_failure="stop" if rule == "stop" else "continue")
        seed = Seed({}, (), GroupSeed("a", 0, (), settled))
        _, effects = play(passing(loop), Opened(Spot("a"), 2), seed=seed)
        assert [unit.key for unit, _ in started(effects)] == left


def test_a_seeded_pass_that_is_redone_begins_with_its_start() -> None:
    own = Node("a", iterate=Iterate(over=()), on_error=OnError.PAUSE)
    plan = chain(nodes=group(own, Link("m", "n"), starts=("m",)))
    seed = Seed({}, (), GroupSeed("a", 1, ("n",), {"m": SUCCEEDED}))
    _, effects = play(plan, Opened(Spot("a"), 2), done("n", ERRORED, outer=1), Resumed(1), seed=seed)
    assert started(effects) == [(Unit("n", 1), 1), (Unit("m", 1), 2)]


def test_a_group_that_is_restarted_in_a_re_run_begins_with_its_first_pass() -> None:
    seed = Seed({}, (), GroupSeed("a", 1, ("n",), {"m": SUCCEEDED}))
    restart: list[Event] = [PauseAsked(1, "Ann"), Resumed(2, Spot("a")), Opened(Spot("a"), 2)]
    for before in ([], [Opened(Spot("a"), 2)]):
        _, effects = play(passing(Iterate(over=())), *before, *restart, seed=seed)
        assert started(effects)[-1][0] == Unit("m", 0)


def test_only_a_restart_of_the_group_redoes_passes_that_failed_in_the_earlier_run() -> None:
    own = Node("a", iterate=Iterate(over=(), on_failure="continue"), on_error=OnError.PAUSE)
    plan = chain(nodes=group(own, starts=("m",)))
    seed = Seed({}, (), GroupSeed("a", 1, ("m",), {}, failed=1))
    events: list[Event] = [Opened(Spot("a"), 2), done("m", outer=1), Resumed(1)]
    run, effects = play(plan, *events, seed=seed)
    assert run.state is RunState.PAUSED
    assert started(effects) == [(Unit("m", 1), 1)]
    assert effects.count(ShowRun(RunState.PAUSED, "Paused because a failed.")) == 2
    run, _ = play(plan, *events, Resumed(2, Spot("a")), Opened(Spot("a"), 1), done("m", attempt=2, outer=0), seed=seed)
    assert run.state is RunState.ALL_SUCCEEDED


def test_a_resume_that_pauses_again_at_once_holds_the_rest_and_loses_nothing() -> None:
    own = Node("a", iterate=Iterate(over=(), on_failure="continue"), on_error=OnError.PAUSE)
    other = Node("o", "x.y", iterate=Iterate(over=()), on_error=OnError.PAUSE)
    nodes = (Node("r", "x.y"), *group(own, starts=("m",)), other)
    plan = plan_of(Definition("x", "r", nodes, (Link("r", "a"), Link("r", "o"))))
    seed = Seed({"r": SUCCEEDED}, (), GroupSeed("a", 1, ("m",), {}, failed=1))
    events: list[Event] = [Opened(Spot("a"), 2), done("m", outer=1), done("o", ERRORED, attempt=0), Resumed(1)]
    run, effects = play(plan, *events, seed=seed)
    assert (run.state, run.held) == (RunState.PAUSED, (Spot("o"),))
    _, effects = play(plan, *events, Resumed(2, Spot("a")), seed=seed)
    assert effects.count(Open(Spot("o"))) == 2
