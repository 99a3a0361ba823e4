"""Reading the versions of one chain. They never change, and they are never removed while the chain's row is there."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.chains.model import Version, VersionBrief
from onecloud.chains.store.rows import VERSION, version_of
from onecloud.chains.tables import ChainVersionRow


async def versions_before(db: AsyncSession, chain_id: int, before: int | None, limit: int) -> list[VersionBrief]:
    """The chain's versions, newest first, those with a number below `before`."""
    query = (
        select(
            ChainVersionRow.id,
            ChainVersionRow.number,
            ChainVersionRow.comment,
            ChainVersionRow.published_at,
            ChainVersionRow.published_by,
        )
        .where(ChainVersionRow.chain_id == chain_id)
        .order_by(ChainVersionRow.number.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(ChainVersionRow.number < before)
    return [VersionBrief(*row) for row in await db.execute(query)]


async def version_numbered(db: AsyncSession, chain_id: int, number: int) -> Version | None:
    """The chain's version of that number."""
    query = select(*VERSION).where(ChainVersionRow.chain_id == chain_id, ChainVersionRow.number == number)
    row = (await db.execute(query)).one_or_none()
    return version_of(row) if row else None
