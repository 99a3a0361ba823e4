"""Subscriptions to environments' summaries, and sending those whose moment has come."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TypeAlias

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.access.rules import normal_email
from onecloud.activity import actions as activity
from onecloud.activity.rules import cursor_id, page_of, page_size
from onecloud.infra.crypto import Keyring
from onecloud.infra.db import database_now
from onecloud.infra.http import Ground
from onecloud.kernel.errors import Conflict, Invalid, Problem
from onecloud.kernel.principal import Principal
from onecloud.kernel.secret import Secret
from onecloud.notify.actions.queueing import queue, service_recipient
from onecloud.notify.actions.recipients import refusal
from onecloud.notify.model import Frequency, Letter, Recipient, RunCounts, Summary
from onecloud.notify.rules import summaries as rules
from onecloud.notify.store import summaries as store
from onecloud.workspaces import actions as workspaces

# How the runs of an environment ended from a moment up to another one; the room of runs gives it.
CountRuns: TypeAlias = Callable[[AsyncSession, int, datetime, datetime], Awaitable[RunCounts]]


async def list_summaries(db: AsyncSession, cursor: str | None, limit: int) -> tuple[list[Summary], str | None]:
    """A page of subscriptions in the order of their making, and the cursor of the next page.

    Raises: Malformed for a cursor or a limit that cannot be.
    """
    size = page_size(limit)
    found = await store.page(db, cursor_id(cursor), size + 1)
    return page_of(found, size)


async def get_summary(db: AsyncSession, summary_id: int) -> Summary:
    """One subscription.

    Raises: NotFound.
    """
    found = await store.find(db, summary_id)
    if found is None:
        raise rules.not_found(str(summary_id))
    return found


async def create_summary(
    db: AsyncSession,
    keys: Keyring,
    owner: Principal,
    environment_id: int,
    frequency: Frequency,
    *,
    email: str | None = None,
    apprise: Secret | None = None,
) -> Summary:
    """Subscribe a user's email or an Apprise address; the first summary comes at the next moment.

    Raises: NotFound without such an environment; Invalid for a recipient that cannot be; Conflict when it is
    subscribed already.
    """
    await workspaces.get_environment(db, environment_id)
    recipient = await _recipient(db, keys, environment_id, email, apprise)
    next_at = rules.next_moment(frequency, await database_now(db))
    try:
        summary_id = await store.add(db, environment_id, recipient, frequency, next_at)
    except IntegrityError as error:
        raise _taken(recipient, frequency) from error
    summary = await get_summary(db, summary_id)
    await _record(db, "summary.create", owner, summary)
    return summary


async def change_summary(
    db: AsyncSession,
    keys: Keyring,
    owner: Principal,
    summary_id: int,
    *,
    frequency: Frequency | None = None,
    email: str | None = None,
    apprise: Secret | None = None,
) -> Summary:
    """Change how often, or to whom; what is None stays.

    Raises: NotFound; Invalid; Conflict, as in `create_summary`.
    """
    before = await get_summary(db, summary_id)
    recipient = before.recipient
    if email is not None or apprise is not None:
        recipient = await _recipient(db, keys, before.environment_id, email, apprise)
    often = frequency or before.frequency
    if (recipient.digest, often) == (before.recipient.digest, before.frequency):
        return before
    next_at = rules.next_moment(often, await database_now(db))
    try:
        await store.change(db, summary_id, recipient, often, next_at)
    except IntegrityError as error:
        raise _taken(recipient, often) from error
    after = await get_summary(db, summary_id)
    await _record(db, "summary.update", owner, after)
    return after


async def remove_summary(db: AsyncSession, owner: Principal, summary_id: int) -> None:
    """End a subscription.

    Raises: NotFound.
    """
    summary = await get_summary(db, summary_id)
    await store.remove(db, summary_id)
    await _record(db, "summary.destroy", owner, summary)


async def send_summaries(ground: Ground, count_runs: CountRuns) -> int:
    """Queue the summaries whose moment has come, each in a transaction of its own; gives how many."""
    async with ground.database.reading() as db:
        now = await database_now(db)
        due = await store.due(db, now)
    queued = 0
    for summary in due:
        moment = rules.last_moment(summary.frequency, summary.next_at, now)
        start, end = rules.period(summary.frequency, moment)
        async with ground.database.reading() as db:
            counts = await count_runs(db, summary.environment_id, start, end)
        async with ground.database.transaction() as db:
            # Whoever moves it on sends it: another server, or a person who just changed it, is left alone.
            if await store.move_on(db, summary, rules.next_moment(summary.frequency, now)):
                queued += await queue(db, [_letter(ground, summary, counts, moment)])
    return queued


def _letter(ground: Ground, summary: Summary, counts: RunCounts, moment: datetime) -> Letter:
    days = rules.shown_period(*rules.period(summary.frequency, moment))
    link = rules.environment_link(ground.settings.public_url, summary.environment_id)
    return Letter(
        to=summary.recipient.shown,
        subject=rules.subject(summary, counts, days),
        text=rules.plain(summary, counts, days, link),
        html=rules.page(summary, counts, days, link) if summary.recipient.kind == "mail" else None,
        dedupe_key=f"summary/{summary.id}/{summary.frequency}/{moment:%Y-%m-%d}",
        environment_id=summary.environment_id,
        kind=summary.recipient.kind,
        sealed_address=summary.recipient.sealed_address,
    )


async def _recipient(
    db: AsyncSession, keys: Keyring, environment_id: int, email: str | None, apprise: Secret | None
) -> Recipient:
    rules.check_one_recipient(email, None if apprise is None else "")
    if apprise is not None:
        return service_recipient(keys, apprise)
    assert email is not None
    if why := await refusal(db, email, environment_id):
        raise Invalid("summary.email", why, problems=(Problem("email", why),))
    normal = normal_email(email)
    return Recipient("mail", normal, normal)


def _taken(recipient: Recipient, frequency: Frequency) -> Conflict:
    return Conflict("summary.exists", f"{recipient.shown} gets the {frequency} summary of this environment already.")


async def _record(db: AsyncSession, key: str, owner: Principal, summary: Summary) -> None:
    await activity.record(
        db,
        key=key,
        owner=owner,
        trackable_type="Summary",
        trackable_id=str(summary.id),
        recipient_type="Environment",
        recipient_id=str(summary.environment_id),
        parameters={"to": summary.recipient.shown, "frequency": summary.frequency},
    )
