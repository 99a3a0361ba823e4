"""What a re-run takes over: by properties on random chains, and by example."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import assume, event, given
from hypothesis import strategies as st

from onecloud.chains.model import Definition, Link, Node, OnError, When
from onecloud.chains.parts.iterate import Iterate
from onecloud.kernel.errors import Invalid, NotFound
from onecloud.runs.model import (
    Checked,
    GroupSeed,
    NodeFinished,
    NodeState,
    PauseAsked,
    Resumed,
    RunState,
    Seed,
    ShowNode,
    ShowRun,
    Spot,
    Started,
    Unit,
)
from onecloud.runs.plan import Plan, plan_of
from onecloud.runs.records import LastResult, ResultSet
from onecloud.runs.rerun import Choice, Earlier, looked_at, rerun_of
from onecloud.runs.seeds import seed_of, seed_value
from onecloud.runs.state import Progress
from tests.runs.reducer_world import (
    ERRORED,
    SKIPPED,
    SUCCEEDED,
    WARNED,
    Fate,
    World,
    begins,
    chain,
    definitions,
    drawn,
    fates,
    group,
    play,
)

STOPPED = NodeState.STOPPED


# --- the tables of a simulated run ---


def results(world: World) -> dict[Unit, NodeFinished]:
    """The last attempt of every unit, and how it ended."""
    found: dict[Unit, NodeFinished] = {}
    for taken in world.steps:
        if isinstance(taken.event, NodeFinished):
            found.pop(taken.event.unit, None)
            found[taken.event.unit] = taken.event
    return found


def tables(world: World, key: str) -> Earlier:
    """What the run tables say when the run ends here: what is under way is stopped, what is not reached skipped."""
    plan = world.plan
    ended = {NodeState.ACTIVE: STOPPED, NodeState.PAUSED: STOPPED, NodeState.WAITING: SKIPPED}
    states = {
        node: ended.get(world.seen.get(node, NodeState.WAITING), world.seen.get(node, SKIPPED)) for node in plan.nodes
    }
    rows = {unit: LastResult(*unit, one.state, one.exit_code) for unit, one in results(world).items()}
    if not world.run.ended:
        rows |= {unit: LastResult(*unit, STOPPED, 0) for unit in world.live}
    asked = looked_at(plan, plan, states, key)
    sets = [ResultSet(unit.key, unit.outer, one.forces, one.text) for unit, one in results(world).items() if one.forces]
    return Earlier(plan, states, [row for row in rows.values() if row.key in asked], sets, world.run.highest)


def kept(seed: Seed) -> Seed:
    """The seed as the run's row gives it back."""
    again = seed_of(seed_value(seed))
    assert again == seed
    return seed


def begun(world: World) -> set[Spot]:
    """The places where something ran; of groups those that were shown to."""
    groups = {Spot(e.key) for e in world.effects if isinstance(e, ShowNode) and e.state is NodeState.ACTIVE}
    return set(begins(world.effects)) | {spot for spot in groups if world.plan.nodes[spot.key].is_group}


def outside(world: World) -> dict[str, Progress]:
    """What the nodes outside groups came to."""
    return {key: world.run.spots[Spot(key)] for key in world.plan.root.keys}


def tells_all(world: World) -> bool:
    """Whether no inner repeat-until failed by its condition: its results do not say in which pass."""
    for taken in world.steps:
        one = taken.event
        if isinstance(one, Checked) and one.spot.outer >= 0:
            rule = world.plan.nodes[one.spot.key].iterate
            if one.fault or (not one.done and rule is not None and one.index + 1 >= rule.at_most):
                return False
    return True


def has_a_result(first: World, start: Spot) -> bool:
    """Whether the pass, or a later one, left a result: of empty lists alone it leaves none, and cannot be chosen."""
    return start.outer <= max((row.outer for row in tables(first, start.key).last), default=0)


def copied(seed: Seed, plan: Plan, unit: Unit) -> bool:
    """Whether the unit's results are copied into the new run, as `rerunning.rerun` does."""
    node = plan.nodes[unit.key]
    if (node.group or node.key) in seed.states:
        return True
    if node.group is None or seed.group is None or node.group != seed.group.key:
        return False
    if plan.repeats(node.group) and unit.outer < seed.group.outer:
        return True
    here = seed.group.outer if plan.repeats(node.group) else -1
    return unit.outer == here and unit.key in seed.group.states


def one_result(first: World, seed: Seed) -> bool:
    """Whether the results that are set are set in the same order: all of them by what runs again, or none."""
    setters = {unit for unit, one in results(first).items() if one.forces}
    again = [unit for unit in setters if not copied(seed, first.plan, unit)]
    return not again or len(setters) == 1


def same_end(first: World, second: World, seed: Seed) -> None:
    """The re-run ended as the first run did, for people and for what refers to its nodes."""
    assert outside(second) == outside(first)
    assert second.seen == first.seen
    reused = {unit: one for unit, one in results(first).items() if copied(seed, first.plan, unit)}
    ran = results(second)
    assert not reused.keys() & ran.keys(), "what is taken over does not run again"
    whole = {unit: (one.state, one.exit_code) for unit, one in {**reused, **ran}.items()}
    assert whole == {unit: (one.state, one.exit_code) for unit, one in results(first).items()}
    if one_result(first, seed):
        assert second.effects[-1] == first.effects[-1]


# --- properties ---


@given(definitions(pauses=False, orderly=True), fates, st.data())
def test_a_re_run_from_any_node_ends_as_the_run_did(definition: Definition, fate: Fate, data: st.DataObject) -> None:
    first = World(plan_of(definition), fate).finish()
    assume(tells_all(first))
    start = data.draw(st.sampled_from(sorted(begun(first))))
    assume(has_a_result(first, start))
    choice = Choice(start.key, start.outer if start.outer >= 0 else None)
    seed = kept(rerun_of(first.plan, tables(first, start.key), choice).seed)
    second = World(first.plan, fate, drawn(data), seed, pauses=1).finish()
    event("inside" if seed.group else "outside")
    same_end(first, second, seed)


@given(definitions(pauses=False, orderly=True, first=("group", "repeating group")), fates, st.data())
def test_a_re_run_inside_a_group_ends_as_the_run_did(definition: Definition, fate: Fate, data: st.DataObject) -> None:
    first = World(plan_of(definition), fate).finish()
    assume(tells_all(first))
    inside = sorted(spot for spot in begun(first) if first.plan.nodes[spot.key].group)
    assume(inside)
    start = data.draw(st.sampled_from(inside))
    assume(has_a_result(first, start))
    choice = Choice(start.key, start.outer if start.outer >= 0 else None)
    seed = kept(rerun_of(first.plan, tables(first, start.key), choice).seed)
    second = World(first.plan, fate, drawn(data), seed, pauses=1).finish()
    same_end(first, second, seed)


@given(definitions(pauses=False, orderly=True), fates, st.data())
def test_a_run_that_was_stopped_and_goes_on_ends_as_if_it_had_not_been(
    definition: Definition, fate: Fate, data: st.DataObject
) -> None:
    plan = plan_of(definition)
    whole = World(plan, fate).finish()
    assume(tells_all(whole))
    first = World(plan, fate, drawn(data), pauses=1)
    first.tell(Started())
    for _ in range(data.draw(st.integers(0, len(whole.steps)))):
        if not first.run.ended:
            first.turn()
    assume(not first.run.ended)
    start = data.draw(st.sampled_from(sorted(begun(first))))
    around = plan.nodes[start.key].group
    assume(has_a_result(first, start))
    if start.outer >= 0 and around is not None and Spot(around) in first.run.loops:
        # A pass before it that was cut off would count as failed; of passes side by side it is not always known.
        rule = plan.nodes[around].iterate
        assume(not any(live < start.outer for live in first.run.loops[Spot(around)].live))
        inner = any(plan.nodes[key].iterate is not None for key in plan.groups[around].keys)
        assume(not (inner and rule is not None and rule.parallel > 1))
    choice = Choice(start.key, start.outer if start.outer >= 0 else None)
    seed = kept(rerun_of(plan, tables(first, start.key), choice).seed)
    event("inside" if seed.group else "outside")
    second = World(plan, fate, drawn(data), seed, pauses=1).finish()
    assert outside(second) == outside(whole)
    assert second.seen == whole.seen
    if not whole.run.forced:
        assert second.effects[-1] == whole.effects[-1]


# --- by example ---

A_B_C = chain(Link("a", "b", When.ANY), Link("b", "c", When.ANY), Link("a", "d"))


def planned(
    plan: Plan,
    states: Mapping[str, NodeState],
    start: str,
    *rows: LastResult,
    sets: Sequence[ResultSet] = (),
    before: Plan | None = None,
    in_pass: int | None = None,
    only: bool = False,
) -> Seed:
    earlier = Earlier(before or plan, states, rows, sets)
    return kept(rerun_of(plan, earlier, Choice(start, in_pass, only=only)).seed)


def row(key: str, state: NodeState, outer: int = -1, item: int = -1, code: int | None = None) -> LastResult:
    return LastResult(key, outer, item, state, int(state is ERRORED) if code is None else code)


def test_what_follows_a_stopped_node_is_not_skipped_for_ever() -> None:
    states = {"a": SUCCEEDED, "b": STOPPED, "c": SKIPPED, "d": SUCCEEDED}
    assert planned(A_B_C, states, "d").states == {"a": SUCCEEDED}


def test_what_was_held_when_the_run_was_stopped_is_not_skipped_for_ever() -> None:
    states = {"a": SUCCEEDED, "b": SKIPPED, "c": SKIPPED, "d": SUCCEEDED}
    assert planned(A_B_C, states, "d").states == {"a": SUCCEEDED}
    by_itself = row("b", SKIPPED)
    assert planned(A_B_C, states, "d", by_itself).states == {"a": SUCCEEDED, "b": SKIPPED, "c": SKIPPED}


def test_what_a_failure_cut_off_that_ended_the_chain_stays_skipped() -> None:
    plan = chain(
        Link("a", "b", When.ANY), Link("z", "y"), Link("a", "z"), nodes=[Node("z", "x.y", on_error=OnError.EXIT)]
    )
    states = {"a": SUCCEEDED, "b": SUCCEEDED, "z": ERRORED, "y": SKIPPED}
    assert planned(plan, states, "b").states == {"a": SUCCEEDED, "z": ERRORED, "y": SKIPPED}
    caught = chain(
        Link("a", "b"), Link("a", "z"), Link("z", "y", When.FAILURE), nodes=[Node("z", "x.y", on_error=OnError.EXIT)]
    )
    assert planned(caught, states, "b").states == {"a": SUCCEEDED, "z": ERRORED, "y": SKIPPED}


def test_what_follows_a_node_that_is_new_in_this_version_runs_again() -> None:
    new = chain(Link("a", "b", When.ANY), Link("b", "c", When.ANY), Link("a", "d"), Link("a", "n"), Link("n", "b"))
    states = dict.fromkeys("abcd", SUCCEEDED)
    assert planned(new, states, "d", before=A_B_C).states == {"a": SUCCEEDED}
    assert planned(A_B_C, states, "d", before=A_B_C).states == {"a": SUCCEEDED, "b": SUCCEEDED, "c": SUCCEEDED}


def grouped(loop: Iterate | None, *nodes: Node, links: Sequence[Link] = (Link("m", "n", When.ANY),)) -> Plan:
    return chain(nodes=group(Node("a", iterate=loop), *links, starts=("m",), nodes=nodes))


LIST = Iterate(over=(), on_failure="continue")


def inside(
    plan: Plan, *rows: LastResult, start: str = "n", states: Mapping[str, NodeState] | None = None, at: int = 2
) -> tuple[Seed, GroupSeed]:
    seed = planned(plan, states or {"a": ERRORED, "m": ERRORED, "n": ERRORED}, start, *rows, in_pass=at)
    assert seed.group is not None
    return seed, seed.group


def test_failed_passes_are_those_in_which_something_failed_that_counts() -> None:
    conditional = grouped(LIST, Node("m", "event.conditional"), links=[Link("m", "n")])
    passes = [row("m", ERRORED, 0), row("m", ERRORED, 1, code=2), row("m", SUCCEEDED, 2)]
    assert inside(conditional, *passes)[1].failed == 1
    ignoring = grouped(LIST, Node("m", "x.y", ignore_exit_codes=(7,)))
    first = [row("m", ERRORED, 0, code=7), row("n", SUCCEEDED, 0)]
    assert inside(ignoring, *first, row("m", SUCCEEDED, 2))[1].failed == 0
    assert inside(ignoring, row("m", ERRORED, 2, code=7))[1].states == {"m": SUCCEEDED}


def test_forgiven_is_what_was_false_in_the_chosen_pass() -> None:
    plan = grouped(LIST, Node("m", "event.conditional"))
    passes = [row("m", ERRORED, 0), row("m", ERRORED, 1, code=2), row("m", SUCCEEDED, 2)]
    assert [inside(plan, *passes, at=at)[0].forgiven for at in range(3)] == [{"m"}, set(), set()]


def test_a_member_that_repeats_came_to_the_worst_of_its_own_passes() -> None:
    plan = grouped(LIST, Node("m", "x.y", iterate=LIST))
    for worst in (ERRORED, WARNED, SUCCEEDED):
        rows = [row("m", SUCCEEDED, 2, 0), row("m", worst, 2, 1), row("m", SUCCEEDED, 2, 2)]
        assert inside(plan, *rows)[1].states == {"m": worst}
    opening = row("m", ERRORED, 2)
    assert inside(plan, opening)[1].states == {"m": ERRORED}
    assert inside(plan, opening, row("m", SUCCEEDED, 2, 0))[1].states == {"m": SUCCEEDED}, "it was opened again"


def test_a_list_without_an_item_succeeded() -> None:
    plan = grouped(LIST, Node("m", "x.y", iterate=LIST))
    states = {"a": SUCCEEDED, "m": SUCCEEDED, "n": SUCCEEDED}
    assert inside(plan, row("n", SUCCEEDED, 2), states=states)[1].states == {"m": SUCCEEDED}
    behind = grouped(LIST, Node("n", "x.y", iterate=LIST), links=(Link("m", "n"), Link("m", "p", When.ANY)))
    states = {"a": SUCCEEDED, "m": ERRORED, "n": SUCCEEDED, "p": SUCCEEDED}
    assert inside(behind, row("m", ERRORED, 2), start="p", states=states)[1].states == {"m": ERRORED, "n": SKIPPED}


def test_warnings_and_the_worst_of_earlier_passes_are_taken_over() -> None:
    plan = grouped(LIST)
    passes = [row("m", WARNED, 0), row("n", SUCCEEDED, 0), row("m", SUCCEEDED, 1), row("n", SUCCEEDED, 1)]
    seed, own = inside(plan, *passes, row("m", SUCCEEDED, 2), row("n", SUCCEEDED, 2))
    assert (own.warned, own.failed, own.worst) == (True, 0, {"m": WARNED, "n": SUCCEEDED})
    world = World(plan, Fate(0), seed=seed)
    end = world.finish().effects[-1]
    assert isinstance(end, ShowRun)
    assert (end.state, world.seen["m"]) == (RunState.WARNED, WARNED)


def test_no_pass_follows_one_that_failed_before_and_stops_the_group() -> None:
    plan = grouped(Iterate(over=(), parallel=2, on_failure="stop"))
    passes = [row("m", ERRORED, 0), row("n", ERRORED, 0), row("m", SUCCEEDED, 1), row("n", ERRORED, 1)]
    seed, own = inside(plan, *passes, at=1)
    assert own.failed == 1
    fate = next(
        f
        for f in map(Fate, range(1000))
        if f.roll(6, Spot("a"), "total") == 5 and f.roll(9, Spot("a"), 1, "passes") < 7
    )
    world = World(plan, fate, seed=seed).finish()
    assert {spot.outer for spot in begins(world.effects) if spot.key == "n"} == {1}
    assert world.run.spots[Spot("a")].state is ERRORED


def test_a_pass_that_was_cut_off_goes_on_and_counts_as_failed_for_later_ones() -> None:
    plan = grouped(Iterate(over=(), parallel=2, on_failure="continue"), links=(Link("m", "n"), Link("m", "p")))
    states = {"a": STOPPED, "m": STOPPED, "n": STOPPED, "p": STOPPED}
    rows = [row("m", SUCCEEDED, 0), row("n", STOPPED, 0), row("m", SUCCEEDED, 1), row("n", SUCCEEDED, 1)]
    _, own = inside(plan, *rows, row("p", SUCCEEDED, 0), row("p", STOPPED, 1), start="m", states=states, at=1)
    assert own.failed == 1
    _, own = inside(plan, *rows, row("p", SUCCEEDED, 0), start="p", states=states, at=0)
    assert own.states == {"m": SUCCEEDED}
    assert planned(plan, states, "p", *rows, row("p", SUCCEEDED, 0), row("p", STOPPED, 1)).group == own, "by default"


def test_a_result_that_a_taken_over_node_had_set_still_counts() -> None:
    states = dict.fromkeys("abcd", SUCCEEDED)
    sets = [ResultSet("b", -1, "failure", "So be it."), ResultSet("d", -1, "warning", "Half.")]
    for start, said in (("c", "Half."), ("d", "So be it."), ("b", "Half.")):
        world = World(A_B_C, Fate(0), seed=planned(A_B_C, states, start, sets=sets)).finish()
        assert world.effects[-1] == ShowRun(RunState.WARNED if said == "Half." else RunState.ERRORED, said)
    assert planned(A_B_C, states, "a", sets=sets).forced is None


def test_of_results_set_in_passes_those_that_are_taken_over_count() -> None:
    plan, states = grouped(LIST), {"a": SUCCEEDED, "m": SUCCEEDED, "n": SUCCEEDED}
    rows = [row(key, SUCCEEDED, outer) for key in "mn" for outer in range(3)]
    sets = [ResultSet(key, outer, "warning", f"{key}{outer}") for outer in range(3) for key in "mn"]
    for at, start, said in ((1, "n", "m1"), (2, "m", "n1"), (0, "n", "m0"), (0, "m", None)):
        forced = planned(plan, states, start, *rows, sets=sets, in_pass=at).forced
        assert (forced.text if forced else None) == said


def test_a_node_alone_takes_over_what_had_settled_and_skips_the_rest() -> None:
    states = {"a": SUCCEEDED, "b": STOPPED, "c": SKIPPED, "d": WARNED}
    world = World(A_B_C, Fate(0), seed=planned(A_B_C, states, "b", only=True)).finish()
    assert {key: p.state for key, p in outside(world).items()} == {
        "a": SUCCEEDED,
        "b": SUCCEEDED,
        "c": SKIPPED,
        "d": WARNED,
    }


def test_a_node_or_a_pass_that_is_not_there_is_named() -> None:
    with pytest.raises(NotFound, match="no node `x`"):
        planned(A_B_C, {}, "x")
    with pytest.raises(Invalid, match=r"no pass 3 of `a`. Give one of 0 to 1"):
        inside(grouped(LIST), row("m", SUCCEEDED, 0), row("m", SUCCEEDED, 1), at=3)


def test_a_restart_within_a_re_run_counts_on_from_the_attempts_that_were_taken_over() -> None:
    earlier = Earlier(A_B_C, dict.fromkeys("abcd", SUCCEEDED), (), attempts=4)
    seed = rerun_of(A_B_C, earlier, Choice("d")).seed
    run, _ = play(A_B_C, PauseAsked(1, "Ann"), Resumed(2, Spot("a")), seed=kept(seed))
    assert run.tries[Unit("a")].attempt == 5
