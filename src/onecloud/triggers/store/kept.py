"""Triggers: found, kept, switched and removed."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, cast

from sqlalchemy import CursorResult, case, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.infra.db import database_time
from onecloud.kernel.jsonvalue import dump
from onecloud.triggers.model import Switched, Trigger, TriggerDocument, completed_of
from onecloud.triggers.tables import TriggerRow


def trigger_of(row: TriggerRow) -> Trigger:
    """A row as a value."""
    switched = None
    if row.switched_at is not None:
        switched = Switched(row.switched_at, row.switched_by, row.switched_by_name)
    return Trigger(
        id=row.id,
        chain_id=row.chain_id,
        environment_id=row.environment_id,
        document=TriggerDocument.model_validate_json(row.document),
        enabled=row.enabled,
        switched=switched,
        revision=row.revision,
        created_at=row.created_at,
        updated_at=row.updated_at,
        signing_sealed=row.signing_sealed,
        looked_at=row.looked_at,
        trouble=row.trouble,
    )


def _columns(document: TriggerDocument) -> dict[str, Any]:
    completed = completed_of(document)
    return {
        "name": document.name,
        "kind": document.source.kind,
        "document": dump(document.model_dump(mode="json")),
        "source_chain_id": None if completed is None else int(completed.chain_id),
    }


async def trigger(db: AsyncSession, trigger_id: int, *, lock: bool = False) -> Trigger | None:
    """The trigger of that id; with `lock` held until the transaction ends."""
    query = select(TriggerRow).where(TriggerRow.id == trigger_id)
    row = await db.scalar(query.with_for_update() if lock else query, execution_options={"populate_existing": True})
    return None if row is None else trigger_of(row)


async def by_address(db: AsyncSession, hashes: Collection[str]) -> Trigger | None:
    """The webhook whose secret address has one of these hashes."""
    row = await db.scalar(select(TriggerRow).where(TriggerRow.address_hash.in_(hashes)))
    return None if row is None else trigger_of(row)


async def triggers_of(db: AsyncSession, chain_id: int) -> list[Trigger]:
    """The triggers of a chain, oldest first."""
    rows = await db.scalars(select(TriggerRow).where(TriggerRow.chain_id == chain_id).order_by(TriggerRow.id))
    return [trigger_of(row) for row in rows]


async def count_of(db: AsyncSession, chain_id: int) -> int:
    """How many triggers the chain has."""
    return await db.scalar(select(func.count()).select_from(TriggerRow).where(TriggerRow.chain_id == chain_id)) or 0


async def add(
    db: AsyncSession,
    chain_id: int,
    environment_id: int,
    document: TriggerDocument,
    *,
    enabled: bool,
    address_hash: str | None,
    signing_sealed: str | None,
) -> int:
    """Keep a trigger; gives its id.

    Raises: sqlalchemy.exc.IntegrityError when the chain has one of that name.
    """
    query = insert(TriggerRow).values(
        **_columns(document),
        chain_id=chain_id,
        environment_id=environment_id,
        enabled=enabled,
        switched_by_name="",
        look_at=database_time() if enabled and document.source.kind == "file" else None,
        trouble="",
        address_hash=address_hash,
        signing_sealed=signing_sealed,
        revision=1,
        created_at=database_time(),
        updated_at=database_time(),
    )
    return (await db.execute(query.returning(TriggerRow.id))).scalar_one()


async def change(db: AsyncSession, trigger_id: int, document: TriggerDocument, signing_sealed: str | None) -> None:
    """Overwrite what a trigger says; its revision is one more.

    Raises: sqlalchemy.exc.IntegrityError when the chain has another of that name.
    """
    query = update(TriggerRow).where(TriggerRow.id == trigger_id)
    await db.execute(
        query.values(
            **_columns(document),
            signing_sealed=signing_sealed,
            revision=TriggerRow.revision + 1,
            updated_at=database_time(),
        )
    )


async def switch(db: AsyncSession, trigger_id: int, *, enabled: bool, by: int | None, by_name: str) -> bool:
    """Let a trigger fire, or not; False when it was so already."""
    query = update(TriggerRow).where(TriggerRow.id == trigger_id, TriggerRow.enabled.is_not(enabled))
    look_at = case((TriggerRow.kind == "file", database_time()), else_=None) if enabled else None
    query = query.values(
        enabled=enabled, look_at=look_at, switched_at=database_time(), switched_by=by, switched_by_name=by_name
    ).execution_options(synchronize_session=False)
    return cast(CursorResult[Any], await db.execute(query)).rowcount == 1


async def set_secrets(db: AsyncSession, trigger_id: int, **secrets: str) -> None:
    """Replace `address_hash` or `signing_sealed`."""
    await db.execute(update(TriggerRow).where(TriggerRow.id == trigger_id).values(**secrets))


async def remove(db: AsyncSession, trigger_id: int) -> None:
    """Forget a trigger with its fires."""
    await db.execute(delete(TriggerRow).where(TriggerRow.id == trigger_id))


async def chains_with_triggers(db: AsyncSession) -> list[int]:
    """The chains that have triggers."""
    return list(await db.scalars(select(TriggerRow.chain_id).distinct()))


async def remove_of_chains(db: AsyncSession, chain_ids: Collection[int]) -> None:
    """Forget the triggers of chains that are gone."""
    await db.execute(delete(TriggerRow).where(TriggerRow.chain_id.in_(chain_ids)))


async def waiting_for(db: AsyncSession, chain_ids: Collection[int]) -> list[Trigger]:
    """The enabled triggers that wait for runs of these chains, in the order in which starts of chains lock."""
    query = select(TriggerRow).where(TriggerRow.source_chain_id.in_(chain_ids), TriggerRow.enabled.is_(True))
    return [trigger_of(row) for row in await db.scalars(query.order_by(TriggerRow.chain_id, TriggerRow.id))]


async def edges(db: AsyncSession, *, without: int | None) -> list[tuple[int, int]]:
    """Which chain's runs start which chain's by triggers, disabled ones too, all but one trigger's."""
    query = select(TriggerRow.source_chain_id, TriggerRow.chain_id).where(TriggerRow.source_chain_id.is_not(None))
    if without is not None:
        query = query.where(TriggerRow.id != without)
    return [(source, target) for source, target in await db.execute(query) if source is not None]
