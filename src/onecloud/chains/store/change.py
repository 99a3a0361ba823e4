"""Everything that is written about chains, drafts and versions."""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, func, insert, or_, select, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.chains.codec import encode
from onecloud.chains.model import Definition
from onecloud.chains.store.rows import tags_text
from onecloud.chains.tables import ChainRow, ChainVersionRow
from onecloud.infra.db import database_time


async def add_chain(
    db: AsyncSession, environment_id: int, definition: Definition, *, by: int | None = None, disabled: bool = False
) -> int | None:
    """Write a chain with its draft; its new id, or None when the name is taken."""
    on_postgres = db.get_bind().dialect.name == "postgresql"
    row = (postgres_insert if on_postgres else sqlite_insert)(ChainRow).values(
        environment_id=environment_id,
        name=definition.name,
        disabled=disabled,
        draft=encode(definition),
        draft_updated_at=database_time(),
        draft_saved_by=by,
        draft_revision=1,
        draft_differs=True,
        published_version_id=None,
        created_at=database_time(),
        updated_at=database_time(),
        switched_at=database_time() if disabled else None,
        switched_by=by if disabled else None,
        **_shown(definition),
    )
    return await db.scalar(row.on_conflict_do_nothing().returning(ChainRow.id))


async def save_draft(
    db: AsyncSession, chain_id: int, definition: Definition, *, shown: bool, by: int | None = None
) -> None:
    """Overwrite the draft, whose row must be locked; its revision is one more.

    `shown` also takes its description, tags and switch over, as for a chain never published.
    """
    text = encode(definition)
    published = (
        select(ChainVersionRow.definition)
        .where(ChainVersionRow.id == ChainRow.published_version_id)
        .correlate(ChainRow)
        .scalar_subquery()
    )
    changes: dict[str, Any] = {
        "draft": text,
        "draft_updated_at": database_time(),
        "draft_saved_by": by,
        "draft_revision": ChainRow.draft_revision + 1,
        "draft_differs": or_(published.is_(None), published != bindparam("text", text)),
    }
    if shown:
        changes |= _shown(definition)
    await db.execute(
        update(ChainRow).where(ChainRow.id == chain_id).values(**changes, updated_at=database_time()),
        execution_options={"synchronize_session": False},
    )


async def add_version(
    db: AsyncSession, chain_id: int, definition: Definition, *, comment: str, published_by: int | None
) -> int:
    """Write the draft as the next version of the chain and make it the published one; the version's id.

    The chain's row must be locked (`draft_for_update`), or two publishes may take one number.
    """
    number = select(func.coalesce(func.max(ChainVersionRow.number), 0) + 1).where(ChainVersionRow.chain_id == chain_id)
    row = insert(ChainVersionRow).values(
        chain_id=chain_id,
        number=number.scalar_subquery(),
        definition=encode(definition),
        comment=comment,
        published_at=database_time(),
        published_by=published_by,
    )
    version_id = (await db.execute(row.returning(ChainVersionRow.id))).scalar_one()
    await _change(db, chain_id, published_version_id=version_id, draft_differs=False, **_shown(definition))
    return version_id


async def rename(db: AsyncSession, chain_id: int, name: str) -> bool:
    """Give the chain another name; False when a chain of the environment has it."""
    try:
        async with db.begin_nested():
            await _change(db, chain_id, name=name)
    except IntegrityError:
        return False
    return True


async def set_disabled(db: AsyncSession, chain_id: int, *, disabled: bool, by: int | None = None) -> None:
    """Switch the chain's execution off or on."""
    await _change(db, chain_id, disabled=disabled, switched_at=database_time(), switched_by=by)


async def mark_deleted(db: AsyncSession, chain_id: int, *, by: int | None) -> None:
    """Take the chain out of every list; its row and its versions stay for the history of its runs."""
    await _change(db, chain_id, deleted_at=database_time(), deleted_by=by, disabled=True)


async def _change(db: AsyncSession, chain_id: int, **values: Any) -> None:
    await db.execute(
        update(ChainRow).where(ChainRow.id == chain_id).values(**values, updated_at=database_time()),
        execution_options={"synchronize_session": False},
    )


def _shown(definition: Definition) -> dict[str, Any]:
    return {
        "description": definition.description,
        "allow_concurrent_runs": definition.allow_concurrent_runs,
        "tags": tags_text(definition.tags),
    }
