"""Finding out why a run is where it is: who holds the places, and who is asked."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.approvals import store as approvals
from onecloud.approvals.model import Asked
from onecloud.approvals.uploads import store as uploads
from onecloud.chains import actions as chains
from onecloud.kernel.errors import NotFound
from onecloud.runs import store
from onecloud.runs.model import LIVE_STATES, NodeState, RunState
from onecloud.runs.records import NodeRecord, ResultRecord, RunRecord
from onecloud.runs.why import Around, Holder, why


async def reason_of(
    db: AsyncSession, run: RunRecord, nodes: Sequence[NodeRecord], results: Sequence[ResultRecord], places: int
) -> str | None:
    """One sentence with the mend; None for a run that has ended. `places` is how many runs may be worked on at once."""
    if run.state not in LIVE_STATES:
        return None
    working, oldest = 0, None
    if run.state is RunState.ENQUEUEING:
        working, first = await store.running(db)
        oldest = None if first is None else await _holder(db, first)
    active = [row for row in results if row.state is NodeState.ACTIVE]
    asked: dict[tuple[str, str], Sequence[str]] = {}
    if any(row.waits is not None and row.waits.get("kind") in ("approval", "upload") for row in active):
        for approval in await approvals.open_of_run(db, run.id, lock=False):
            people = [seat.person.name for seat in approval.seats if isinstance(seat.standing, Asked)]
            asked["approval", str(approval.id)] = people
        for upload in await uploads.open_of_run(db, run.id, lock=False):
            asked["upload", str(upload.id)] = [person.name for person in upload.people]
    names = {node.key: node.name for node in nodes}
    return why(run, names, active, Around(places, working, oldest, asked))


async def _holder(db: AsyncSession, run: RunRecord) -> Holder:
    try:
        name = (await chains.get_chain(db, run.chain_id)).name
    except NotFound:
        name = f"chain {run.chain_id}"
    return Holder(run.id, name, run.started_at or run.created_at)
