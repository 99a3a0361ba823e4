"""The reducer by properties: random chains, outcomes, orders and crash points; and its rules by example.

Passes, pauses and re-runs have files of their own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from onecloud.chains.model import Definition, Link, Node, OnError, When
from onecloud.chains.parts.iterate import Iterate
from onecloud.runs.journal import decode, encode
from onecloud.runs.model import (
    ENDED_STATES,
    SETTLED_STATES,
    CancelNode,
    Checked,
    ClosePass,
    Effect,
    Event,
    NodeFinished,
    NodeState,
    Open,
    Opened,
    RetryAt,
    RetryDue,
    RunState,
    Settled,
    ShowNode,
    ShowRun,
    Spot,
    StartNode,
    Unit,
)
from onecloud.runs.plan import Plan, plan_of
from onecloud.runs.reducer import initial, step, step_all
from onecloud.runs.state import Run
from onecloud.runs.verdict import FORCED, fires, verdict
from tests.runs.reducer_world import (
    ERRORED,
    NOW,
    SKIPPED,
    SUCCEEDED,
    WARNED,
    Fate,
    World,
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


@given(definitions(), fates, st.data())
def test_every_run_ends_and_leaves_nothing_unsettled(definition: Definition, fate: Fate, data: st.DataObject) -> None:
    world = World(plan_of(definition), fate, drawn(data), pauses=2, restarts=2).finish()
    assert {key for key, state in world.seen.items() if state in SETTLED_STATES} == set(world.plan.nodes)
    assert all(progress.state in SETTLED_STATES for progress in world.run.spots.values())
    assert not world.live, "nothing is under way after the end"
    assert not any((world.run.held, world.run.tries, world.run.loops))
    assert set(world.run.open.values()) == {0}
    last = world.effects[-1]
    assert isinstance(last, ShowRun)
    assert last.state in ENDED_STATES
    assert [e for e in world.effects if isinstance(e, ShowRun) and e.state in ENDED_STATES] == [last]


@given(definitions(exits=False), fates, st.data())
def test_nodes_run_just_when_all_links_to_them_have_settled_and_one_fires(
    definition: Definition, fate: Fate, data: st.DataObject
) -> None:
    world = World(plan_of(definition), fate, drawn(data), pauses=2).finish()
    plan, final, begun = world.plan, dict[Spot, NodeState](), set[Spot]()

    def links_fire(spot: Spot) -> bool:
        scope = plan.scope(spot.key)
        sources = [(link, final[Spot(link.source, spot.outer)]) for link in scope.incoming[spot.key]]
        return spot.key in scope.starts or any(fires(link, state) for link, state in sources)

    def begin(spot: Spot) -> None:
        if spot not in begun:
            begun.add(spot)
            assert links_fire(spot)

    def forget_pass(group: str, outer: int) -> None:
        for key in plan.groups[group].keys:
            begun.discard(Spot(key, outer))
            final.pop(Spot(key, outer), None)

    for effect in world.effects:
        match effect:
            case StartNode(unit):
                begin(unit.spot)
            case Open(spot):
                begin(spot)
            case ShowNode(key, NodeState.ACTIVE) if plan.nodes[key].is_group:
                begin(Spot(key))
            case ShowNode(key, NodeState.PAUSED) if plan.nodes[key].is_group and not plan.repeats(key):
                forget_pass(key, Spot(key).outer)  # it begins again
            case ClosePass(group, outer):
                forget_pass(group, outer)
            case Settled(spot, state):
                assert spot not in final, "every node settles once in its place"
                assert spot in begun or (state is SKIPPED and not links_fire(spot))
                final[spot] = state
            case _:
                pass
    assert {spot.key for spot in final if plan.nodes[spot.key].group is None} == set(plan.root.keys)


@given(definitions(), fates, st.data())
def test_replaying_the_journal_up_to_any_crash_gives_the_same_state_and_effects(
    definition: Definition, fate: Fate, data: st.DataObject
) -> None:
    world = World(plan_of(definition), fate, drawn(data), pauses=2, restarts=2).finish()
    crash = data.draw(st.integers(0, len(world.events)))
    journal = encode(world.events)
    run, effects = initial(world.plan), list[Effect]()
    for events in (decode(journal[:crash]), decode(journal[crash:])):  # two lives of the coordinator
        for event in events:
            run, more = step(world.plan, run, event)
            effects += more
    assert run == world.run
    assert effects == world.effects


@given(definitions(), fates, st.data())
def test_events_in_batches_do_what_they_do_one_by_one(definition: Definition, fate: Fate, data: st.DataObject) -> None:
    world = World(plan_of(definition), fate, drawn(data), pauses=2, restarts=2).finish()
    run, effects, rest = initial(world.plan), list[Effect](), [*world.events, world.events[-1]]
    while rest:
        size = data.draw(st.integers(1, len(rest)))
        run, more = step_all(world.plan, run, rest[:size])
        effects += more
        rest = rest[size:]
    assert run == world.run
    assert effects == world.effects


@given(definitions(), fates, st.data())
def test_a_step_leaves_the_run_before_it_as_it_was(definition: Definition, fate: Fate, data: st.DataObject) -> None:
    world = World(plan_of(definition), fate, drawn(data), pauses=2, restarts=2).finish()
    again = initial(world.plan)
    for taken in world.steps:
        assert again == taken.before, "which has meanwhile been thawed for later events"
        again, _ = step(world.plan, again, taken.event)


@given(definitions(), fates, st.data())
def test_repeated_and_late_events_change_nothing(definition: Definition, fate: Fate, data: st.DataObject) -> None:
    world = World(plan_of(definition), fate, drawn(data), pauses=2, restarts=2).finish()
    late = list[Event]()
    for taken in world.steps:
        late.append(taken.event)
        again = [late[-1], *late[-4:-1], late[data.draw(st.integers(0, len(late) - 1))], *cut_off(world, taken.run)]
        for event in again:
            # Openings and checks have no number: one that is owed is taken from whoever brings it.
            if isinstance(event, Opened | Checked) and event.spot in taken.owed:
                continue
            if isinstance(event, NodeFinished) and not event.attempt and event.unit.spot in taken.owed:
                continue
            assert step(world.plan, taken.run, event) == (taken.run, ())


def cut_off(world: World, run: Run) -> list[NodeFinished]:
    """What cancelled attempts report all the same."""
    return [e for e in world.cut if e.unit not in run.tries or run.tries[e.unit].attempt != e.attempt]


@given(definitions(), fates, st.data())
def test_no_unit_is_tried_more_often_than_its_retries_allow(
    definition: Definition, fate: Fate, data: st.DataObject
) -> None:
    world = World(plan_of(definition), fate, drawn(data)).finish()
    pauses = sum(isinstance(e, ShowRun) and e.state is RunState.PAUSED for e in world.effects)
    attempts: dict[Unit, list[int]] = {}
    for unit, attempt in started(world.effects):
        attempts.setdefault(unit, []).append(attempt)
    for unit, numbers in attempts.items():
        assert len(numbers) <= (1 + world.plan.nodes[unit.key].retries) * (1 + pauses)
        assert numbers == sorted(numbers)
        assert pauses or numbers == list(range(1, len(numbers) + 1))


@given(definitions(), fates, st.data())
def test_exit_chain_cancels_all_that_is_live_and_ends_the_run(
    definition: Definition, fate: Fate, data: st.DataObject
) -> None:
    world = World(plan_of(definition), fate, drawn(data), pauses=1).finish()
    for taken in world.steps:
        if not any(ends_the_chain(world.plan, taken.event, effect) for effect in taken.effects):
            assert not any(isinstance(effect, CancelNode) for effect in taken.effects)
            continue
        assert taken is world.steps[-1]
        assert taken.run.state is (FORCED[taken.run.forced] if taken.run.forced else RunState.ERRORED)
        assert not started(taken.effects)
        ended = taken.event.unit if isinstance(taken.event, NodeFinished) else None
        live = {unit for unit in under_way(world, len(world.steps) - 1) if unit != ended}
        assert {effect.unit for effect in taken.effects if isinstance(effect, CancelNode)} == live


def ends_the_chain(plan: Plan, event: Event, effect: Effect) -> bool:
    """Whether this is the failure of a node that ends its chain; a false Conditional is none."""
    if not (isinstance(effect, Settled) and effect.state is ERRORED):
        return False
    node = plan.nodes[effect.spot.key]
    false = node.command == "event.conditional" and isinstance(event, NodeFinished) and event.exit_code == 1
    return node.on_error is OnError.EXIT and not false


def under_way(world: World, steps: int) -> set[Unit]:
    """The attempts that had begun and not ended after so many steps."""
    live = set[Unit]()
    for taken in world.steps[:steps]:
        if isinstance(taken.event, NodeFinished):
            live.discard(taken.event.unit)
        live |= {effect.unit for effect in taken.effects if isinstance(effect, StartNode)}
    return live


@given(definitions(), fates, st.data())
def test_a_forced_result_wins(definition: Definition, fate: Fate, data: st.DataObject) -> None:
    world = World(plan_of(definition), fate, drawn(data), pauses=2).finish()
    forced = [event for event in world.events if isinstance(event, NodeFinished) and event.forces]
    if forced:
        assert world.effects[-1] == ShowRun(FORCED[forced[-1].forces], forced[-1].text)
    else:
        assert "By " not in str(world.effects[-1])


# --- the rules by example ---


def test_siblings_start_together() -> None:
    _, effects = play(chain(Link("a", "b"), Link("a", "c")), done("a"))
    assert started(effects)[1:] == [(Unit("b"), 1), (Unit("c"), 1)]


def test_a_join_runs_once_when_one_link_fired_and_all_have_settled() -> None:
    plan = chain(Link("a", "b"), Link("a", "c"), Link("b", "d"), Link("c", "d"))
    run, _ = play(plan, done("a"), done("b", ERRORED))
    assert run.state_of("d") is NodeState.WAITING
    run, effects = play(plan, done("a"), done("b", ERRORED), done("c"))
    assert effects[-1] == StartNode(Unit("d"), 1)


def test_a_failure_without_a_link_for_it_makes_the_run_errored() -> None:
    run, _ = play(chain(Link("a", "b")), done("a", ERRORED))
    assert (run.state, run.state_of("b")) == (RunState.ERRORED, SKIPPED)


def test_a_caught_failure_makes_the_run_warned() -> None:
    for when in (When.FAILURE, When.ANY):
        run, _ = play(chain(Link("a", "b", when)), done("a", ERRORED), done("b"))
        assert run.state is RunState.WARNED


def test_a_warning_follows_warning_and_any_links_only() -> None:
    plan = chain(Link("a", "b"), Link("a", "c", When.WARNING), Link("a", "d", When.ANY))
    run, _ = play(plan, done("a", WARNED))
    assert [run.state_of(k) for k in "bcd"] == [SKIPPED, NodeState.ACTIVE, NodeState.ACTIVE]


def test_a_node_that_skips_itself_cuts_off_what_follows_it() -> None:
    run, _ = play(chain(Link("a", "b", When.ANY)), done("a", SKIPPED))
    assert (run.state, run.state_of("a"), run.state_of("b")) == (RunState.ALL_SUCCEEDED, SKIPPED, SKIPPED)


def test_an_ignored_exit_code_counts_as_success() -> None:
    plan = chain(Link("a", "b"), nodes=[Node("a", "x.y", ignore_exit_codes=(6,))])
    run, effects = play(plan, done("a", ERRORED, code=6))
    assert effects[-1] == StartNode(Unit("b"), 1)
    assert run.state_of("a") is SUCCEEDED


def test_a_conditional_that_is_false_is_no_failure_of_the_run() -> None:
    plan = chain(Link("a", "b", When.FAILURE), nodes=[Node("a", "event.conditional", on_error=OnError.EXIT)])
    run, _ = play(plan, done("a", ERRORED, code=1), done("b"))
    assert run.state is RunState.ALL_SUCCEEDED
    run, effects = play(plan, done("a", ERRORED, code=2))
    assert (run.state, started(effects)) == (RunState.ERRORED, [(Unit("a"), 1)])


def test_a_retry_waits_for_its_pause() -> None:
    plan = chain(nodes=[Node("a", "x.y", retries=1, retry_pause_s=30)])
    _, effects = play(plan, done("a", ERRORED))
    assert effects[-1] == RetryAt(Unit("a"), 2, NOW + timedelta(seconds=30))
    _, effects = play(plan, done("a", ERRORED), RetryDue(Unit("a"), 2))
    assert effects[-1] == StartNode(Unit("a"), 2)
    run, _ = play(plan, done("a", ERRORED), RetryDue(Unit("a"), 2), done("a", attempt=2))
    assert run.state is RunState.ALL_SUCCEEDED


def test_what_cannot_get_better_is_not_retried() -> None:
    plan = chain(nodes=[Node("a", "x.y", retries=5)])
    run, _ = play(plan, replace(done("a", ERRORED), retryable=False))
    assert run.state is RunState.ERRORED


def exit_plan() -> Plan:
    return chain(
        Link("a", "b"), Link("a", "c"), Link("b", "d", When.FAILURE), nodes=[Node("b", "x.y", on_error=OnError.EXIT)]
    )


def test_exit_chain_cancels_siblings_and_ignores_links() -> None:
    run, effects = play(exit_plan(), done("a"), done("b", ERRORED))
    assert CancelNode(Unit("c"), 1) in effects
    assert run.state is RunState.ERRORED
    assert states(run) == {"a": SUCCEEDED, "b": ERRORED, "c": NodeState.STOPPED, "d": SKIPPED}


def test_exit_chain_shows_what_the_passes_came_to_that_it_cut_off() -> None:
    own = Node("g", iterate=Iterate(over=(), parallel=2))
    members = group(own, Link("m", "n"), Link("n", "p"), starts=("m",), nodes=[Node("n", "x.y", on_error=OnError.EXIT)])
    plan = chain(Link("a", "g"), nodes=[Node("a", "x.y"), *members])
    run, effects = play(plan, done("a"), Opened(Spot("g"), 3), done("m", outer=0), done("n", ERRORED, outer=0))
    assert CancelNode(Unit("m", 1), 1) in effects
    shown = {effect.key: effect.state for effect in effects if isinstance(effect, ShowNode)}
    assert shown == {"a": SUCCEEDED, "g": ERRORED, "m": NodeState.STOPPED, "n": ERRORED, "p": SKIPPED}
    assert run.state is RunState.ERRORED


def test_set_chain_result_fixes_the_result_whatever_comes_after() -> None:
    forcing = replace(done("a"), forces="warning", text="Half of it.")
    events: list[Sequence[Event]] = [[done("b", ERRORED)], [done("c"), done("b", ERRORED)]]
    for plan, more in zip((exit_plan(), chain(Link("a", "b"), Link("a", "c"))), events, strict=True):
        _, effects = play(plan, forcing, *more)
        assert effects[-1] == ShowRun(RunState.WARNED, "Half of it.")


def test_nodes_that_the_start_does_not_reach_are_no_part_of_the_run() -> None:
    plan = plan_of(Definition("x", "a", (Node("a", "x.y"), Node("lone", "x.y")), (Link("lone", "a"),)))
    assert set(plan.nodes) == {"a"}
    run, _ = play(plan, done("a"))
    assert (run.state, verdict(plan, run)[1]) == (RunState.ALL_SUCCEEDED, "success")


def test_links_do_not_cross_the_border_of_a_group() -> None:
    nodes = (Node("a", "x.y"), *group(Node("g"), starts=("m",)))
    plan = plan_of(Definition("x", "a", nodes, (Link("a", "g"), Link("a", "m"), Link("m", "g"))))
    assert plan.root.outgoing == {"a": (Link("a", "g"),), "g": ()}
    assert plan.groups["g"].incoming == {"m": ()}


def test_the_sentence_names_what_failed_and_how_many_more() -> None:
    plan = chain(*(Link("a", key) for key in "bcdefg"), nodes=[Node("b", "x.y", name="Load sales")])
    run, effects = play(plan, done("a"), *(done(key, ERRORED) for key in "bcdefg"))
    assert effects[-1] == ShowRun(RunState.ERRORED, "Failed: Load sales, c, d and 3 more.")
    assert Counter(states(run).values()) == {ERRORED: 6, SUCCEEDED: 1}
