"""Every query of the retention's own tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, Final, cast

from sqlalchemy import CursorResult, delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.infra.db import database_now
from onecloud.kernel.jsonvalue import JsonObject
from onecloud.retention.model import By, Held, Pass, PassState, Policy, Removed
from onecloud.retention.tables import BlobRemovalRow, RetentionLeaseRow, RetentionPassRow, RetentionPolicyRow

PASSES_KEPT: Final = 100
_ONE: Final = 1  # the lease's only row


async def held(db: AsyncSession, company_id: int) -> Held:
    """The policy of a company, and who changed it last."""
    row = await db.get(RetentionPolicyRow, company_id)
    if row is None:
        return Held(Policy(), None, "")
    policy = Policy(
        run_days=row.run_days,
        runs_per_chain=row.runs_per_chain,
        activity_days=row.activity_days,
        activity_most=row.activity_most,
        login_days=row.login_days,
        login_most=row.login_most,
    )
    return Held(policy, row.changed_at, row.changed_by_name)


async def save(db: AsyncSession, company_id: int, policy: Policy, by: int | None, by_name: str) -> None:
    """Put a policy in force."""
    values: dict[str, Any] = {
        **asdict(policy),
        "changed_at": await database_now(db),
        "changed_by": by,
        "changed_by_name": by_name,
    }
    query = _upsert(db)(RetentionPolicyRow).values(company_id=company_id, **values)
    await db.execute(query.on_conflict_do_update(index_elements=["company_id"], set_=values))


def _upsert(db: AsyncSession) -> Any:
    return postgres_insert if db.get_bind().dialect.name == "postgresql" else sqlite_insert


async def take_lease(db: AsyncSession, holder: str, length: timedelta) -> bool:
    """Have the lease from now on, newly or still; False when another server or command has it."""
    now = await database_now(db)
    row = {"holder": holder, "until": now + length}
    query = update(RetentionLeaseRow).where(
        RetentionLeaseRow.id == _ONE, (RetentionLeaseRow.holder == holder) | (RetentionLeaseRow.until < now)
    )
    if cast(CursorResult[Any], await db.execute(query.values(**row))).rowcount == 1:
        return True
    first = _upsert(db)(RetentionLeaseRow).values(id=_ONE, **row).on_conflict_do_nothing()
    # By what comes back: not every driver counts the rows of such an insert.
    return await db.scalar(first.returning(RetentionLeaseRow.id)) is not None


async def give_lease_back(db: AsyncSession, holder: str) -> None:
    """Let another have the lease at once."""
    await db.execute(delete(RetentionLeaseRow).where(RetentionLeaseRow.holder == holder))


async def begin_pass(db: AsyncSession, by: By) -> int:
    """Write that a pass has begun; gives its number. One that was killed is closed, the oldest ones are forgotten."""
    now = await database_now(db)
    await db.execute(
        update(RetentionPassRow)
        .where(RetentionPassRow.state == "running")
        .values(state="interrupted", ended_at=now, why="The server or command ended in the middle.")
    )
    values: dict[str, Any] = {"by": by, "state": "running", "why": "", "removed": _counts(Removed()), "started_at": now}
    number = (await db.execute(insert(RetentionPassRow).values(**values).returning(RetentionPassRow.id))).scalar_one()
    await db.execute(delete(RetentionPassRow).where(RetentionPassRow.id <= number - PASSES_KEPT))
    return number


def _counts(removed: Removed) -> JsonObject:
    return cast(JsonObject, asdict(removed))


async def progress(db: AsyncSession, number: int, removed: Removed) -> None:
    """Write what a pass has removed so far."""
    await db.execute(update(RetentionPassRow).where(RetentionPassRow.id == number).values(removed=_counts(removed)))


async def end_pass(db: AsyncSession, number: int, state: PassState, why: str, removed: Removed) -> None:
    """Write how a pass ended."""
    values: dict[str, Any] = {"state": state, "why": why, "removed": _counts(removed)}
    await db.execute(
        update(RetentionPassRow).where(RetentionPassRow.id == number).values(ended_at=await database_now(db), **values)
    )


async def last_pass(db: AsyncSession) -> Pass | None:
    """The newest pass."""
    row = (await db.execute(select(RetentionPassRow).order_by(RetentionPassRow.id.desc()).limit(1))).scalars().first()
    if row is None:
        return None
    removed = Removed(**cast(dict[str, int], row.removed))
    by, state = cast(By, row.by), cast(PassState, row.state)
    return Pass(row.id, by, state, row.started_at, row.ended_at, row.why, removed)


async def leave_for_removal(db: AsyncSession, folders: Sequence[str]) -> None:
    """Note folders of the file store whose rows go in this transaction."""
    await db.execute(insert(BlobRemovalRow), [{"folder": folder} for folder in folders])


async def to_remove(db: AsyncSession, after: int, limit: int) -> list[tuple[int, str]]:
    """Folders that are still to be removed, those with a number above `after`: number and folder."""
    query = select(BlobRemovalRow.id, BlobRemovalRow.folder).where(BlobRemovalRow.id > after)
    return [(row[0], row[1]) for row in await db.execute(query.order_by(BlobRemovalRow.id).limit(limit))]


async def are_removed(db: AsyncSession, numbers: Sequence[int]) -> None:
    """Forget folders that are gone from the disk."""
    await db.execute(delete(BlobRemovalRow).where(BlobRemovalRow.id.in_(numbers)))


async def last_ended_at(db: AsyncSession) -> datetime | None:
    """When a pass last came to its end; None: never."""
    query = select(RetentionPassRow.ended_at).where(RetentionPassRow.state == "done")
    return await db.scalar(query.order_by(RetentionPassRow.id.desc()).limit(1))
