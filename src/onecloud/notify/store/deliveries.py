"""Every query of deliveries."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.engine import CursorResult
from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.infra.db import database_now, database_time
from onecloud.notify.model import Attachment, Claimed, Delivery, DeliveryState, Kind, Letter, Settled
from onecloud.notify.tables import DeliveryRow


async def add(db: AsyncSession, letters: Iterable[Letter]) -> int:
    """Queue letters, due at once; gives how many were new (a known `dedupe_key` is left alone).

    A letter with a fault is given up as it comes.
    """
    make = sqlite_insert if db.get_bind().dialect.name == "sqlite" else postgres_insert
    added = 0
    for letter in letters:
        new = await db.scalar(
            make(DeliveryRow)
            .values(
                kind=letter.kind,
                recipient=letter.to,
                sealed_address=letter.sealed_address,
                subject=letter.subject,
                text=letter.text,
                html=letter.html,
                attachments=[asdict(file) for file in letter.attachments],
                state="given_up" if letter.fault else "queued",
                attempts=0,
                next_try_at=None if letter.fault else database_time(),
                last_error=letter.fault,
                dedupe_key=letter.dedupe_key,
                environment_id=letter.environment_id,
                chain_id=letter.chain_id,
                run_id=letter.run_id,
                created_at=database_time(),
            )
            .on_conflict_do_nothing(index_elements=[DeliveryRow.dedupe_key])
            .returning(DeliveryRow.id)
        )
        added += new is not None
    return added


async def seconds_to_next(db: AsyncSession) -> float | None:
    """How long until a delivery is due (0 when one is now); None when none is waiting."""
    row = (await db.execute(select(func.min(DeliveryRow.next_try_at), database_time()))).one()
    due: datetime | None = row[0]
    return None if due is None else max((due - row[1]).total_seconds(), 0.0)


async def claim(db: AsyncSession, limit: int, lease: timedelta, give_up_after: timedelta) -> list[Claimed]:
    """Take what is due, oldest first, for this process: nobody else takes it before the lease ends."""
    now = await database_now(db)
    ids = list(
        await db.scalars(
            select(DeliveryRow.id)
            .where(DeliveryRow.next_try_at <= now)
            .order_by(DeliveryRow.next_try_at, DeliveryRow.id)
            .limit(limit)
            .with_for_update(skip_locked=True)  # SQLite has one writer and ignores this
        )
    )
    if not ids:
        return []
    rows = await db.scalars(
        update(DeliveryRow)
        .where(DeliveryRow.id.in_(ids))
        .values(
            state="sending",
            attempts=DeliveryRow.attempts + 1,
            next_try_at=now + lease,
            give_up_at=func.coalesce(DeliveryRow.give_up_at, now + give_up_after),
        )
        .returning(DeliveryRow)
        .execution_options(populate_existing=True)
    )
    return sorted((_claimed(row) for row in rows), key=lambda claimed: claimed.id)


def _claimed(row: DeliveryRow) -> Claimed:
    assert row.give_up_at is not None  # the claim has set it
    letter = Letter(
        to=row.recipient,
        subject=row.subject,
        text=row.text,
        html=row.html,
        attachments=_attachments(row),
        dedupe_key=row.dedupe_key,
        run_id=row.run_id,
        chain_id=row.chain_id,
        environment_id=row.environment_id,
        kind=cast(Kind, row.kind),
        sealed_address=row.sealed_address,
    )
    return Claimed(row.id, row.attempts, row.give_up_at, row.created_at, letter)


async def settle(db: AsyncSession, claimed: Claimed, settled: Settled) -> bool:
    """Write what became of a try; False when the lease had ended and somebody else took the delivery.

    What was sent is in a mailbox: its text, which may hold a link for that person alone, is not kept here.
    """
    values: dict[str, object] = {
        "state": settled.state,
        "next_try_at": settled.next_try_at,
        "last_error": settled.last_error,
    }
    if settled.state == "sent":
        values |= {"sent_at": database_time(), "text": "", "html": None}
    done = await db.execute(
        update(DeliveryRow)
        .where(DeliveryRow.id == claimed.id, DeliveryRow.state == "sending", DeliveryRow.attempts == claimed.attempt)
        .values(values)
    )
    return cast(CursorResult[tuple[()]], done).rowcount == 1


async def page(db: AsyncSession, state: DeliveryState | None, before: int | None, limit: int) -> list[Delivery]:
    """Deliveries, newest first, with ids below `before`, of all states or of one."""
    query = select(DeliveryRow).order_by(DeliveryRow.id.desc()).limit(limit)
    if state is not None:
        query = query.where(DeliveryRow.state == state)
    if before is not None:
        query = query.where(DeliveryRow.id < before)
    return [_delivery(row) for row in await db.scalars(query)]


async def find(db: AsyncSession, delivery_id: int, *, lock: bool = False) -> Delivery | None:
    """The delivery of that id; with `lock` nobody else changes it until the transaction ends."""
    query = select(DeliveryRow).where(DeliveryRow.id == delivery_id).execution_options(populate_existing=True)
    if lock:
        query = query.with_for_update()
    row = (await db.scalars(query)).one_or_none()
    return None if row is None else _delivery(row)


async def queue_again(db: AsyncSession, delivery_id: int) -> None:
    """Make a delivery due at once, with the whole time of a new one."""
    await db.execute(
        update(DeliveryRow)
        .where(DeliveryRow.id == delivery_id)
        .values(state="queued", next_try_at=database_time(), give_up_at=None)
    )


async def forget(db: AsyncSession, before: datetime) -> int:
    """Delete deliveries made before that moment for which nothing more will happen; gives how many."""
    done = await db.execute(
        delete(DeliveryRow).where(DeliveryRow.created_at < before, DeliveryRow.next_try_at.is_(None))
    )
    return cast(CursorResult[tuple[()]], done).rowcount


def _attachments(row: DeliveryRow) -> tuple[Attachment, ...]:
    return tuple(
        Attachment(
            blob=str(file["blob"]),
            name=str(file["name"]),
            size_bytes=cast(int, file["size_bytes"]),
            media_type=str(file["media_type"]),
        )
        for file in row.attachments
    )


def _delivery(row: DeliveryRow) -> Delivery:
    return Delivery(
        id=row.id,
        kind=cast(Kind, row.kind),
        to=row.recipient,
        subject=row.subject,
        attachments=_attachments(row),
        state=cast(DeliveryState, row.state),
        attempts=row.attempts,
        next_try_at=row.next_try_at,
        last_error=row.last_error,
        chain_id=row.chain_id,
        run_id=row.run_id,
        created_at=row.created_at,
        sent_at=row.sent_at,
    )
