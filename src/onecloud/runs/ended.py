"""What the nodes of an earlier run came to, as its tables tell it; pure.

The tables show of a repeating group's members only the worst of all passes, and of a run that was stopped every node
that nothing had reached as skipped. What a single pass came to, and what had really settled, is worked out here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from onecloud.chains.events.flow import FALSE
from onecloud.chains.model import Link, Node, OnError
from onecloud.runs.loops import note
from onecloud.runs.model import NO_PASS, NodeState
from onecloud.runs.plan import Plan, Scope
from onecloud.runs.records import LastResult
from onecloud.runs.verdict import fires

FINAL = (NodeState.SUCCEEDED, NodeState.WARNED, NodeState.ERRORED, NodeState.SKIPPED)
SHOWN_BY_WORK = (NodeState.SUCCEEDED, NodeState.WARNED, NodeState.ERRORED)
WORST_FIRST = (NodeState.STOPPED, NodeState.ERRORED, NodeState.WARNED)


@dataclass(frozen=True, slots=True)
class Came:
    """What one scope came to: the nodes that settled, and the Conditionals among them that were false.

    `cut`: others had not settled when the run ended.
    """

    states: Mapping[str, NodeState] = field(default_factory=dict[str, NodeState])
    false: frozenset[str] = frozenset()
    cut: bool = False

    @property
    def bad(self) -> bool:
        """Whether it cannot count as a pass that went well; a Conditional that was false is no failure."""
        return self.cut or any(
            state is NodeState.ERRORED and key not in self.false for key, state in self.states.items()
        )


def came_of(before: Plan, scope: Scope, states: Mapping[str, NodeState], last: Iterable[LastResult]) -> Came:
    """What a scope without passes of its own came to: as its nodes were shown in the end.

    `last` are the results of its Conditionals and of its skipped nodes; others may be among them.
    """
    rows = [row for row in last if row.outer == NO_PASS and row.key in scope.incoming]
    skipped_itself = {row.key for row in rows if row.state is NodeState.SKIPPED}
    certain = {
        key: state
        for key in scope.keys
        if (state := states.get(key, NodeState.STOPPED)) in FINAL
        and (state is not NodeState.SKIPPED or key in skipped_itself)
    }
    return _settled(before, scope, certain, _false(before, rows))


def passes_came(
    before: Plan, group: str, states: Mapping[str, NodeState], last: Iterable[LastResult]
) -> dict[int, Came]:
    """What each pass of a repeating group came to that has begun. `last` are its members' results.

    Two things the results do not tell. In which passes an inner repeat-until failed by its condition: it is taken to
    be where that ran out of passes, else the last pass that began. And of passes side by side in a stopped run,
    whether an inner iterator was over: without a follower that ran, it is taken to have been cut off.
    """
    scope = before.groups[group]
    rule = before.nodes[group].iterate
    found: dict[int, dict[str, list[LastResult]]] = {}
    for row in last:
        if row.outer >= 0 and row.key in scope.incoming:
            found.setdefault(row.outer, {}).setdefault(row.key, []).append(row)
    if not found:
        return {}
    faulty = _faulty(before, scope, states, found)
    serial = rule is None or rule.parallel == 1
    newest = max(found)
    came: dict[int, Came] = {}
    for outer, rows in sorted(found.items()):
        over = serial and outer < newest
        certain: dict[str, NodeState] = {}
        empty: set[str] = set()  # lists without an item leave no result
        for key in scope.keys:
            node = before.nodes[key]
            state = NodeState.ERRORED if (key, outer) in faulty else _came_to(node, rows.get(key, ()))
            followed = any(link.target in rows for link in scope.outgoing[key])
            false = key in _false(before, rows.get(key, ()))
            goes_on = node.iterate is not None or (state is NodeState.ERRORED and not false and _is_tried_again(node))
            ended = over or followed or states.get(key) is not NodeState.STOPPED or not goes_on
            if state is not None and state in FINAL and ended:
                certain[key] = state
            elif state is None and node.iterate is not None and (followed or states.get(key) in SHOWN_BY_WORK):
                empty.add(key)
        false = _false(before, (row for several in rows.values() for row in several))
        came[outer] = _settled(before, scope, certain, false, empty)
    return came


def worst_of(passes: Iterable[Came]) -> dict[str, NodeState]:
    """The worst that each member came to."""
    worst: dict[str, NodeState] = {}
    for came in passes:
        note(worst, came.states.items())
    return worst


def _came_to(node: Node, rows: Sequence[LastResult]) -> NodeState | None:
    """What a node came to in one place by its own results; None when it has none."""
    passes = [row for row in rows if row.item >= 0]
    if passes:
        each = {_counted(node, row) for row in passes}
        return next((state for state in WORST_FIRST if state in each), NodeState.SUCCEEDED)
    for row in rows:
        return row.state if node.iterate is not None else _counted(node, row)  # that of an opening is as it is
    return None


def _counted(node: Node, row: LastResult) -> NodeState:
    ignored = row.state is NodeState.ERRORED and row.exit_code in node.ignore_exit_codes
    return NodeState.SUCCEEDED if ignored else row.state


def _is_tried_again(node: Node) -> bool:
    """Whether a failure may not have been the last word."""
    return node.retries > 0 or node.on_error is OnError.PAUSE


def _faulty(
    before: Plan,
    scope: Scope,
    states: Mapping[str, NodeState],
    found: Mapping[int, Mapping[str, Sequence[LastResult]]],
) -> set[tuple[str, int]]:
    """Members and passes where a repeat-until failed although none of its own passes did."""
    faulty: set[tuple[str, int]] = set()
    for key in scope.keys:
        node = before.nodes[key]
        if node.iterate is None or node.iterate.until is None or states.get(key) is not NodeState.ERRORED:
            continue
        rows = {outer: members[key] for outer, members in found.items() if key in members}
        if not rows or any(_came_to(node, here) is NodeState.ERRORED for here in rows.values()):
            continue
        ran_out = {(key, outer) for outer, here in rows.items() if len(here) >= node.iterate.at_most}
        faulty |= ran_out or {(key, max(rows))}
    return faulty


def _false(before: Plan, rows: Iterable[LastResult]) -> frozenset[str]:
    """The Conditionals that were false. One that repeats by itself has failed, as its passes have."""
    return frozenset(
        row.key
        for row in rows
        if row.exit_code == FALSE
        and row.state is NodeState.ERRORED
        and before.nodes[row.key].command == "event.conditional"
        and before.nodes[row.key].iterate is None
    )


def _settled(
    before: Plan,
    scope: Scope,
    certain: Mapping[str, NodeState],
    false: frozenset[str],
    empty: Collection[str] = (),
) -> Came:
    """The nodes that settled: those that did for certain, those that their links skipped, and lists without an item.

    What a link leads to and what has no result was held, or cut off, when the run ended.
    """
    states: dict[str, NodeState] = {}
    open_: set[str] = set()

    def fired(link: Link) -> bool:
        state = states[link.source]
        ends_chain = state is NodeState.ERRORED and before.nodes[link.source].on_error is OnError.EXIT
        return fires(link, state) and (link.source in false or not ends_chain)

    def decide(key: str) -> None:
        links = scope.incoming[key]
        if key in certain:
            states[key] = certain[key]
        elif any(link.source in open_ for link in links):
            open_.add(key)
        elif key not in scope.starts and not any(fired(link) for link in links):
            states[key] = NodeState.SKIPPED
        elif key in empty:
            states[key] = NodeState.SUCCEEDED
        else:
            open_.add(key)

    left = list(scope.keys)
    while left:
        ready = [key for key in left if all(li.source in states or li.source in open_ for li in scope.incoming[key])]
        assert ready, "the graph of a chain has no circle"
        for key in ready:
            decide(key)
        left = [key for key in left if key not in ready]
    return Came(states, false.intersection(states), cut=bool(open_))
