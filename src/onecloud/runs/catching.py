"""Catching up after a crash, or at the start of a re-run: what the run tables say that the journal does not.

The journal tells the reducer everything; outputs, and attempts that ended just before a crash, are in the rows alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from onecloud.runs import store
from onecloud.runs.facts import facts_of
from onecloud.runs.model import SETTLED_STATES, NodeFinished, NodeState, Spot, Unit
from onecloud.runs.pending import Pending
from onecloud.runs.plan import Plan
from onecloud.runs.records import ResultRecord, Waiting
from onecloud.runs.state import Run
from onecloud.runs.world import RunWorld


@dataclass(slots=True)
class Found:
    """Rows of attempts that the journal has under way. `shown`: the first turn's states are written.

    `ahead` are attempts that a process had begun and that the journal knows nothing of: it died in between.
    """

    rows: Mapping[tuple[Unit, int], ResultRecord] = field(default_factory=dict[tuple[Unit, int], ResultRecord])
    ahead: frozenset[tuple[Unit, int]] = frozenset()
    shown: bool = False

    def ended(self, plan: Plan) -> Iterator[NodeFinished]:
        """The events of those that ended, in the order of their ends."""
        rows = [row for row in self.rows.values() if row.state in SETTLED_STATES]
        rows.sort(key=lambda row: (row.ended_at or row.started_at, row.unit))
        for row in rows:
            forces = ""
            if plan.nodes[row.key].command == "event.set_result" and row.state is NodeState.SUCCEEDED:
                forces = str((row.outputs or {}).get("result", ""))
            yield NodeFinished(
                row.unit,
                row.attempt,
                row.state,
                row.exit_code if row.exit_code is not None else 1,
                row.retryable,
                row.ended_at or row.started_at,
                forces,
                row.message if forces else "",
            )


async def caught_up(world: RunWorld, run: Run, pending: Pending) -> Found:
    """Fill the world's facts from the rows; gives the rows of what is pending. Nothing to do for a fresh run."""
    if world.run.fence <= 1 and run.seed is None:
        return Found()
    plan = world.plan
    settled = [
        Unit(*spot)
        for spot, progress in run.spots.items()
        if progress.state in SETTLED_STATES and progress.state is not NodeState.SKIPPED and not plan.repeats(spot.key)
    ]
    checking = [unit for spot, loop in run.loops.items() if loop.checking for unit in _seen(plan, spot, loop.next - 1)]
    under_way = [*pending.attempts, *(Unit(*spot) for spot in pending.opens)]
    async with world.ground.database.reading() as db:
        for row in await store.attempts_of(db, world.run.id, [*settled, *checking]):
            if row.state not in SETTLED_STATES:
                continue
            facts = facts_of(world, row)
            if row.item >= 0:
                world.passes[row.unit.spot] = facts
            else:
                status = world.facts.get(row.unit.spot, {}).get("status", row.state.value)
                world.facts[row.unit.spot] = {**facts, "status": status}
        rows = {(row.unit, row.attempt): row for row in await store.attempts_of(db, world.run.id, under_way)}
        waiting = {(unit, wait.attempt) for unit, wait in pending.waits.items()}
        ahead = frozenset(await store.under_way(db, world.run.id)) - rows.keys() - waiting
    return Found(rows, ahead)


def _seen(plan: Plan, spot: Spot, index: int) -> list[Unit]:
    """What the condition of a repeat-until looks at after a pass."""
    scope = plan.groups.get(spot.key)
    return [Unit(spot.key, spot.outer, index)] if scope is None else [Unit(key, index) for key in scope.keys]


def waiting_of(row: ResultRecord) -> Waiting:
    """The wait that a row tells of."""
    what = row.waits or {}
    until = what.get("until")
    moment = datetime.fromisoformat(until) if isinstance(until, str) else None
    return Waiting(row.unit, row.attempt, what, moment, bool(what.get("fails", False)))
