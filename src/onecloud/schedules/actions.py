"""The use cases of schedules: what comes next, what became of it, and an operator's pause."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.access.store.names import names_of
from onecloud.activity import actions as activity
from onecloud.chains import actions as chains
from onecloud.chains.check.schedules import schedule_problems
from onecloud.chains.model import Chain, Version
from onecloud.chains.parts.schedule import ScheduleSpec
from onecloud.infra.db import database_now
from onecloud.kernel.errors import Invalid, NotFound
from onecloud.kernel.permission import Level
from onecloud.kernel.principal import Principal
from onecloud.schedules.deriving import derive_chains
from onecloud.schedules.model import FireRecord, Holidays, Occurrence
from onecloud.schedules.reading import Calendars, read_calendar
from onecloud.schedules.rules import preview
from onecloud.schedules.standing import Disabled, Facts, Publish, Standing, standing_of
from onecloud.schedules.store import fires, waiting
from onecloud.schedules.verdicts import NoCalendar, Waiting, first_after, read
from onecloud.variables.rules import near
from onecloud.workspaces.permits import permit_chain, permit_environment

MOST_PREVIEWED: Final = 500


@dataclass(frozen=True, slots=True)
class Preview:
    """What a schedule would do: at most as many times as asked for; `ends` when no more will come.

    `calendar` is what is wrong with its calendar, empty when it was looked at or there is none.
    """

    occurrences: tuple[Occurrence, ...]
    ends: bool
    calendar: str
    after: datetime


async def preview_schedule(
    db: AsyncSession,
    caller: Principal,
    calendars: Calendars,
    spec: ScheduleSpec,
    *,
    environment_id: int | None,
    after: datetime | None,
    count: int,
) -> Preview:
    """What a schedule that is not published yet would do. Its calendar is one of the environment's workspace.

    Raises: Invalid `schedule.invalid` with every problem; NotFound for an environment that the caller may not read.
    """
    if problems := tuple(schedule_problems(spec, "schedule")):
        raise Invalid("schedule.invalid", f"The schedule is not sound: {problems[0].sentence()}", problems=problems)
    if environment_id is not None:
        await permit_environment(db, caller, Level.READ, environment_id)
    after = await database_now(db) if after is None else after
    holidays: Holidays | NoCalendar | None = None
    if spec.calendar is not None and environment_id is not None:
        holidays = await read_calendar(db, calendars, environment_id, spec.calendar, after)
    elif spec.calendar is not None:
        holidays = NoCalendar("Give `environment_id` to have the calendar looked at; here no holidays are left out.")
    found = preview(spec, after, count + 1, holidays if isinstance(holidays, Holidays) else None)
    why = holidays.why if isinstance(holidays, NoCalendar) else ""
    return Preview(tuple(found[:count]), len(found) <= count, why, after)


async def schedules_of(
    db: AsyncSession, caller: Principal, calendars: Calendars, chain_id: int, count: int
) -> list[Standing]:
    """How the schedules of the published version stand; none before the first publish.

    Raises: NotFound.
    """
    chain, version = await _readable(db, caller, chain_id)
    if version is None:
        return []
    facts = await _facts(db, chain, version)
    pauses, last = await waiting.pauses(db, [chain_id]), await fires.last_fires(db, [chain_id])
    found: list[Standing] = []
    for spec in version.definition.schedules:
        holidays = None
        if spec.calendar is not None:
            holidays = await read_calendar(db, calendars, chain.environment_id, spec.calendar, facts.now)
        key = chain_id, spec.name
        standing = standing_of(spec, facts, paused=pauses.get(key), last=last.get(key), holidays=holidays, most=count)
        found.append(standing)
    return found


async def history_of(
    db: AsyncSession, caller: Principal, chain_id: int, name: str, before: datetime | None, limit: int
) -> list[FireRecord]:
    """What became of a schedule's times, newest first; also of a schedule that is published no more.

    Raises: NotFound.
    """
    await _readable(db, caller, chain_id)
    return await fires.fires_before(db, chain_id, name, before, limit)


async def pause(db: AsyncSession, caller: Principal | None, chain_id: int, name: str) -> None:
    """Hold a schedule back without a publish, until it is resumed; runs under way go on.

    Raises: NotFound; Forbidden.
    """
    chain, state = await _waiting(db, caller, chain_id, name)
    by = caller.user_id if caller is not None and caller.user_id > 0 else None
    by_name = "" if caller is None else caller.name or caller.email
    if await waiting.pause(db, state.id, by, by_name):
        await _tell(db, "schedule.pause", caller, chain, name)


async def resume(db: AsyncSession, caller: Principal | None, chain_id: int, name: str) -> None:
    """Let a paused schedule go on with its next time; those that passed meanwhile were not missed.

    Raises: NotFound; Forbidden.
    """
    chain, state = await _waiting(db, caller, chain_id, name)
    if not state.paused:
        return
    now, spec = await database_now(db), read(state.spec)
    next_at = first_after(spec, now) if spec.enabled and not chain.disabled else None
    await waiting.resume(db, state.id, next_at, now)
    await _tell(db, "schedule.resume", caller, chain, name)


async def _waiting(db: AsyncSession, caller: Principal | None, chain_id: int, name: str) -> tuple[Chain, Waiting]:
    chain = await chains.get_chain(db, chain_id)
    await permit_chain(db, caller, Level.EXECUTE, chain.environment_id, chain_id)
    await derive_chains(db, [chain_id])  # what was published a moment ago can be paused too
    stored = (await waiting.waiting_of(db, [chain_id]))[chain_id]
    if name not in stored:
        message = f"The published version of `{chain.name}` has no schedule `{name}`."
        raise NotFound("schedule.not_found", f"{message} {near(name, list(stored))}".strip())
    return chain, stored[name]


async def _readable(db: AsyncSession, caller: Principal, chain_id: int) -> tuple[Chain, Version | None]:
    chain, version = await chains.with_published(db, chain_id)
    await permit_chain(db, caller, Level.READ, chain.environment_id, chain_id)
    return chain, version


async def _facts(db: AsyncSession, chain: Chain, version: Version) -> Facts:
    told = await activity.newest_of(db, "chain.disable", "Chain", [str(chain.id)]) if chain.disabled else []
    who = int(told[0].owner_id) if told and told[0].owner_id.isdecimal() else None
    names = await names_of(db, [one for one in (version.published_by, who) if one is not None])
    return Facts(
        publish=Publish(version.number, version.published_at, names.get(version.published_by or 0, "")),
        disabled=Disabled(names.get(who or 0, ""), told[0].created_at if told else None) if chain.disabled else None,
        now=await database_now(db),
    )


async def _tell(db: AsyncSession, key: str, caller: Principal | None, chain: Chain, name: str) -> None:
    await activity.record(
        db,
        key=key,
        owner=caller,
        trackable_type="Chain",
        trackable_id=str(chain.id),
        recipient_type="Environment",
        recipient_id=str(chain.environment_id),
        parameters={"name": chain.name, "schedule": name},
    )
