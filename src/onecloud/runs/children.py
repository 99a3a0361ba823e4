"""Runs that a Run Chain event starts: found again after a crash, ended with their parent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.chains import actions as chains
from onecloud.connector.outcome import CommandFailed
from onecloud.kernel.errors import OneCloudError
from onecloud.kernel.jsonvalue import Json, dump
from onecloud.kernel.principal import Principal
from onecloud.runs import actions, store
from onecloud.runs.actions import Parent, Signals
from onecloud.runs.model import LaunchType
from onecloud.runs.world import RunWorld

MOST_GENERATIONS: Final = 20  # a chain that runs itself would otherwise never end


async def start_child(
    world: RunWorld, unit: Sequence[Json], name: str, inputs: Mapping[str, Json], signals: Signals
) -> int:
    """The run that this attempt started or now starts; after a crash it is the same one again.

    Raises: CommandFailed when it cannot start.
    """
    run = world.run
    place = dump(list(unit))
    async with world.ground.database.reading() as db:
        known = await store.child_of(db, run.id, place)
        if known is not None:
            return known.id
        generations = await _generations(db, run.parent_run_id)
    if generations >= MOST_GENERATIONS:
        text = f"chains that run chains are {MOST_GENERATIONS} deep here, the limit. Does a chain run itself?"
        raise CommandFailed(1, text, retryable=False)
    # The chain's author decided that it runs the other one; the person only started the first.
    caller = Principal(run.user_id or 0, run.user_email or "", run.user_name or "", is_admin=True, via="system")
    try:
        async with world.ground.database.transaction() as db:
            chain = await chains.find_chain(db, run.environment_id, name)
            child = await actions.start(
                db,
                world.ground.keys,
                signals,
                caller,
                chain.id,
                inputs,
                LaunchType(run.launch_type),
                parent=Parent(run.id, place),
            )
    except OneCloudError as error:
        raise CommandFailed(1, f"the chain {name!r} could not start: {error.message}") from error
    return child.id


async def _generations(db: AsyncSession, parent: int | None) -> int:
    count = 0
    while parent is not None and count < MOST_GENERATIONS:
        count += 1
        found = await store.run(db, parent)
        parent = None if found is None else found.parent_run_id
    return count
