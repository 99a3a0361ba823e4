"""The reducer's pauses: what they hold, that they lose nothing, and restarts from a node."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from onecloud.chains.model import Definition, Link, Node, OnError, When
from onecloud.chains.parts.iterate import Iterate
from onecloud.runs.model import (
    SETTLED_STATES,
    CancelNode,
    Check,
    Checked,
    Effect,
    Event,
    NodeState,
    NodeWaits,
    Open,
    Opened,
    PauseAsked,
    Resumed,
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
from onecloud.runs.state import Run
from onecloud.runs.verdict import fires
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


@given(definitions(), fates, st.data())
def test_nothing_starts_while_the_run_is_paused(definition: Definition, fate: Fate, data: st.DataObject) -> None:
    world = World(plan_of(definition), fate, drawn(data), pauses=3, restarts=1).finish()
    paused = False
    for effect in world.effects:
        if isinstance(effect, ShowRun):
            paused = effect.state is RunState.PAUSED
        assert not (paused and isinstance(effect, StartNode | Open))


@given(definitions(orderly=True), fates, st.data())
def test_pauses_and_the_order_of_ends_change_nothing(definition: Definition, fate: Fate, data: st.DataObject) -> None:
    plan = plan_of(definition)
    straight = World(plan, fate).finish()
    other = World(plan, fate, drawn(data), pauses=4).finish()
    assert other.count == straight.count, "nothing is lost and nothing doubled"
    assert other.run.spots == straight.run.spots
    assert other.seen == straight.seen
    if not straight.run.forced:  # of several forced results the last one wins
        assert other.effects[-1] == straight.effects[-1]


@given(definitions(exits=False), fates, st.data())
def test_a_restart_runs_the_node_and_all_that_follow_it_and_nothing_else(
    definition: Definition, fate: Fate, data: st.DataObject
) -> None:
    world = World(plan_of(definition), fate, drawn(data), pauses=2, restarts=2).finish()
    for number, taken in enumerate(world.steps):
        event, plan = taken.event, world.plan
        if not isinstance(event, Resumed) or event.start is None or taken.before.state is not RunState.PAUSED:
            continue
        start = event.start
        if taken.before.spots[start].state is NodeState.WAITING:
            assert not any(
                isinstance(effect, ShowNode) and effect.state is NodeState.WAITING for effect in taken.effects
            )
            continue
        again = reset_by(plan, taken.before, start)
        gone = again | inside_of(taken.before, {spot.key for spot in again} - {plan.nodes[start.key].group})
        assert {e.unit for e in taken.effects if isinstance(e, CancelNode)} == running(taken.before, gone)
        # The next resume may restart another node, or redo a whole group that has failed meanwhile.
        rest = range(number + 1, len(world.steps))
        until = next((n for n in rest if isinstance(world.steps[n].event, Resumed)), len(world.steps))
        later = [effect for step in world.steps[number:until] for effect in step.effects]
        begun = set(begins(later)) | {Spot(e.key) for e in later if isinstance(e, ShowNode) and is_begun(plan, e)}
        assert start in begun
        at_rest = {spot for spot, progress in taken.before.spots.items() if progress.state in SETTLED_STATES}
        paused = {spot.key for spot, progress in taken.before.spots.items() if progress.state is NodeState.PAUSED}
        kept = at_rest - gone - inside_of(taken.before, paused - {spot.key for spot in again})
        assert not begun & kept
        settled = [effect.spot for effect in later if isinstance(effect, Settled)]
        assert not set(settled) & kept
        if until == len(world.steps):
            assert again <= set(settled), "what was reset has an end again"
            around = plan.nodes[start.key].group  # goes on when it was over, and needs no link to do so
            outside = [s for s in again - begun if plan.nodes[s.key].group is None and s.key != around]
            assert not any(links_fire(world, spot) for spot in outside)


def reset_by(plan: Plan, run: Run, start: Spot) -> set[Spot]:
    """The places that a restart resets: what follows the node, and the group with its followers if that was over."""
    again = {Spot(key, start.outer) for key in plan.after(start.key)}
    around = plan.nodes[start.key].group
    if around is not None and run.spots[Spot(around)].state in SETTLED_STATES:
        again |= {Spot(key) for key in plan.after(around)}
    return again


def inside_of(run: Run, groups: set[str | None] | set[str]) -> set[Spot]:
    """The members of these groups, in all their passes."""
    return {spot for spot in run.spots if "m" in spot.key and spot.key.partition("m")[0] in groups}


def running(run: Run, places: set[Spot]) -> set[Unit]:
    """The attempts under way in these places."""
    return {
        unit
        for unit, now in run.tries.items()
        if unit.spot in places
        and not (now.retrying or unit in run.held)
        and run.spots[unit.spot].state is NodeState.ACTIVE
    }


def is_begun(plan: Plan, shown: ShowNode) -> bool:
    """Whether a group that nothing needs to open is shown to have begun."""
    return shown.state is NodeState.ACTIVE and plan.nodes[shown.key].is_group and not plan.is_opened(shown.key)


def links_fire(world: World, spot: Spot) -> bool:
    """Whether a link to a node outside groups fires by what everything came to."""
    links = world.plan.root.incoming[spot.key]
    return any(fires(link, world.run.spots[Spot(link.source)].state) for link in links)


# --- the rules by example ---


def pausing() -> Plan:
    return chain(
        Link("a", "b"), Link("a", "c"), Link("c", "d"), nodes=[Node("b", "x.y", on_error=OnError.PAUSE, retries=1)]
    )


def test_pause_chain_holds_what_becomes_due_and_resume_tries_the_failed_node_again() -> None:
    events = [done("a"), done("b", ERRORED), done("b", ERRORED, attempt=2), done("c")]
    run, _ = play(pausing(), *events)
    assert (run.state, run.held) == (RunState.PAUSED, (Spot("d"),))
    run, effects = play(pausing(), *events, Resumed(1))
    assert started(effects)[-2:] == [(Unit("b"), 3), (Unit("d"), 1)]
    run, effects = play(pausing(), *events, Resumed(1), done("b", ERRORED, attempt=3))
    assert started(effects)[-1] == (Unit("b"), 4), "with all its retries"
    run, _ = play(pausing(), *events, Resumed(1), done("b", attempt=3), done("d"))
    assert run.state is RunState.ALL_SUCCEEDED


def test_a_person_pauses_and_resumes() -> None:
    plan = chain(Link("a", "b"))
    run, effects = play(plan, PauseAsked(1, "Ann"), done("a"))
    assert ShowRun(RunState.PAUSED, "Paused by Ann.") in effects
    assert started(effects) == [(Unit("a"), 1)]
    told = [PauseAsked(1, "Ann"), done("a"), PauseAsked(1, "Ann"), PauseAsked(2, "Bob"), Resumed(1)]
    assert play(plan, *told)[0].state is RunState.PAUSED
    run, effects = play(plan, *told, Resumed(3), Resumed(4, Spot("a")))
    assert started(effects) == [(Unit("a"), 1), (Unit("b"), 1)]
    assert (run.state, run.last_event_id) == (RunState.RUNNING, 4)


def test_a_wait_goes_on_while_the_run_is_paused_and_its_answer_counts_once() -> None:
    plan = chain(Link("a", "b"))
    answer = replace(done("a"), event_id=3)
    waits: Sequence[Event] = [NodeWaits(Unit("a"), 1, None, fails=False), PauseAsked(2, "Ann"), answer, answer]
    run, effects = play(plan, *waits)
    assert (states(run)["a"], run.held, run.last_event_id) == (SUCCEEDED, (Spot("b"),), 3)
    assert len([e for e in effects if isinstance(e, Settled)]) == 1


def test_a_retry_that_falls_due_twice_while_paused_begins_once() -> None:
    plan = chain(nodes=[Node("a", "x.y", retries=2, retry_pause_s=5)])
    due = RetryDue(Unit("a"), 2)
    _, effects = play(plan, done("a", ERRORED), PauseAsked(1, "Ann"), due)
    assert started(effects) == [(Unit("a"), 1)]
    _, effects = play(plan, done("a", ERRORED), PauseAsked(1, "Ann"), due, due, Resumed(2))
    assert started(effects) == [(Unit("a"), 1), (Unit("a"), 2)]


def test_a_run_whose_last_node_ends_while_it_is_paused_is_over() -> None:
    run, _ = play(chain(), PauseAsked(1, "Ann"), done("a"))
    assert run.state is RunState.ALL_SUCCEEDED


def loop_plan(loop: Iterate) -> Plan:
    return chain(nodes=[Node("a", "x.y", iterate=loop, on_error=OnError.PAUSE)])


def test_resume_redoes_only_the_passes_that_failed_with_new_numbers() -> None:
    outcomes = [SUCCEEDED, ERRORED, SUCCEEDED, ERRORED]
    events: list[Event] = [Opened(Spot("a"), 4), *(done("a", s, item=i) for i, s in enumerate(outcomes)), Resumed(1)]
    plan = loop_plan(Iterate(over=(), on_failure="continue"))
    run, effects = play(plan, *events, done("a", attempt=2, item=1), done("a", WARNED, attempt=2, item=3))
    assert started(effects)[4:] == [(Unit("a", item=1), 2), (Unit("a", item=3), 2)]
    assert run.state_of("a") is WARNED


def test_after_a_redo_a_loop_goes_on_with_what_had_not_begun() -> None:
    plan = loop_plan(Iterate(over=(), parallel=2))
    events: list[Event] = [Opened(Spot("a"), 4), done("a", ERRORED, item=0), done("a", ERRORED, item=1), Resumed(1)]
    events += [done("a", ERRORED, attempt=2, item=0), done("a", attempt=2, item=1)]
    _, effects = play(plan, *events)
    assert started(effects)[2:] == [(Unit("a", item=0), 2), (Unit("a", item=1), 2)]
    _, effects = play(plan, *events, Resumed(2))
    assert started(effects)[4:] == [(Unit("a", item=0), 3), (Unit("a", item=2), 3)]


def test_resume_looks_again_at_a_condition_that_could_not_be_decided() -> None:
    a, plan = Spot("a"), loop_plan(Iterate(until=MET, at_most=1))
    events: list[Event] = [Opened(a, None), done("a", item=0), Checked(a, 0, done=False), Resumed(1)]
    _, effects = play(plan, *events)
    assert effects[-1] == Check(a, 0)
    run, effects = play(plan, *events, Checked(a, 0, done=True))
    assert (run.state, len(started(effects))) == (RunState.ALL_SUCCEEDED, 1)


def test_a_condition_is_looked_at_again_when_all_failed_passes_have_been_redone() -> None:
    a, plan = Spot("a"), loop_plan(Iterate(until=MET, at_most=2, on_failure="continue"))
    events: list[Event] = [Opened(a, None)]
    for index in (0, 1):
        events += [done("a", ERRORED, item=index), Checked(a, index, done=False)]
    _, effects = play(plan, *events, Resumed(1), done("a", attempt=2, item=0))
    assert effects[-1] == StartNode(Unit("a", item=1), 2)
    _, effects = play(plan, *events, Resumed(1), done("a", attempt=2, item=0), done("a", attempt=2, item=1))
    assert effects[-1] == Check(a, 1)


def test_a_pass_redone_after_the_condition_was_met_is_not_followed_by_others() -> None:
    a, plan = Spot("a"), loop_plan(Iterate(until=MET, on_failure="continue"))
    events: list[Event] = [Opened(a, None), done("a", ERRORED, item=0), Checked(a, 0, done=False), done("a", item=1)]
    events += [Checked(a, 1, done=True), Resumed(1), done("a", attempt=2, item=0)]
    run, effects = play(plan, *events)
    assert run.state is RunState.ALL_SUCCEEDED
    assert [unit.item for unit, _ in started(effects)] == [0, 1, 0]


def test_an_opening_that_failed_is_tried_again() -> None:
    run, effects = play(loop_plan(Iterate(over=())), done("a", ERRORED, attempt=0), Resumed(1))
    assert (effects[-1], run.state_of("a")) == (Open(Spot("a")), NodeState.ACTIVE)


def grouped(**settings: OnError) -> Plan:
    nodes = group(Node("g", on_error=settings.get("g", OnError.CONTINUE)), Link("m", "n"), starts=("m",))
    return chain(Link("a", "g"), Link("g", "b", When.ANY), nodes=[Node("a", "x.y"), *nodes])


def shown(effects: Sequence[Effect], key: str) -> list[NodeState]:
    return [effect.state for effect in effects if isinstance(effect, ShowNode) and effect.key == key]


def test_a_group_that_paused_the_run_begins_again() -> None:
    events = [done("a"), done("m"), done("n", ERRORED), Resumed(1)]
    _, effects = play(grouped(g=OnError.PAUSE), *events)
    assert started(effects)[-1] == (Unit("m"), 2)
    assert shown(effects, "n")[-2:] == [ERRORED, NodeState.WAITING]
    run, effects = play(
        grouped(g=OnError.PAUSE), *events, done("m", attempt=2), done("n", attempt=2), done("b", attempt=2)
    )
    assert run.state is RunState.ALL_SUCCEEDED


def test_of_a_redone_pass_nothing_is_left_that_it_came_to_before() -> None:
    own = Node("a", iterate=Iterate(over=()), on_error=OnError.PAUSE)
    plan = chain(nodes=group(own, starts=("m", "n")))
    events: list[Event] = [Opened(Spot("a"), 1), done("m", WARNED, outer=0), done("n", ERRORED, outer=0), Resumed(1)]
    run, effects = play(plan, *events, done("m", attempt=2, outer=0), done("n", attempt=2, outer=0))
    assert run.state is RunState.ALL_SUCCEEDED
    assert shown(effects, "m") == [NodeState.ACTIVE, WARNED, NodeState.ACTIVE, SUCCEEDED]
    assert shown(effects, "n") == [NodeState.ACTIVE, ERRORED, NodeState.ACTIVE, SUCCEEDED]


def test_a_group_that_a_restart_cuts_off_leaves_nothing_open() -> None:
    nodes = group(Node("g"), starts=("m",))
    plan = chain(Link("a", "g"), nodes=[Node("a", "x.y"), *nodes])
    events = [done("a"), PauseAsked(1, "Ann"), Resumed(2, Spot("a")), done("a", ERRORED, attempt=2)]
    run, effects = play(plan, *events)
    assert (run.state, dict(run.open)) == (RunState.ERRORED, {Spot(""): 0})
    assert shown(effects, "m") == [NodeState.ACTIVE, NodeState.WAITING, SKIPPED]


def test_a_restart_at_a_member_of_a_group_that_paused_the_run_goes_on_inside() -> None:
    events = [done("a"), done("m"), done("n", ERRORED), Resumed(1, Spot("n"))]
    run, effects = play(grouped(g=OnError.PAUSE), *events)
    assert started(effects)[-1] == (Unit("n"), 2)
    assert (run.state_of("g"), run.state_of("m")) == (NodeState.ACTIVE, SUCCEEDED)
    _, effects = play(grouped(g=OnError.PAUSE), *events, done("n", attempt=2))
    assert started(effects)[-1] == (Unit("b"), 2)


def test_a_restart_inside_a_group_that_was_over_resets_what_followed_it() -> None:
    events = [done("a"), done("m"), done("n", ERRORED), PauseAsked(1, "Ann"), Resumed(2, Spot("n"))]
    run, effects = play(grouped(), *events)
    assert CancelNode(Unit("b"), 1) in effects
    assert (run.state_of("b"), started(effects)[-1]) == (NodeState.WAITING, (Unit("n"), 2))
    _, effects = play(grouped(), *events, done("n", attempt=2), done("b", attempt=2))
    assert effects[-1] == ShowRun(RunState.ALL_SUCCEEDED, "success")


def test_a_restart_takes_back_a_result_that_was_set_after_it() -> None:
    plan = chain(Link("a", "b"), Link("b", "c"))
    forcing = replace(done("b"), forces="failure")
    _, effects = play(plan, done("a"), forcing, PauseAsked(1, "Ann"), Resumed(2, Spot("b")), done("b", attempt=2))
    _, effects = play(
        plan,
        done("a"),
        forcing,
        PauseAsked(1, "Ann"),
        Resumed(2, Spot("b")),
        done("b", attempt=2),
        done("c", attempt=2),
    )
    assert effects[-1] == ShowRun(RunState.ALL_SUCCEEDED, "success")


def test_a_restart_at_a_node_that_has_not_begun_is_a_plain_resume() -> None:
    plan = chain(Link("a", "b"))
    _, effects = play(plan, PauseAsked(1, "Ann"), Resumed(2, Spot("b")))
    assert (started(effects), effects[-1]) == ([(Unit("a"), 1)], ShowRun(RunState.RUNNING, ""))


def test_what_a_restart_resets_is_shown_in_the_order_of_the_chain() -> None:
    keys = [f"k{i}" for i in range(40)]  # a set of texts has another order in every process
    plan = chain(*(Link("a", key) for key in keys))
    _, effects = play(plan, done("a"), PauseAsked(1, "Ann"), Resumed(2, Spot("a")))
    waiting = [e.key for e in effects if isinstance(e, ShowNode) and e.state is NodeState.WAITING]
    assert waiting == ["a", *keys]
    assert [e.unit.key for e in effects if isinstance(e, CancelNode)] == keys


def test_a_skip_is_no_failure_that_a_resume_would_redo() -> None:
    plan = loop_plan(Iterate(over=(), on_failure="continue"))
    run, _ = play(plan, Opened(Spot("a"), 2), done("a", SKIPPED, item=0), done("a", item=1))
    assert run.state_of("a") is SUCCEEDED
