"""What decides whether a chain's schedules and triggers are in force: its published version and its switch.

Rooms above keep what they derive from it, and ask here which chains have changed since they last looked.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.chains.codec import decode
from onecloud.chains.model import Version
from onecloud.chains.tables import ChainRow, ChainVersionRow


@dataclass(frozen=True, slots=True)
class Switch:
    """A chain's published version and whether its execution is switched off; `changed_at` is its last change."""

    chain_id: int
    environment_id: int
    name: str
    version_id: int | None
    disabled: bool
    changed_at: datetime


_SWITCH: Final[tuple[Any, ...]] = (
    ChainRow.id,
    ChainRow.environment_id,
    ChainRow.name,
    ChainRow.published_version_id,
    ChainRow.disabled,
    ChainRow.updated_at,
)


async def changed_after(
    db: AsyncSession, since: datetime | None, after: tuple[datetime, int] | None, limit: int
) -> list[Switch]:
    """Chains that changed at `since` or later (None: all), in the order of their last change, those behind `after`."""
    query = select(*_SWITCH).order_by(ChainRow.updated_at, ChainRow.id).limit(limit)
    if since is not None:
        query = query.where(ChainRow.updated_at >= since)
    if after is not None:
        at, chain_id = after
        query = query.where(
            or_(ChainRow.updated_at > at, and_(ChainRow.updated_at == at, ChainRow.id > chain_id)),
            ChainRow.updated_at >= at,  # what an index can use
        )
    return [Switch(*row) for row in await db.execute(query)]


async def switches(db: AsyncSession, chain_ids: Collection[int]) -> dict[int, Switch]:
    """The switches of these chains; those that are gone are missing."""
    query = select(*_SWITCH).where(ChainRow.id.in_(chain_ids))
    return {row[0]: Switch(*row) for row in await db.execute(query)}


async def versions(db: AsyncSession, version_ids: Collection[int]) -> dict[int, Version]:
    """These versions by id."""
    rows = await db.scalars(select(ChainVersionRow).where(ChainVersionRow.id.in_(version_ids)))
    return {
        row.id: Version(
            row.id,
            row.chain_id,
            row.number,
            decode(row.definition),
            row.comment,
            row.published_at,
            row.published_by,
        )
        for row in rows
    }


async def living(db: AsyncSession, chain_ids: Collection[int]) -> set[int]:
    """Which of these chains are there and not deleted."""
    query = select(ChainRow.id).where(ChainRow.id.in_(chain_ids), ChainRow.deleted_at.is_(None))
    return set(await db.scalars(query))
