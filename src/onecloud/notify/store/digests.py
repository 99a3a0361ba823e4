"""Every query of the digests that are collected."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, cast

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.notify.model import DigestKind, Entry, Kind, Recipient, Status
from onecloud.notify.tables import DigestEntryRow

GROUPS_AT_ONCE = 100


async def add(db: AsyncSession, entries: Iterable[Entry]) -> None:
    """Write lines of digests; one whose `dedupe_key` is known is left alone."""
    make = sqlite_insert if db.get_bind().dialect.name == "sqlite" else postgres_insert
    for entry in entries:
        await db.execute(
            make(DigestEntryRow)
            .values(
                kind=entry.recipient.kind,
                recipient=entry.recipient.shown,
                recipient_digest=entry.recipient.digest,
                sealed_address=entry.recipient.sealed_address,
                every=entry.every,
                due_at=entry.due_at,
                status=entry.status,
                title=entry.title,
                place=entry.place,
                environment_id=entry.environment_id,
                chain_id=entry.chain_id,
                run_id=entry.run_id,
                happened_at=entry.at,
                dedupe_key=entry.dedupe_key,
            )
            .on_conflict_do_nothing(index_elements=[DigestEntryRow.dedupe_key])
        )


async def groups_due(db: AsyncSession, now: datetime) -> list[tuple[str, str]]:
    """(recipient's digest, how often) of digests that are due, each once."""
    query = (
        select(DigestEntryRow.recipient_digest, DigestEntryRow.every)
        .where(DigestEntryRow.due_at <= now)
        .distinct()
        .limit(GROUPS_AT_ONCE)
    )
    return [(row[0], row[1]) for row in await db.execute(query)]


async def take(db: AsyncSession, recipient_digest: str, every: str, now: datetime) -> list[tuple[int, Entry]]:
    """Take the due lines of one digest out of the table, oldest first; nobody else gets them."""
    rows = await db.execute(
        delete(DigestEntryRow)
        .where(
            DigestEntryRow.recipient_digest == recipient_digest,
            DigestEntryRow.every == every,
            DigestEntryRow.due_at <= now,
        )
        .returning(*(column for column in DigestEntryRow.__table__.columns))
    )
    return sorted(((row.id, _entry(row)) for row in rows), key=lambda pair: pair[0])


def _entry(row: Any) -> Entry:
    return Entry(
        recipient=Recipient(cast(Kind, row.kind), row.recipient, row.recipient_digest, row.sealed_address),
        every=cast(DigestKind, row.every),
        due_at=row.due_at,
        status=cast(Status, row.status),
        title=row.title,
        place=row.place,
        environment_id=row.environment_id,
        chain_id=row.chain_id,
        run_id=row.run_id,
        at=row.happened_at,
        dedupe_key=row.dedupe_key,
    )
