"""Telling of runs that ended outside their turns: stopped by a person or with their parent, or by a fault.

The end is written with a note that it is untold; here the note is taken away in the transaction that tells. So it is
told once, whoever ends the run and whatever dies in between.
"""

from __future__ import annotations

import structlog

from onecloud.notify.actions import tell
from onecloud.runs import store
from onecloud.runs.facts import facts_of
from onecloud.runs.model import ENDED_STATES, SETTLED_STATES, NodeState, Spot, Unit
from onecloud.runs.records import RunRecord, Telling
from onecloud.runs.telling import RUN_STATUS, Reached, of_node, tellings, wanted
from onecloud.runs.world import RunWorld
from onecloud.runs.worlds import Worlds

log = structlog.get_logger()


async def tell_of_end(worlds: Worlds, run_id: int) -> None:
    """Tell of a run's end, if that is still to be done."""
    ground = worlds.ground
    async with ground.database.reading() as db:
        run = await store.run(db, run_id) if await store.is_untold(db, run_id) else None
    if run is None or run.state not in ENDED_STATES:
        return
    try:
        told = await _told(worlds, run)
    except Exception:
        # As within a turn: nobody is told this once, and the next sweep does not fail at it again.
        log.exception("run.not_told", run_id=run_id)
        told = []
    async with ground.database.transaction() as db:
        if await store.take_untold(db, run_id):
            for one in told:
                await tell(db, ground.keys, ground.settings.public_url, one.happening, one.notices, one.occasion)


async def _told(worlds: Worlds, run: RunRecord) -> list[Telling]:
    world, definition = await worlds.world(run)
    status = RUN_STATUS[run.state]
    found = [Reached(None, status, definition.notifications, status, run.result_text)]
    if any(node.notifications for node in world.plan.nodes.values()):
        async with world.ground.database.reading() as db:
            nodes = await store.nodes_of(db, run.id)
        cut = [node.key for node in nodes if node.state is NodeState.STOPPED and node.key in world.plan.nodes]
        found += [of_node(world.plan, Spot(key), "stopped", 0) for key in cut]
    found = wanted(found)
    if found:
        await _remember(world)
    return await tellings(world, found)


async def _remember(world: RunWorld) -> None:
    """What the nodes outside loops gave, for the references of the texts."""
    plan = world.plan
    alone = [
        Unit(key)
        for key, node in plan.nodes.items()
        if not plan.repeats(key) and (node.group is None or not plan.repeats(node.group))
    ]
    async with world.ground.database.reading() as db:
        for row in await store.attempts_of(db, world.run.id, alone):
            if row.state in SETTLED_STATES:
                world.facts[row.unit.spot] = facts_of(world, row)
