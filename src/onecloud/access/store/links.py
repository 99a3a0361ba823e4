"""Queries of one-time links: made, looked at, spent by exactly one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.access.model import LinkKind
from onecloud.access.tables import LinkRow
from onecloud.infra.db import database_now, database_time


async def add_link(
    db: AsyncSession, *, kind: LinkKind, user_id: int | None, token_hash: str, life: timedelta
) -> datetime:
    """Store a link and give the moment it expires at; links that are spent or expired are deleted on the way."""
    now = await database_now(db)
    await db.execute(delete(LinkRow).where(or_(LinkRow.expires_at <= now, LinkRow.used_at.is_not(None))))
    await db.execute(
        insert(LinkRow).values(kind=kind, user_id=user_id, token_hash=token_hash, created_at=now, expires_at=now + life)
    )
    return now + life


async def is_live(db: AsyncSession, kind: LinkKind, token_hashes: Sequence[str]) -> bool:
    """Whether a link could be spent now; asked before costly work, and again by `spend`."""
    found = await db.scalar(
        select(LinkRow.id).where(
            LinkRow.kind == kind,
            LinkRow.token_hash.in_(token_hashes),
            LinkRow.used_at.is_(None),
            LinkRow.expires_at > database_time(),
        )
    )
    return found is not None


async def owner_of(db: AsyncSession, kind: LinkKind, token_hashes: Sequence[str]) -> int | None:
    """Whose live link this is; nothing is spent."""
    return await db.scalar(
        select(LinkRow.user_id).where(
            LinkRow.kind == kind,
            LinkRow.token_hash.in_(token_hashes),
            LinkRow.used_at.is_(None),
            LinkRow.expires_at > database_time(),
        )
    )


async def spend(db: AsyncSession, kind: LinkKind, token_hashes: Sequence[str]) -> tuple[bool, int | None]:
    """Spend a link: (True, whose it is) for the one caller who was first, (False, None) for everybody else."""
    spent = (
        await db.execute(
            update(LinkRow)
            .where(
                LinkRow.kind == kind,
                LinkRow.token_hash.in_(token_hashes),
                LinkRow.used_at.is_(None),
                LinkRow.expires_at > database_time(),
            )
            .values(used_at=database_time())
            .returning(LinkRow.user_id)
        )
    ).first()
    return (spent is not None, spent[0] if spent else None)


async def delete_links(db: AsyncSession, kind: LinkKind, user_id: int | None = None) -> None:
    """Delete the links of a kind, of one person or (the setup link) of nobody."""
    owner = LinkRow.user_id.is_(None) if user_id is None else LinkRow.user_id == user_id
    await db.execute(delete(LinkRow).where(LinkRow.kind == kind, owner))
