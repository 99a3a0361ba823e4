"""What people are called, for pages that say who did something."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.access.tables import UserRow


async def names_of(db: AsyncSession, user_ids: Collection[int]) -> dict[int, str]:
    """The names of these people, else their e-mail addresses; those that are gone are missing."""
    if not user_ids:
        return {}
    query = select(UserRow.id, UserRow.first_name, UserRow.last_name, UserRow.email)
    rows = await db.execute(query.where(UserRow.id.in_(user_ids)))
    return {row[0]: f"{row[1]} {row[2]}".strip() or row[3] for row in rows}
