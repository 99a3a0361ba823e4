"""What a re-run from a node takes over from an earlier run, and what runs again; pure.

Source: product facts 5.4; the reducer goes on from the seed that is made here.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from onecloud.chains.model import Node
from onecloud.kernel.errors import Invalid, NotFound, Problem
from onecloud.runs.ended import Came, came_of, passes_came, worst_of
from onecloud.runs.model import NO_PASS, Forced, GroupSeed, NodeState, Seed
from onecloud.runs.plan import Plan, Scope
from onecloud.runs.records import LastResult, ResultSet
from onecloud.variables.language import near

TAKEN_OVER = (NodeState.SUCCEEDED, NodeState.WARNED, NodeState.ERRORED, NodeState.SKIPPED)


@dataclass(frozen=True, slots=True)
class Choice:
    """Where to begin: a node, of one in a repeating group in which pass, and whether nothing is to follow."""

    key: str
    group_pass: int | None = None
    only: bool = False


@dataclass(frozen=True, slots=True)
class Rerun:
    """The plan of a re-run: `begins` starts at once, `may_run` as the links decide, `reused` keeps its results.

    `changed` are reused nodes that are written differently in the version that will run. `passes` are reused passes
    of the group that the chosen node is in.
    """

    seed: Seed
    begins: str
    may_run: tuple[str, ...]
    reused: Mapping[str, NodeState]
    changed: tuple[str, ...] = ()
    passes: int = 0
    inside: Mapping[str, NodeState] = field(default_factory=dict[str, NodeState])


@dataclass(frozen=True, slots=True)
class Earlier:
    """The earlier run, as its tables tell it.

    `states` are its nodes, `last` the last results of the units that `looked_at` names, `sets` the results that
    Set Chain Result fixed, the last one last, and `attempts` its highest attempt number.
    """

    plan: Plan
    states: Mapping[str, NodeState]
    last: Sequence[LastResult]
    sets: Sequence[ResultSet] = ()
    attempts: int = 0


def looked_at(plan: Plan, before: Plan, states: Mapping[str, NodeState], key: str) -> list[str]:
    """The nodes of whose results a re-run from `key` depends.

    They are the members beside it, Conditionals, and what was skipped: by itself, or by its links.
    """
    node = plan.nodes.get(key)
    members = () if node is None or node.group is None else plan.groups[node.group].keys
    outside = [
        n.key
        for n in before.nodes.values()
        if n.group is None and (n.command == "event.conditional" or states.get(n.key) is NodeState.SKIPPED)
    ]
    return [*members, *outside]


def rerun_of(plan: Plan, earlier: Earlier, choice: Choice) -> Rerun:
    """The plan of a re-run.

    Raises: NotFound for a node that is not there; Invalid when the pass is not one of the earlier run.
    """
    before = earlier.plan
    node = plan.nodes.get(choice.key)
    if node is None:
        raise NotFound("rerun.no_such_node", f"There is no node `{choice.key}`. {near(choice.key, plan.nodes.keys())}")
    top = node.group or node.key
    came = came_of(before, before.root, earlier.states, earlier.last)
    settled = _kept(plan, plan.root, top, came.states)
    inside = {
        member: earlier.states[member]
        for key in settled
        if key in plan.groups
        for member in plan.groups[key].keys
        if earlier.states.get(member) in TAKEN_OVER
    }
    group, false = (None, frozenset[str]()) if node.group is None else _inside(plan, node, earlier, choice)
    seed = Seed(
        states={**settled, **inside},
        starts=() if group is not None else (node.key,),
        group=group,
        only=choice.only,
        forgiven=came.false.intersection(settled) | false,
        forced=_forced(plan, earlier, {*settled, *inside}, group),
        attempts=earlier.attempts,
    )
    may_run = [] if choice.only else [key for key in plan.root.keys if key != top and key not in settled]
    return Rerun(
        seed=seed,
        begins=node.key,
        may_run=tuple(may_run),
        reused=settled,
        changed=tuple(key for key in settled if _differs(plan, before, key)),
        passes=0 if group is None else group.outer,
        inside={} if group is None else group.states,
    )


def _kept(plan: Plan, scope: Scope, start: str, states: Mapping[str, NodeState]) -> dict[str, NodeState]:
    """What stays as it was: neither the start nor anything that had not settled leads to it."""
    again = {*plan.after(start)}
    for key in scope.keys:
        if key not in states:
            again |= plan.after(key)
    return {key: states[key] for key in scope.keys if key not in again}


def _differs(plan: Plan, before: Plan, key: str) -> bool:
    if plan.nodes[key] != before.nodes[key]:
        return True
    inside, inside_before = plan.groups.get(key), before.groups.get(key)
    members = () if inside is None else inside.keys
    return inside != inside_before or any(plan.nodes[m] != before.nodes.get(m) for m in members)


def _inside(plan: Plan, node: Node, earlier: Earlier, choice: Choice) -> tuple[GroupSeed, frozenset[str]]:
    """Within a group: earlier passes stay, and in the chosen pass what does not follow the node.

    With it the Conditionals that were false in that pass.
    """
    assert node.group is not None
    before, scope = earlier.plan, plan.groups[node.group]
    known = before.groups.get(node.group)
    passes: Mapping[int, Came] = {}
    if plan.repeats(node.group):
        if known is not None and before.repeats(node.group):
            passes = passes_came(before, node.group, earlier.states, earlier.last)
        outer = _pass_of(node.group, passes, choice)
        came = passes.get(outer, Came())
    else:
        outer = 0
        came = Came() if known is None else came_of(before, known, earlier.states, earlier.last)
    states = _kept(plan, scope, node.key, came.states)
    if choice.only:
        states |= {key: NodeState.SKIPPED for key in scope.keys if key != node.key and key not in states}
    taken = [now for index, now in passes.items() if index < outer]
    seed = GroupSeed(
        key=node.group,
        outer=outer,
        starts=(node.key,),
        states=states,
        failed=sum(now.bad for now in taken),
        warned=any(NodeState.WARNED in now.states.values() for now in taken if not now.bad),
        worst=worst_of(taken),
    )
    return seed, came.false.intersection(states)


def _pass_of(group: str, passes: Mapping[int, Came], choice: Choice) -> int:
    """The pass that was chosen; else the first that failed or was cut off, else the first.

    Raises: Invalid when the earlier run had no such pass.
    """
    last = max(passes, default=0)
    if choice.group_pass is None:
        return min((outer for outer, came in passes.items() if came.bad), default=min(passes, default=0))
    if not 0 <= choice.group_pass <= last:
        text = f"The earlier run has no pass {choice.group_pass} of `{group}`."
        problem = Problem("group_pass", text, f"Give one of 0 to {last}.")
        raise Invalid("rerun.no_such_pass", problem.sentence(), problems=(problem,))
    return choice.group_pass


def _forced(plan: Plan, earlier: Earlier, taken: Collection[str], group: GroupSeed | None) -> Forced | None:
    """The last result that something taken over had fixed."""
    found: Forced | None = None
    for one in earlier.sets:
        within = group is not None and one.key in plan.groups[group.key].keys
        if one.key in taken or (group is not None and within and _is_taken(plan, group, one)):
            found = Forced(one.result, one.text, one.key)
    return found


def _is_taken(plan: Plan, group: GroupSeed, one: ResultSet) -> bool:
    if one.outer == (group.outer if plan.repeats(group.key) else NO_PASS):
        return one.key in group.states
    return 0 <= one.outer < group.outer
