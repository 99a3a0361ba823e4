"""The events that ask people: they are asked, and the run waits for their answer without holding anything."""

from __future__ import annotations

from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.approvals import actions as approvals
from onecloud.approvals.model import UNASKED, Ask, Origin
from onecloud.approvals.uploads import actions as uploads
from onecloud.chains.events.approval import ApprovalInputs, approval_request
from onecloud.chains.events.upload import UploadInputs, upload_request
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


async def ask_approval(world: RunWorld, node: Node, unit: Unit, attempt: int, inputs: ApprovalInputs) -> Waiting:
    """Ask for an approval; after a crash it is the same one again.

    Raises: CommandFailed when nobody can be asked.
    """
    ground = world.ground
    try:
        async with ground.database.transaction() as db:
            origin = await _origin(db, world, node)
            asked = await approvals.open_approval(
                db, ground, ask_of(world.run.id, unit, attempt), origin, approval_request(inputs)
            )
    except OneCloudError as error:
        raise CommandFailed(UNASKED, error.message, retryable=False) from error
    return Waiting(unit, attempt, {"kind": "approval", "id": str(asked.id)})


async def ask_files(world: RunWorld, node: Node, unit: Unit, attempt: int, inputs: UploadInputs) -> Waiting:
    """Ask for files; after a crash it is the same question again.

    Raises: CommandFailed when nobody can be asked.
    """
    ground = world.ground
    try:
        async with ground.database.transaction() as db:
            origin = await _origin(db, world, node)
            asked = await uploads.open_upload(
                db, ground, ask_of(world.run.id, unit, attempt), origin, upload_request(inputs)
            )
    except OneCloudError as error:
        raise CommandFailed(UNASKED, error.message, retryable=False) from error
    return Waiting(unit, attempt, {"kind": "upload", "id": str(asked.id)})


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
