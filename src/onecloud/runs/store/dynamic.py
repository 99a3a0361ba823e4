"""Dynamic variables: what the runs of a chain leave to the next one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.kernel.jsonvalue import Json
from onecloud.runs.records import RunRecord
from onecloud.runs.tables import DynamicValueRow


async def dynamic_values(db: AsyncSession, chain_id: int) -> dict[str, dict[str, Json]]:
    """What is stored of a chain's dynamic variables, `{"plain": …}` or `{"sealed": …}` by name."""
    query = select(DynamicValueRow).where(DynamicValueRow.chain_id == chain_id)
    return {row.name: row.value for row in (await db.execute(query)).scalars()}


async def set_dynamic(db: AsyncSession, run: RunRecord, values: Mapping[str, Json], now: datetime) -> None:
    """Store new values; of two runs at the same time the later one wins."""
    insert = postgres_insert if db.get_bind().dialect.name == "postgresql" else sqlite_insert
    for name, value in values.items():
        row: dict[str, Any] = {"value": value, "run_id": run.id, "updated_at": now}
        query = insert(DynamicValueRow).values(chain_id=run.chain_id, name=name, **row)
        await db.execute(query.on_conflict_do_update(index_elements=["chain_id", "name"], set_=row))
