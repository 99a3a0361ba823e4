"""Keep the waiting schedules true to what is published.

Chains are published and switched by rooms below and by other processes (the command line, other servers), so nobody
calls here: the chains that changed since the last look are compared with what was derived from them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.chains import switches_store as chains
from onecloud.chains.switches_store import Switch
from onecloud.infra.db import Database, database_now
from onecloud.schedules.store import waiting as store
from onecloud.schedules.verdicts import Awaited, derive, first_after, read

log = structlog.get_logger()

# A change is written before it is committed; no transaction is open nearly as long.
OVERLAP: Final = timedelta(minutes=2)
AT_START: Final = timedelta(minutes=10)
PAGE: Final = 1000
BATCH: Final = 100  # chains in one transaction, so that a writer never waits long


async def take_over(database: Database, since: datetime | None) -> datetime:
    """Derive the schedules of every chain that changed since then (None: as far as was ever seen).

    Gives the moment to ask from the next time.
    """
    async with database.reading() as db:
        now = await database_now(db)
        if since is None:
            seen = await store.last_seen(db)
            since = None if seen is None else seen - AT_START
        stale: list[int] = []
        after: tuple[datetime, int] | None = None
        while page := await chains.changed_after(db, since, after, PAGE):
            stale += await _stale(db, page)
            after = page[-1].changed_at, page[-1].chain_id
            await asyncio.sleep(0)  # reading SQLite never waits: let requests have their turn between pages
    for first in range(0, len(stale), BATCH):
        await derive_together(database, stale[first : first + BATCH])
        await asyncio.sleep(0)
    return now - OVERLAP


async def derive_together(database: Database, chain_ids: Sequence[int]) -> None:
    """Derive these chains in one transaction, or, where that meets a fault, one by one without the faulty ones."""
    try:
        async with database.transaction() as db:
            await derive_chains(db, chain_ids)
    except (SQLAlchemyError, OSError):
        raise
    except Exception:
        log.exception("schedules.not_derived", chain_ids=list(chain_ids))
        if len(chain_ids) > 1:
            for chain_id in chain_ids:
                await derive_together(database, [chain_id])


async def _stale(db: AsyncSession, page: list[Switch]) -> list[int]:
    derived = await store.derived_from(db, [switch.chain_id for switch in page])
    return [
        switch.chain_id
        for switch in page
        # A chain that was never published has nothing to derive.
        if derived.get(switch.chain_id, (None, switch.disabled)) != (switch.version_id, switch.disabled)
    ]


async def derive_chains(db: AsyncSession, chain_ids: Collection[int]) -> None:
    """Make the waiting schedules of these chains what their published versions say."""
    await store.hold(db, list(chain_ids))
    now = await database_now(db)
    switches = await chains.switches(db, chain_ids)
    if gone := [chain_id for chain_id in chain_ids if chain_id not in switches]:
        await store.forget_chains(db, gone)
    published = await chains.versions(db, [s.version_id for s in switches.values() if s.version_id is not None])
    stored = await store.waiting_of(db, list(switches))
    new: list[tuple[Switch, Awaited]] = []
    changed: list[tuple[int, Awaited]] = []
    removed: list[int] = []
    for switch in switches.values():
        version = None if switch.version_id is None else published.get(switch.version_id)
        found = derive(
            version.definition.schedules if version else (),
            stored[switch.chain_id],
            asleep=switch.disabled,
            published_at=version.published_at if version else now,
            now=now,
        )
        new += [(switch, awaited) for awaited in found.new]
        changed += found.changed
        removed += found.gone
    if removed:
        await store.remove(db, removed)
    if new:
        await store.add(db, new)
    if changed:
        await store.change(db, changed)
    if switches:
        await store.saw(db, list(switches.values()))


async def look_again(database: Database, after_id: int) -> int | None:
    """Look for the next moments of some schedules once more, and mend those that come out differently.

    After an update of the zone database a moment that was found before it may be an hour off. Gives the row to go on
    behind; None at the end.
    """
    async with database.reading() as db:
        rows = await store.looked_for(db, after_id, PAGE)
        now = await database_now(db)
    wrong: list[tuple[int, datetime, datetime | None]] = []
    for row, spec, next_at, counted_from in rows:
        if next_at > now:
            right = first_after(read(spec), counted_from)
            if right != next_at:
                wrong.append((row, next_at, right))
    if wrong:
        async with database.transaction() as db:
            await store.correct(db, wrong)
    return rows[-1][0] if len(rows) == PAGE else None
