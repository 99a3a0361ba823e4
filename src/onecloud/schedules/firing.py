"""Start what is due: one transaction claims some schedules, starts their runs, and writes down what became of each.

Because claim, runs and record are one transaction, a process that dies in between leaves nothing behind, and the next
one finds the same schedules due. That a schedule fires once for a moment is held three times over: its row is locked
while it is dealt with, the same transaction moves it on, and the record of a moment is unique.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypeAlias

from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.chains import switches_store as chains
from onecloud.infra.crypto import Keyring
from onecloud.kernel.errors import OneCloudError
from onecloud.kernel.principal import Principal
from onecloud.runs import actions as runs
from onecloud.runs.actions import Signals
from onecloud.runs.model import LaunchType
from onecloud.schedules.model import FireRecord, Holidays
from onecloud.schedules.store import fires as store
from onecloud.schedules.store import waiting
from onecloud.schedules.store.fires import Due
from onecloud.schedules.verdicts import NoCalendar, Pass, Skip, Start, decide, read

FAILED: Final = "schedule.failed"
Read: TypeAlias = Mapping[tuple[int, str], Holidays | NoCalendar]
"""The calendars that were read, by environment and name."""


@dataclass(frozen=True, slots=True)
class Fired:
    """What one turn did: how many schedules it claimed, how many it left for want of their calendar or version."""

    claimed: int
    left: int
    stale: frozenset[int]  # chains whose published version or switch has changed since


@dataclass(frozen=True, slots=True)
class Firing:
    """What firing needs beside the database."""

    keys: Keyring
    signals: Signals | None
    grace: timedelta


async def fire_due(db: AsyncSession, firing: Firing, calendars: Read, now: datetime, limit: int) -> Fired:
    """Deal with at most so many schedules that are due at `now`, and give what is left to do."""
    due = await store.claim(db, now, limit)
    if not due:
        return Fired(0, 0, frozenset())
    chain_ids = {one.chain_id for one in due}
    switches, derived = await chains.switches(db, chain_ids), await waiting.derived_from(db, chain_ids)
    stale = {i for i in chain_ids if i not in switches or derived.get(i) != _facts(switches[i])}
    ready = [
        one
        for one in sorted(due, key=lambda one: (one.chain_id, one.id))  # the order in which starts of chains lock
        if one.chain_id not in stale and (one.calendar is None or (one.environment_id, one.calendar) in calendars)
    ]
    done = await store.done_already(db, ready, now)
    records: list[FireRecord] = []
    moved: list[tuple[int, datetime, datetime | None]] = []
    for one in ready:
        holidays = None if one.calendar is None else calendars[one.environment_id, one.calendar]
        verdict = decide(read(one.spec), one.planned_at, now, firing.grace, holidays)
        missed = now - one.planned_at > firing.grace
        moved.append((one.id, now if missed else one.planned_at, verdict.next_at))
        if not isinstance(verdict, Pass) and (one.chain_id, one.name, verdict.planned_at) not in done:
            records.append(await _carry_out(db, firing, one, verdict, now))
    if moved:
        await store.advance(db, moved)
    if records:
        await store.record(db, records)
    return Fired(len(due), len(due) - len(ready), frozenset(stale))


async def give_up_first(db: AsyncSession, firing: Firing, now: datetime, why: str) -> None:
    """Write down that the first schedule that is due could not be started, and go on to its next moment.

    For a fault that nobody expected: without this it would hold up every schedule behind it.
    """
    for one in await store.claim(db, now, 1):
        try:
            next_at = decide(read(one.spec), one.planned_at, now, firing.grace, None).next_at
        except (ValueError, LookupError):  # the next publish brings it back
            next_at = None
        await store.advance(db, [(one.id, one.planned_at, next_at)])
        await store.record(db, [_record(one, one.planned_at, now, reason=FAILED, detail=why)])


async def _carry_out(db: AsyncSession, firing: Firing, one: Due, verdict: Start | Skip, now: datetime) -> FireRecord:
    if isinstance(verdict, Skip):
        return _record(one, verdict.planned_at, now, reason=verdict.reason, detail=verdict.detail)
    try:
        run = await runs.start(
            db,
            firing.keys,
            firing.signals,
            starter(one.name),
            one.chain_id,
            read(one.spec).inputs,
            LaunchType.SCHEDULE,
        )
    except OneCloudError as refused:  # such as: still running, and concurrent runs are off
        return _record(one, verdict.planned_at, now, reason=refused.code, detail=refused.message)
    return _record(one, verdict.planned_at, now, run_id=run.id, detail=verdict.detail)


def starter(name: str) -> Principal:
    """Who starts a schedule's runs: no person; the run shows the schedule's name."""
    return Principal(0, "", f"schedule {name}", is_admin=True, via="system")


def _record(
    one: Due, planned_at: datetime, now: datetime, *, run_id: int | None = None, reason: str = "", detail: str = ""
) -> FireRecord:
    return FireRecord(one.chain_id, one.name, planned_at, now, run_id, reason, detail)


def _facts(switch: chains.Switch) -> tuple[int | None, bool]:
    return switch.version_id, switch.disabled
