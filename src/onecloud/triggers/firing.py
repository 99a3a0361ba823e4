"""Start what a trigger has seen happen: the fire, the run and what became of it are one transaction.

A process that dies in between leaves nothing behind. That a trigger fires once for the same happening is held by the
unique key of the fire, which is written first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.infra.crypto import Keyring
from onecloud.kernel.errors import Invalid, OneCloudError
from onecloud.kernel.principal import Principal
from onecloud.runs import actions as runs
from onecloud.runs.actions import Signals
from onecloud.runs.model import LaunchType
from onecloud.triggers.model import FireRecord, Happened, Kind, Skip, Trigger
from onecloud.triggers.rules import NO_CONDITION, NO_INPUTS, decide
from onecloud.triggers.store import fires as store

# Source: product facts 2.13 and 5.
LAUNCH_TYPES: Final[dict[Kind, LaunchType]] = {
    "webhook": LaunchType.TRIGGER_EVENT,
    "chain_completed": LaunchType.TRIGGER,
    "file": LaunchType.TRIGGER_EVENT,
}


@dataclass(frozen=True, slots=True)
class Firing:
    """What firing needs beside the database."""

    keys: Keyring
    signals: Signals | None


@dataclass(frozen=True, slots=True)
class Fired:
    """What became of it. `refused` is the error that kept the run from starting; `before`: it was the same again."""

    record: FireRecord
    refused: OneCloudError | None = None
    before: bool = False


def _fault(verdict: Skip) -> OneCloudError | None:
    """The error that a verdict is, unless the condition simply does not hold."""
    if verdict.reason == NO_INPUTS:
        return Invalid("trigger.inputs", verdict.detail)
    if verdict.reason == NO_CONDITION:
        return Invalid("trigger.condition_fault", verdict.detail)
    return None


def starter(name: str) -> Principal:
    """Who starts a trigger's runs: no person; the run shows the trigger's name."""
    return Principal(0, "", f"trigger {name}", is_admin=True, via="system")


async def fire(
    db: AsyncSession,
    firing: Firing,
    trigger: Trigger,
    happened: Happened,
    *,
    again: bool = False,
    skip: Skip | None = None,
) -> Fired | None:
    """Deal with something that an enabled trigger saw; None when the trigger has dealt with it already.

    `again`: when no run could be started, the same may come once more and count. `skip`: why it does not count.
    """
    fire_id = await store.open_fire(db, trigger.id, happened)
    if fire_id is None:
        return None
    refused: OneCloudError | None = None
    verdict = skip or decide(trigger.document, happened.facts)
    if isinstance(verdict, Skip):
        refused = _fault(verdict)
        again = again and refused is not None
        await store.close_fire(db, fire_id, reason=verdict.reason, detail=verdict.detail, again=again)
    else:
        try:
            run = await runs.start(
                db,
                firing.keys,
                firing.signals,
                starter(trigger.name),
                trigger.chain_id,
                verdict.inputs,
                LAUNCH_TYPES[trigger.document.source.kind],
            )
        except OneCloudError as error:  # such as: still running, and concurrent runs are off
            refused = error
            await store.close_fire(db, fire_id, reason=error.code, detail=error.message, again=again)
        else:
            await store.close_fire(db, fire_id, run_id=run.id)
    return Fired(await store.fire(db, fire_id), refused)
