"""The reducer by properties: random graphs, outcomes, orders and crash points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from onecloud.chains.model import Definition, Link, Node, OnError, When
from onecloud.runs.journal import decode, encode
from onecloud.runs.model import (
    ENDED_STATES,
    SETTLED_STATES,
    CancelNode,
    Effect,
    Event,
    NodeFinished,
    NodeState,
    Resumed,
    RetryAt,
    RetryDue,
    RunState,
    ShowNode,
    ShowRun,
    Started,
    StartNode,
)
from onecloud.runs.reducer import Plan, Run, fires, initial, plan_of, step, verdict

NOW = datetime(2026, 1, 1, tzinfo=UTC)
OUTCOMES = (NodeState.SUCCEEDED, NodeState.WARNED, NodeState.ERRORED)


@st.composite
def definitions(draw: st.DrawFn) -> Definition:
    """Random acyclic graphs of up to eight nodes, with every setting that the reducer reads."""
    size = draw(st.integers(1, 8))
    keys = [f"n{i}" for i in range(size)]
    nodes = tuple(
        Node(
            key=key,
            command="x.y",
            retries=draw(st.integers(0, 2)),
            retry_pause_s=draw(st.sampled_from([0.0, 5.0])),
            ignore_exit_codes=draw(st.sampled_from([(), (7,)])),
            on_error=draw(st.sampled_from([OnError.CONTINUE] * 4 + [OnError.EXIT, OnError.PAUSE])),
        )
        for key in keys
    )
    links = tuple(
        Link(keys[source], keys[target], draw(st.sampled_from(list(When))))
        for target in range(1, size)
        for source in range(target)
        if draw(st.integers(0, 2)) == 0
    )
    return Definition(name="random", start="n0", nodes=nodes, links=links)


class World:
    """A simulated engine: does what the effects say and reports outcomes in an order that the test draws."""

    def __init__(self, definition: Definition, draw: st.DataObject) -> None:
        self.plan: Plan = plan_of(definition)
        self.run: Run = initial(self.plan)
        self.draw = draw
        self.active: dict[str, int] = {}
        self.retries: dict[str, RetryAt] = {}
        self.events: list[Event] = []
        self.effects: list[Effect] = []
        self.messages = 0

    def tell(self, event: Event) -> None:
        self.events.append(event)
        self.run, effects = step(self.plan, self.run, event)
        self.effects += effects
        for effect in effects:
            match effect:
                case StartNode(key, attempt):
                    assert key not in self.active, "a node runs at most once at a time"
                    self.active[key] = attempt
                case RetryAt(key):
                    self.retries[key] = effect
                case CancelNode(key):
                    del self.active[key]
                case _:
                    pass

    def finish(self) -> None:
        """Go on until the run ends; it must, since every node settles."""
        self.tell(Started())
        for _ in range(400):
            if self.run.ended:
                return
            choices: list[str] = [*self.active, *(f"retry {key}" for key in self.retries)]
            if self.run.state is RunState.PAUSED and (not choices or self.draw.draw(st.booleans())):
                self.messages += 1
                self.tell(Resumed(self.messages))
                continue
            choice = self.draw.draw(st.sampled_from(choices))
            if choice.startswith("retry "):
                due = self.retries.pop(choice.removeprefix("retry "))
                self.tell(RetryDue(due.key, due.attempt))
                continue
            state = self.draw.draw(st.sampled_from(OUTCOMES))
            code = self.draw.draw(st.sampled_from([1, 7])) if state is NodeState.ERRORED else 0
            # A run that pauses for ever would not be a fault of the reducer: late tries succeed.
            if self.messages > 5:
                state, code = NodeState.SUCCEEDED, 0
            attempt = self.active.pop(choice)
            self.tell(NodeFinished(choice, attempt, state, code, self.draw.draw(st.booleans()), NOW))
        raise AssertionError("the run did not end")


@given(definitions(), st.data())
def test_every_run_ends_and_every_node_settles_exactly_once(definition: Definition, data: st.DataObject) -> None:
    world = World(definition, data)
    world.finish()
    settled = [e.key for e in world.effects if isinstance(e, ShowNode) and e.state in SETTLED_STATES]
    assert sorted(settled) == sorted(world.plan.nodes)
    assert not world.active, "nothing is under way after the end"
    last = world.effects[-1]
    assert isinstance(last, ShowRun)
    assert last.state in ENDED_STATES
    assert [e for e in world.effects if isinstance(e, ShowRun) and e.state in ENDED_STATES] == [last]


@given(definitions(), st.data())
def test_nodes_run_just_when_a_link_to_them_fires(definition: Definition, data: st.DataObject) -> None:
    world = World(definition, data)
    world.finish()
    final = {key: progress.state for key, progress in world.run.progress.items()}
    if NodeState.STOPPED in final.values() or "error action ends" in str(world.effects[-1]):
        return  # Exit Chain ignores links
    for key, state in final.items():
        fired = key == world.plan.start or any(fires(li, final[li.source]) for li in world.plan.incoming[key])
        assert (state is not NodeState.SKIPPED) == fired


@given(definitions(), st.data())
def test_a_node_starts_only_after_every_incoming_link_has_settled(definition: Definition, data: st.DataObject) -> None:
    world = World(definition, data)
    world.finish()
    settled: set[str] = set()
    for effect in world.effects:
        if isinstance(effect, ShowNode) and effect.state in SETTLED_STATES:
            settled.add(effect.key)
        if isinstance(effect, StartNode):
            assert {link.source for link in world.plan.incoming[effect.key]} <= settled


@given(definitions(), st.data())
def test_replaying_the_journal_up_to_any_crash_gives_the_same_state_and_effects(
    definition: Definition, data: st.DataObject
) -> None:
    world = World(definition, data)
    world.finish()
    crash = data.draw(st.integers(0, len(world.events)))
    journal = encode(world.events)
    run, effects = initial(world.plan), list[Effect]()
    for events in (decode(journal[:crash]), decode(journal[crash:])):  # two lives of the coordinator
        for event in events:
            run, more = step(world.plan, run, event)
            effects += more
    assert run == world.run
    assert effects == world.effects


@given(definitions(), st.data())
def test_repeated_and_late_events_change_nothing(definition: Definition, data: st.DataObject) -> None:
    world = World(definition, data)
    world.finish()
    assert all(step(world.plan, world.run, event) == (world.run, ()) for event in world.events)
    again = initial(world.plan)
    for event in world.events:
        again, _ = step(world.plan, again, event)
        assert step(world.plan, again, event) == (again, ())
    assert again == world.run


@given(definitions(), st.data())
def test_no_node_is_tried_more_often_than_its_retries_allow(definition: Definition, data: st.DataObject) -> None:
    world = World(definition, data)
    world.finish()
    for key, node in world.plan.nodes.items():
        starts = [e for e in world.effects if isinstance(e, StartNode) and e.key == key]
        pauses = [e for e in world.effects if isinstance(e, ShowNode) and (e.key, e.state) == (key, NodeState.PAUSED)]
        assert len(starts) <= (1 + node.retries) * (1 + len(pauses))
        assert [e.attempt for e in starts] == list(range(1, len(starts) + 1))


@given(definitions(), st.data())
def test_nothing_starts_while_the_run_is_paused(definition: Definition, data: st.DataObject) -> None:
    world = World(definition, data)
    world.finish()
    paused = False
    for effect in world.effects:
        if isinstance(effect, ShowRun):
            paused = effect.state is RunState.PAUSED
        assert not (paused and isinstance(effect, StartNode))


# --- the rules by example ---


def chain(*links: Link, nodes: Sequence[Node] = ()) -> Plan:
    """A plan from links; nodes named in them need no more, `nodes` gives those with settings."""
    keys = dict.fromkeys(["a", *(key for link in links for key in (link.source, link.target))])
    settings = {node.key: node for node in nodes}
    every = tuple(settings.get(key, Node(key, "x.y")) for key in keys)
    return plan_of(Definition(name="example", start="a", nodes=every, links=links))


def play(plan: Plan, *events: Event) -> tuple[Run, list[Effect]]:
    """Started, then the events."""
    run, effects = initial(plan), list[Effect]()
    for event in (Started(), *events):
        run, more = step(plan, run, event)
        effects += more
    return run, effects


def done(key: str, state: NodeState = NodeState.SUCCEEDED, attempt: int = 1, code: int | None = None) -> NodeFinished:
    exit_code = code if code is not None else int(state is NodeState.ERRORED)
    return NodeFinished(key, attempt, state, exit_code, retryable=True, at=NOW)


ERRORED, WARNED = NodeState.ERRORED, NodeState.WARNED


def test_siblings_start_together() -> None:
    _, effects = play(chain(Link("a", "b"), Link("a", "c")), done("a"))
    assert [e for e in effects if isinstance(e, StartNode)][1:] == [StartNode("b", 1), StartNode("c", 1)]


def test_a_join_runs_once_when_one_link_fired_and_all_have_settled() -> None:
    plan = chain(Link("a", "b"), Link("a", "c"), Link("b", "d"), Link("c", "d"))
    run, _ = play(plan, done("a"), done("b", ERRORED))
    assert run.progress["d"].state is NodeState.WAITING
    run, effects = play(plan, done("a"), done("b", ERRORED), done("c"))
    assert effects[-1] == StartNode("d", 1)


def test_a_failure_without_a_link_for_it_makes_the_run_errored() -> None:
    run, _ = play(chain(Link("a", "b")), done("a", ERRORED))
    assert (run.state, run.progress["b"].state) == (RunState.ERRORED, NodeState.SKIPPED)


def test_a_caught_failure_makes_the_run_warned() -> None:
    for when in (When.FAILURE, When.ANY):
        run, _ = play(chain(Link("a", "b", when)), done("a", ERRORED), done("b"))
        assert run.state is RunState.WARNED


def test_a_warning_follows_warning_and_any_links_only() -> None:
    plan = chain(Link("a", "b"), Link("a", "c", When.WARNING), Link("a", "d", When.ANY))
    run, _ = play(plan, done("a", WARNED))
    assert [run.progress[k].state for k in "bcd"] == [NodeState.SKIPPED, NodeState.ACTIVE, NodeState.ACTIVE]


def test_an_ignored_exit_code_counts_as_success() -> None:
    plan = chain(Link("a", "b"), nodes=[Node("a", "x.y", ignore_exit_codes=(6,))])
    run, effects = play(plan, done("a", ERRORED, code=6))
    assert effects[-1] == StartNode("b", 1)
    assert run.progress["a"].state is NodeState.SUCCEEDED


def test_a_retry_waits_for_its_pause() -> None:
    plan = chain(nodes=[Node("a", "x.y", retries=1, retry_pause_s=30)])
    _, effects = play(plan, done("a", ERRORED))
    assert effects[-1] == RetryAt("a", 2, NOW + timedelta(seconds=30))
    run, effects = play(plan, done("a", ERRORED), RetryDue("a", 2))
    assert effects[-1] == StartNode("a", 2)
    run, _ = play(plan, done("a", ERRORED), RetryDue("a", 2), done("a", attempt=2))
    assert run.state is RunState.ALL_SUCCEEDED


def test_what_cannot_get_better_is_not_retried() -> None:
    plan = chain(nodes=[Node("a", "x.y", retries=5)])
    run, _ = play(plan, replace(done("a", ERRORED), retryable=False))
    assert run.state is RunState.ERRORED


def test_exit_chain_cancels_siblings_and_ignores_links() -> None:
    plan = chain(
        Link("a", "b"), Link("a", "c"), Link("b", "d", When.FAILURE), nodes=[Node("b", "x.y", on_error=OnError.EXIT)]
    )
    run, effects = play(plan, done("a"), done("b", ERRORED))
    assert CancelNode("c", 1) in effects
    assert run.state is RunState.ERRORED
    assert {k: p.state for k, p in run.progress.items()} == {
        "a": NodeState.SUCCEEDED,
        "b": NodeState.ERRORED,
        "c": NodeState.STOPPED,
        "d": NodeState.SKIPPED,
    }


def test_pause_chain_holds_what_becomes_due_and_resume_tries_the_failed_node_again() -> None:
    plan = chain(
        Link("a", "b"), Link("a", "c"), Link("c", "d"), nodes=[Node("b", "x.y", on_error=OnError.PAUSE, retries=1)]
    )
    events = [done("a"), done("b", ERRORED), done("b", ERRORED, attempt=2), done("c")]
    run, effects = play(plan, *events)
    assert run.state is RunState.PAUSED
    assert run.held == ("d",)
    run, effects = play(plan, *events, Resumed(1))
    assert [e for e in effects if isinstance(e, StartNode)][-2:] == [StartNode("b", 3), StartNode("d", 1)]
    run, _ = play(plan, *events, Resumed(1), done("b", attempt=3), done("d"))
    assert run.state is RunState.ALL_SUCCEEDED


def test_nodes_that_the_start_does_not_reach_are_no_part_of_the_run() -> None:
    definition = Definition("x", "a", (Node("a", "x.y"), Node("lone", "x.y")), (Link("lone", "a"),))
    plan = plan_of(definition)
    assert set(plan.nodes) == {"a"}
    run, _ = play(plan, done("a"))
    assert (run.state, verdict(plan, run)[1]) == (RunState.ALL_SUCCEEDED, "success")
