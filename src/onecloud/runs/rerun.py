"""What a re-run from a node takes over from an earlier run, and what runs again; pure.

Source: product facts 5.4; the reducer goes on from the seed that is made here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from onecloud.chains.events.flow import FALSE
from onecloud.chains.model import Node
from onecloud.kernel.errors import Invalid, NotFound, Problem
from onecloud.runs.model import GroupSeed, NodeState, Seed
from onecloud.runs.plan import Plan
from onecloud.runs.records import LastResult
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


def rerun_of(
    plan: Plan,
    before: Plan,
    states: Mapping[str, NodeState],
    last: Sequence[LastResult],
    choice: Choice,
) -> Rerun:
    """The plan. `before` is the plan of the earlier run, `states` its nodes, `last` its units' last attempts.

    Raises: NotFound for a node that is not there; Invalid when the pass is not one of the earlier run.
    """
    node = plan.nodes.get(choice.key)
    if node is None:
        raise NotFound("rerun.no_such_node", f"There is no node `{choice.key}`. {near(choice.key, plan.nodes.keys())}")
    top = node.group or node.key
    again = plan.after(top)
    settled = {
        key: states[key]
        for key in plan.root.keys
        if key not in again and key in before.nodes and states.get(key) in TAKEN_OVER
    }
    group = None if node.group is None else _inside(plan, node, last, choice)
    forgiven = frozenset(row.key for row in last if row.exit_code == FALSE and _is_conditional(before, row.key))
    seed = Seed(
        states=settled,
        starts=() if group is not None else (node.key,),
        group=group,
        only=choice.only,
        forgiven=forgiven,
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


def _is_conditional(plan: Plan, key: str) -> bool:
    return key in plan.nodes and plan.nodes[key].command == "event.conditional"


def _differs(plan: Plan, before: Plan, key: str) -> bool:
    if plan.nodes[key] != before.nodes[key]:
        return True
    inside, inside_before = plan.groups.get(key), before.groups.get(key)
    members = () if inside is None else inside.keys
    return inside != inside_before or any(plan.nodes[m] != before.nodes.get(m) for m in members)


def _inside(plan: Plan, node: Node, last: Sequence[LastResult], choice: Choice) -> GroupSeed:
    """Within a group: earlier passes stay, and in the chosen pass what does not follow the node."""
    assert node.group is not None
    scope, repeats = plan.groups[node.group], plan.repeats(node.group)
    rows = [row for row in last if row.key in scope.keys]
    found = sorted({row.outer for row in rows})
    outer = choice.group_pass
    if not repeats:
        outer = -1
    elif outer is None:
        bad = [row.outer for row in rows if row.state is NodeState.ERRORED]
        outer = min(bad, default=found[0] if found else 0)
    if repeats and (outer < 0 or outer > max(found, default=0)):
        limit = f"0 to {max(found, default=0)}"
        problem = Problem(
            "group_pass", f"The earlier run has no pass {outer} of `{node.group}`.", f"Give one of {limit}."
        )
        raise Invalid("rerun.no_such_pass", problem.sentence(), problems=(problem,))
    again = plan.after(node.key)
    here = {row.key: row.state for row in rows if row.outer == outer}
    states = {
        key: here.get(key, NodeState.SKIPPED)
        for key in scope.keys
        if key not in again and here.get(key, NodeState.SKIPPED) in TAKEN_OVER
    }
    if choice.only:
        states |= {key: NodeState.SKIPPED for key in scope.keys if key != node.key and key not in states}
    failed = {row.outer for row in rows if 0 <= row.outer < outer and row.state is NodeState.ERRORED}
    return GroupSeed(
        key=node.group,
        outer=max(outer, 0),
        starts=(node.key,),
        states=states,
        failed=len(failed),
    )
