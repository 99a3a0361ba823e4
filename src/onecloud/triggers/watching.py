"""Look at the folders of file triggers, and start chains for files that are ready.

A look is claimed for a while, made outside of any transaction (a folder may be slow), and then settled in one: what was
seen, the runs and their records. A server that dies in between leaves the folder to the next look.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.chains import switches_store as chains
from onecloud.connector import CommandFailed, Stop
from onecloud.infra.db import database_now
from onecloud.infra.http import Ground
from onecloud.triggers.appearing import CannotLook, Known, Seen, compare, happened
from onecloud.triggers.firing import Firing, fire
from onecloud.triggers.folder import look
from onecloud.triggers.model import FileWatch, Trigger, watch_of
from onecloud.triggers.store import files, fires, kept

log = structlog.get_logger()

POLL_S: Final = 1.0
AT_ONCE: Final = 8  # folders that are looked at together
LONGEST_LOOK_S: Final = 30.0
LEASE: Final = timedelta(seconds=2 * LONGEST_LOOK_S)
MOST_STARTS: Final = 50  # runs of one look: the transaction stays short, and the next look follows at once
BUSY: Final = "chain.already_running"


async def watch_due(ground: Ground, firing: Firing) -> float:
    """Look at every folder whose time has come; gives how many seconds there is nothing to look at."""
    while True:
        async with ground.database.reading() as db:
            now, next_at = await files.clock(db)
        if next_at is None or next_at > now:
            return POLL_S if next_at is None else min(POLL_S, (next_at - now).total_seconds())
        async with ground.database.transaction() as db:
            claimed = await files.claim(db, now, LEASE, AT_ONCE)
        if not claimed:  # another server holds them
            return POLL_S
        await asyncio.gather(*(_one(ground, firing, trigger) for trigger in claimed))


async def _one(ground: Ground, firing: Firing, trigger: Trigger) -> None:
    """One folder. Its trouble is its own: other folders are looked at all the same."""
    watch = watch_of(trigger.document)
    if watch is None:
        return
    seen: dict[str, Seen] | None = None
    trouble = ""
    stop = Stop()
    try:
        async with asyncio.timeout(LONGEST_LOOK_S):
            seen = await asyncio.to_thread(
                look, watch, ground.settings.open_folders, stop, ground.settings.watch_stores
            )
    except CannotLook as fault:
        trouble = str(fault)
    except CommandFailed as fault:
        trouble = fault.message
    except TimeoutError:
        trouble = f"The folder `{watch.folder}` did not answer within {LONGEST_LOOK_S:.0f} s."
    finally:
        stop.set()
    try:
        async with ground.database.transaction() as db:
            await settle(db, firing, trigger, watch, seen, trouble)
    except (SQLAlchemyError, OSError):
        raise
    except Exception:  # tried again after the lease
        log.exception("triggers.look_failed", trigger_id=trigger.id)


async def settle(
    db: AsyncSession, firing: Firing, looked: Trigger, watch: FileWatch, seen: dict[str, Seen] | None, trouble: str
) -> None:
    """Write down what was seen and start what is ready. Nothing comes of a look at what was changed meanwhile."""
    trigger = await kept.trigger(db, looked.id, lock=True)
    if trigger is None or not trigger.enabled or trigger.revision != looked.revision:
        return
    now = await database_now(db)
    more = False
    if seen is not None:
        first = trigger.looked_at is None
        came = compare(await files.known(db, trigger.id), seen, watch, now, first=first)
        await files.forget(db, trigger.id, came.gone)
        await files.add(db, trigger.id, came.new)
        await files.change(db, trigger.id, came.changed)
        if await _in_force(db, trigger):
            more = len(came.ready) > MOST_STARTS
            for one in came.ready[:MOST_STARTS]:
                if not await _start(db, firing, trigger, seen[one.path], one):
                    more = False
                    break
    await files.looked(db, trigger.id, now if more else now + timedelta(seconds=watch.every_s), trouble)


async def _start(db: AsyncSession, firing: Firing, trigger: Trigger, seen: Seen, one: Known) -> bool:
    """Start a run for a file; False when it must wait until another run has ended."""
    fired = await fire(db, firing, trigger, happened(seen, one.event))
    if fired is not None and fired.refused is not None and fired.refused.code == BUSY:
        await fires.drop_fire(db, fired.record.id)
        return False
    await files.change(db, trigger.id, [replace(one, done=True)])
    return True


async def _in_force(db: AsyncSession, trigger: Trigger) -> bool:
    """Whether the chain may run; while it may not, files wait for it."""
    switch = (await chains.switches(db, [trigger.chain_id])).get(trigger.chain_id)
    return switch is not None and switch.version_id is not None and not switch.disabled
