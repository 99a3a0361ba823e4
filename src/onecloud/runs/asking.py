"""The events that ask people: they are asked, and the run waits for their answer without holding anything."""

from __future__ import annotations

from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.approvals import actions as approvals
from onecloud.approvals.model import UNASKED, ApprovalRequest, Ask, Origin
from onecloud.approvals.uploads import actions as uploads
from onecloud.approvals.uploads.model import UploadRequest
from onecloud.chains.model import Node
from onecloud.connector.outcome import CommandFailed
from onecloud.kernel.errors import OneCloudError
from onecloud.runs.model import Unit
from onecloud.runs.records import Waiting
from onecloud.runs.world import RunWorld
from onecloud.workspaces.permits import place_of

BETWEEN: Final = "/"


def ask_of(run_id: int, unit: Unit, attempt: int) -> Ask:
    """Which attempt asks, as the room of approvals knows it; `place` is the pass, `outer/item`."""
    return Ask(run_id, unit.key, f"{unit.outer}{BETWEEN}{unit.item}", attempt)


def unit_of(ask: Ask) -> Unit:
    """The unit that asked."""
    outer, _, item = ask.place.partition(BETWEEN)
    return Unit(ask.key, int(outer), int(item))


async def ask(
    world: RunWorld, node: Node, unit: Unit, attempt: int, request: ApprovalRequest | UploadRequest
) -> Waiting:
    """Ask for an approval, or for files; after a crash it is the same question again.

    Raises: CommandFailed when nobody can be asked.
    """
    ground, asks = world.ground, ask_of(world.run.id, unit, attempt)
    try:
        async with ground.database.transaction() as db:
            origin = await _origin(db, world, node)
            if isinstance(request, ApprovalRequest):
                kind, asked = "approval", await approvals.open_approval(db, ground, asks, origin, request)
            else:
                kind, asked = "upload", await uploads.open_upload(db, ground, asks, origin, request)
    except OneCloudError as error:
        raise CommandFailed(UNASKED, error.message, retryable=False) from error
    return Waiting(unit, attempt, {"kind": kind, "id": str(asked.id)})


async def _origin(db: AsyncSession, world: RunWorld, node: Node) -> Origin:
    run = world.run
    place = await place_of(db, run.environment_id, run.chain_id)
    return Origin(place, str(world.known.system["chain_name"]), node.name or node.key, run.user_id)


async def stop_asking(db: AsyncSession, run_id: int) -> None:
    """Take back every question of a run that has ended."""
    await approvals.cancel_for_run(db, run_id)
    await uploads.cancel_for_run(db, run_id)


async def stop_asking_for(db: AsyncSession, run_id: int, unit: Unit, attempt: int) -> None:
    """Take back the question of one attempt that was cancelled."""
    ask = ask_of(run_id, unit, attempt)
    await approvals.cancel_ask(db, ask)
    await uploads.cancel_ask(db, ask)
