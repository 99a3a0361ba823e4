"""What every change of an approval has in common: it is stored, and whoever must know of it is told."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.activity import actions as activity
from onecloud.approvals import letters, links, rules, store
from onecloud.approvals.model import Approval
from onecloud.approvals.port import Settled
from onecloud.infra.http import Ground
from onecloud.kernel.jsonvalue import JsonObject
from onecloud.kernel.principal import Principal
from onecloud.notify.actions import queue


async def change(db: AsyncSession, ground: Ground, settled: Settled, before: Approval, after: Approval) -> None:
    """Store the change, mail whoever is asked by it; when it has settled the approval, tell requesters and the run."""
    await store.save(db, before, after)
    await ask_new(db, ground, before, after)
    outcome = rules.outcome(after)
    if outcome is None:
        return
    await queue(db, letters.result(after, ground.settings.public_url))
    await record(db, "approval.settle", None, after, {"state": after.state})
    await settled.settled(db, after.ask, outcome)


async def ask_new(db: AsyncSession, ground: Ground, before: Approval | None, after: Approval) -> None:
    """Mail whoever a change has put to the question."""
    base = ground.settings.public_url
    asked = rules.newly_asked(before, after)
    await queue(db, [letters.asking(after, seat, base, links.path_of(ground.keys, after, seat)) for seat in asked])


async def record(
    db: AsyncSession, key: str, owner: Principal | None, approval: Approval, parameters: JsonObject
) -> None:
    """Write into the audit trail what happened to an approval."""
    await activity.record(
        db,
        key=key,
        owner=owner,
        trackable_type="Approval",
        trackable_id=str(approval.id),
        recipient_type="ChainRun",
        recipient_id=str(approval.ask.run_id),
        parameters=parameters,
    )
