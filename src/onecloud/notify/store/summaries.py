"""Every query of subscriptions to summaries."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, cast

from sqlalchemy import Select, delete, insert, select, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.infra.db import database_time
from onecloud.notify.model import Frequency, Kind, Recipient, Summary
from onecloud.notify.tables import SummaryRow
from onecloud.workspaces import store as workspaces

_workspace: Final = workspaces.workspaces().subquery("w")
_environment: Final = workspaces.environments().subquery("e")
_SUMMARIES: Final[Select[*tuple[Any, ...]]] = (
    select(SummaryRow, _environment.c.name, _workspace.c.name)
    .join(_environment, _environment.c.id == SummaryRow.environment_id)
    .join(_workspace, _workspace.c.id == _environment.c.workspace_id)
    .order_by(SummaryRow.id)
    .execution_options(populate_existing=True)
)


def _summary(row: SummaryRow, environment: str, workspace: str) -> Summary:
    return Summary(
        id=row.id,
        environment_id=row.environment_id,
        environment=environment,
        workspace=workspace,
        recipient=Recipient(cast(Kind, row.kind), row.recipient, row.recipient_digest, row.sealed_address),
        frequency=cast(Frequency, row.frequency),
        next_at=row.next_at,
        created_at=row.created_at,
    )


async def page(db: AsyncSession, after: int | None, limit: int) -> list[Summary]:
    """Subscriptions in the order of their making, after the row `after`."""
    query = _SUMMARIES.limit(limit)
    if after is not None:
        query = query.where(SummaryRow.id > after)
    return [_summary(*row) for row in await db.execute(query)]


async def find(db: AsyncSession, summary_id: int) -> Summary | None:
    """The subscription of that id."""
    row = (await db.execute(_SUMMARIES.where(SummaryRow.id == summary_id))).one_or_none()
    return None if row is None else _summary(*row)


async def due(db: AsyncSession, now: datetime) -> list[Summary]:
    """Subscriptions whose moment has come."""
    return [_summary(*row) for row in await db.execute(_SUMMARIES.where(SummaryRow.next_at <= now).limit(100))]


async def add(
    db: AsyncSession, environment_id: int, recipient: Recipient, frequency: Frequency, next_at: datetime
) -> int:
    """Write a subscription; its new id.

    Raises: sqlalchemy.exc.IntegrityError when there is one like it.
    """
    row = insert(SummaryRow).values(
        environment_id=environment_id,
        kind=recipient.kind,
        recipient=recipient.shown,
        recipient_digest=recipient.digest,
        sealed_address=recipient.sealed_address,
        frequency=frequency,
        next_at=next_at,
        created_at=database_time(),
    )
    return (await db.execute(row.returning(SummaryRow.id))).scalar_one()


async def change(
    db: AsyncSession, summary_id: int, recipient: Recipient, frequency: Frequency, next_at: datetime
) -> None:
    """Overwrite recipient, frequency and the next moment.

    Raises: sqlalchemy.exc.IntegrityError when there is one like it.
    """
    await db.execute(
        update(SummaryRow)
        .where(SummaryRow.id == summary_id)
        .values(
            kind=recipient.kind,
            recipient=recipient.shown,
            recipient_digest=recipient.digest,
            sealed_address=recipient.sealed_address,
            frequency=frequency,
            next_at=next_at,
        )
    )


async def move_on(db: AsyncSession, summary: Summary, next_at: datetime) -> bool:
    """Set the next moment; False when another server has done so, or the subscription is gone."""
    done = await db.execute(
        update(SummaryRow)
        .where(SummaryRow.id == summary.id, SummaryRow.next_at == summary.next_at)
        .values(next_at=next_at)
    )
    return cast(CursorResult[tuple[()]], done).rowcount == 1


async def remove(db: AsyncSession, summary_id: int) -> bool:
    """Delete a subscription; False when there is none."""
    done = await db.execute(delete(SummaryRow).where(SummaryRow.id == summary_id))
    return cast(CursorResult[tuple[()]], done).rowcount == 1
