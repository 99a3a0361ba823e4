"""The end of a wait by its moment: a delay is over, or a timeout fails what was waited for."""

from __future__ import annotations

from onecloud.runs.execute import Ended, stored
from onecloud.runs.model import NodeState, NodeWaits
from onecloud.runs.records import Outcome
from onecloud.runs.world import RunWorld


def overdue(world: RunWorld, wait: NodeWaits) -> Outcome:
    """How an attempt ends whose moment has come."""
    node = world.plan.nodes[wait.unit.key]
    if wait.fails:
        text = f"The event took longer than its timeout of {node.timeout_s or 0:g} s."
        ended = Ended(NodeState.ERRORED, 1, text, retryable=True)
    else:
        until = "" if wait.until is None else wait.until.isoformat()
        ended = Ended(NodeState.SUCCEEDED, 0, "", outputs={"until": until})
    return stored(world, node, wait.unit, wait.attempt, ended, None)
