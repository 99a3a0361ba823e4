"""The result of a run whose nodes have all settled, and one sentence for people; pure.

Source: product facts 12: errored if a failure was not caught by a failure or any link, warned if one was caught or a
node warned, all_succeeded otherwise; Set Chain Result wins over all of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from onecloud.chains.model import Link, When
from onecloud.runs.model import NodeState, RunState
from onecloud.runs.plan import Plan
from onecloud.runs.state import Progress, Run

RESULT_OF: Mapping[NodeState, When] = {
    NodeState.SUCCEEDED: When.SUCCESS,
    NodeState.WARNED: When.WARNING,
    NodeState.ERRORED: When.FAILURE,
}
FORCED: Final[Mapping[str, RunState]] = {
    "success": RunState.ALL_SUCCEEDED,
    "warning": RunState.WARNED,
    "failure": RunState.ERRORED,
}


def fires(link: Link, state: NodeState) -> bool:
    """Whether a link fires on its source's final state. Source: product facts 2.7."""
    result = RESULT_OF.get(state)
    return result is not None and link.when in (When.ANY, result)


def failed(progress: Progress) -> bool:
    """Whether a settled node counts as a failure; a Conditional that was false does not."""
    return progress.state is NodeState.ERRORED and not progress.forgiven


def verdict(plan: Plan, run: Run) -> tuple[RunState, str]:
    """The result of a run whose nodes have all settled, and its sentence."""
    if run.forced:
        return forced_verdict(run.forced, run.forced_text)
    nodes = {spot.key: progress for spot, progress in run.spots.items() if plan.nodes[spot.key].group is None}
    bad = [key for key, progress in nodes.items() if failed(progress)]
    uncaught = [key for key in bad if not any(fires(li, NodeState.ERRORED) for li in plan.root.outgoing[key])]
    warned = [key for key, progress in nodes.items() if progress.state is NodeState.WARNED or progress.warned]
    if uncaught:
        return RunState.ERRORED, f"Failed: {names(plan, uncaught)}."
    if bad:
        return RunState.WARNED, f"Failed and caught: {names(plan, bad)}."
    if warned:
        return RunState.WARNED, f"With a warning: {names(plan, warned)}."
    return RunState.ALL_SUCCEEDED, "success"


def forced_verdict(forced: str, text: str) -> tuple[RunState, str]:
    """The result that Set Chain Result fixed, and its sentence."""
    return FORCED[forced], text or f"Set to {forced} by the chain."


def name(plan: Plan, key: str) -> str:
    """What people call the node."""
    return plan.nodes[key].name or key


def names(plan: Plan, keys: list[str]) -> str:
    """The first few names, and how many more there are."""
    shown = ", ".join(name(plan, key) for key in keys[:3])
    return shown if len(keys) <= 3 else f"{shown} and {len(keys) - 3} more"
