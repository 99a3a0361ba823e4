"""The pure half of a run: `step(plan, state, event) -> (state, effects)`.

The same events give the same effects, always: recovery replays the journal through this file. It reads no clock,
does no IO, and knows no database. Sources: product facts 2.7, 5.3-5.5 and 12.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TypeAlias

from onecloud.chains.model import Definition, Link, Node, OnError, When
from onecloud.runs.model import (
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

RESULT_OF: Mapping[NodeState, When] = {
    NodeState.SUCCEEDED: When.SUCCESS,
    NodeState.WARNED: When.WARNING,
    NodeState.ERRORED: When.FAILURE,
}


@dataclass(frozen=True, slots=True)
class Plan:
    """The part of a definition that its start reaches, indexed for the reducer."""

    start: str
    nodes: Mapping[str, Node]
    outgoing: Mapping[str, tuple[Link, ...]]
    incoming: Mapping[str, tuple[Link, ...]]


def plan_of(definition: Definition) -> Plan:
    """The plan of a definition; nodes that the start does not reach are left out (product facts 2.6)."""
    links_from: dict[str, list[Link]] = {}
    for link in definition.links:
        links_from.setdefault(link.source, []).append(link)
    reached = {definition.start}
    frontier = [definition.start]
    while frontier:
        for link in links_from.get(frontier.pop(), ()):
            if link.target not in reached:
                reached.add(link.target)
                frontier.append(link.target)
    links = [link for link in definition.links if link.source in reached]
    return Plan(
        start=definition.start,
        nodes={node.key: node for node in definition.nodes if node.key in reached},
        outgoing={key: tuple(li for li in links if li.source == key) for key in reached},
        incoming={key: tuple(li for li in links if li.target == key) for key in reached},
    )


@dataclass(frozen=True, slots=True)
class NodeProgress:
    """Where one node is: its state, the attempt under way (0: none yet), and whether it waits for a retry."""

    state: NodeState = NodeState.WAITING
    attempt: int = 0
    retrying: bool = False


@dataclass(frozen=True, slots=True)
class Run:
    """The whole state of a run between two events. `held` are nodes that become due while the run is paused."""

    progress: Mapping[str, NodeProgress]
    state: RunState = RunState.ENQUEUEING
    held: tuple[str, ...] = ()
    last_event_id: int = 0
    tries_from: Mapping[str, int] = field(default_factory=dict[str, int])

    @property
    def ended(self) -> bool:
        """Whether the run is over; no effect may follow."""
        return self.state not in (RunState.ENQUEUEING, RunState.RUNNING, RunState.PAUSED)


Step: TypeAlias = tuple[Run, tuple[Effect, ...]]


def initial(plan: Plan) -> Run:
    """The state before anything happened."""
    return Run(progress={key: NodeProgress() for key in plan.nodes})


def step(plan: Plan, run: Run, event: Event) -> Step:
    """What one event changes, and what is to be done about it. An event that no longer fits changes nothing."""
    if run.ended:
        return run, ()
    match event:
        case Started():
            if run.state is not RunState.ENQUEUEING:
                return run, ()
            run = replace(run, state=RunState.RUNNING)
            run, effects = _start(run, plan.start)
            return run, (ShowRun(RunState.RUNNING, ""), *effects)
        case NodeFinished():
            return _finished(plan, run, event)
        case RetryDue(key, attempt):
            now = run.progress[key]
            if not now.retrying or now.attempt + 1 != attempt:
                return run, ()
            return _start(run, key)
        case Resumed(event_id):
            return _resumed(plan, run, event_id)


def step_all(plan: Plan, run: Run, events: tuple[Event, ...]) -> Step:
    """The steps of a batch, one after another."""
    effects: list[Effect] = []
    for event in events:
        run, more = step(plan, run, event)
        effects += more
    return run, tuple(effects)


def _put(run: Run, key: str, progress: NodeProgress) -> Run:
    return replace(run, progress={**run.progress, key: progress})


def _start(run: Run, key: str) -> Step:
    """Start the node's next attempt, or hold it while the run is paused."""
    if run.state is RunState.PAUSED:
        return replace(run, held=(*run.held, key)), ()
    attempt = run.progress[key].attempt + 1
    run = _put(run, key, NodeProgress(NodeState.ACTIVE, attempt))
    return run, (ShowNode(key, NodeState.ACTIVE), StartNode(key, attempt))


def _finished(plan: Plan, run: Run, event: NodeFinished) -> Step:
    node, now = plan.nodes[event.key], run.progress[event.key]
    if now.state is not NodeState.ACTIVE or now.retrying or now.attempt != event.attempt:
        return run, ()  # a late report of an attempt that no longer counts
    ignored = event.state is NodeState.ERRORED and event.exit_code in node.ignore_exit_codes
    state = NodeState.SUCCEEDED if ignored else event.state
    if state is not NodeState.ERRORED:
        return _settle(plan, run, event.key, state)
    tries = event.attempt - run.tries_from.get(event.key, 0)
    if event.retryable and tries <= node.retries:
        if node.retry_pause_s <= 0:
            return _start(run, event.key)
        run = _put(run, event.key, replace(now, retrying=True))
        due = event.at + timedelta(seconds=node.retry_pause_s)
        return run, (RetryAt(event.key, event.attempt + 1, due),)
    match node.on_error:
        case OnError.CONTINUE:
            return _settle(plan, run, event.key, NodeState.ERRORED)
        case OnError.EXIT:
            return _exit(run, event.key)
        case OnError.PAUSE:
            run = _put(run, event.key, replace(now, state=NodeState.PAUSED))
            run = replace(run, state=RunState.PAUSED)
            text = f"Paused because {_name(plan, event.key)} failed."
            return run, (ShowNode(event.key, NodeState.PAUSED), ShowRun(RunState.PAUSED, text))


def _settle(plan: Plan, run: Run, key: str, state: NodeState) -> Step:
    """Give the node its final state, start what it sets free, skip what it cuts off, and end the run if all settled."""
    effects: list[Effect] = []
    due: list[tuple[str, NodeState]] = [(key, state)]
    while due:
        node, final = due.pop(0)
        run = _put(run, node, replace(run.progress[node], state=final, retrying=False))
        effects.append(ShowNode(node, final))
        for target in dict.fromkeys(link.target for link in plan.outgoing[node]):
            if target in run.held or run.progress[target].state is not NodeState.WAITING:
                continue
            sources = [run.progress[link.source] for link in plan.incoming[target]]
            if any(source.state not in SETTLED_STATES for source in sources):
                continue
            if any(fires(link, run.progress[link.source].state) for link in plan.incoming[target]):
                run, started = _start(run, target)
                effects += started
            elif (target, NodeState.SKIPPED) not in due:
                due.append((target, NodeState.SKIPPED))
    if all(progress.state in SETTLED_STATES for progress in run.progress.values()):
        result, text = verdict(plan, run)
        run = replace(run, state=result)
        effects.append(ShowRun(result, text))
    return run, tuple(effects)


def fires(link: Link, state: NodeState) -> bool:
    """Whether a link fires on its source's final state. Source: product facts 2.7."""
    result = RESULT_OF.get(state)
    return result is not None and link.when in (When.ANY, result)


def _exit(run: Run, key: str) -> Step:
    """Exit Chain: stop at once and ignore links (product facts 5.5)."""
    effects: list[Effect] = [ShowNode(key, NodeState.ERRORED)]
    progress = {**run.progress, key: replace(run.progress[key], state=NodeState.ERRORED)}
    for other, now in run.progress.items():
        if other == key or now.state in SETTLED_STATES:
            continue
        final = NodeState.SKIPPED if now.state is NodeState.WAITING else NodeState.STOPPED
        if now.state is NodeState.ACTIVE:
            effects.append(CancelNode(other, now.attempt))
        progress[other] = replace(now, state=final, retrying=False)
        effects.append(ShowNode(other, final))
    run = replace(run, progress=progress, state=RunState.ERRORED, held=())
    return run, (*effects, ShowRun(RunState.ERRORED, f"{key} failed, and its error action ends the chain."))


def _resumed(plan: Plan, run: Run, event_id: int) -> Step:
    if event_id <= run.last_event_id:
        return run, ()
    run = replace(run, last_event_id=event_id)
    if run.state is not RunState.PAUSED:
        return run, ()
    paused = [key for key, now in run.progress.items() if now.state is NodeState.PAUSED]
    held = run.held
    # Tries count anew from here: a resumed node has all its retries again.
    fresh = {key: run.progress[key].attempt for key in paused}
    run = replace(run, state=RunState.RUNNING, held=(), tries_from={**run.tries_from, **fresh})
    effects: list[Effect] = [ShowRun(RunState.RUNNING, "")]
    for key in (*paused, *held):
        run, started = _start(run, key)
        effects += started
    return run, tuple(effects)


def verdict(plan: Plan, run: Run) -> tuple[RunState, str]:
    """The result of a run whose nodes have all settled, and one sentence for people.

    Source: product facts 12: errored if a failure was not caught by a failure or any link, warned if one was caught
    or a node warned, all_succeeded otherwise.
    """
    failed = [key for key, now in run.progress.items() if now.state is NodeState.ERRORED]
    uncaught = [key for key in failed if not any(fires(li, NodeState.ERRORED) for li in plan.outgoing[key])]
    warned = [key for key, now in run.progress.items() if now.state is NodeState.WARNED]
    if uncaught:
        return RunState.ERRORED, f"Failed: {_names(plan, uncaught)}."
    if failed:
        return RunState.WARNED, f"Failed and caught: {_names(plan, failed)}."
    if warned:
        return RunState.WARNED, f"With a warning: {_names(plan, warned)}."
    return RunState.ALL_SUCCEEDED, "success"


def _name(plan: Plan, key: str) -> str:
    return plan.nodes[key].name or key


def _names(plan: Plan, keys: list[str]) -> str:
    shown = ", ".join(_name(plan, key) for key in keys[:3])
    return shown if len(keys) <= 3 else f"{shown} and {len(keys) - 3} more"
