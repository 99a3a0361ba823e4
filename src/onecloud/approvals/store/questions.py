"""Queries that approvals and uploads share: both are questions that an attempt of a run asks, and wait for people."""

from __future__ import annotations

from datetime import datetime
from typing import TypeAlias, TypeVar

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.access.permissions import is_free
from onecloud.access.store.permissions import readable_chains
from onecloud.approvals.model import Ask
from onecloud.approvals.tables import ApprovalRow, UploadRow
from onecloud.kernel.principal import Principal

Table: TypeAlias = type[ApprovalRow] | type[UploadRow]
Row = TypeVar("Row", ApprovalRow, UploadRow)


def of_ask(table: type[Row], ask: Ask) -> Select[Row]:
    """The question of this attempt."""
    return select(table).where(
        table.run_id == ask.run_id, table.key == ask.key, table.place == ask.place, table.attempt == ask.attempt
    )


def open_of_run(table: type[Row], run_id: int, *, lock: bool) -> Select[Row]:
    """The questions that a run waits for; locked, unless somebody only looks."""
    query = select(table).where(table.run_id == run_id, table.state == "open").order_by(table.id)
    return query.with_for_update() if lock else query


async def due_ids(db: AsyncSession, table: Table, now: datetime, limit: int) -> list[int]:
    """Numbers of questions that time alone changes by now, the longest due first."""
    return list(await db.scalars(select(table.id).where(table.due_at <= now).order_by(table.due_at).limit(limit)))


def newest(
    table: type[Row],
    *,
    state: str | None,
    before: int | None,
    limit: int,
    seen_by: Principal | None,
    own: ColumnElement[bool] | None,
) -> Select[Row]:
    """Questions, newest first, with numbers below `before`.

    `seen_by`: only those that this person takes part in (`own`), or whose chain they may read.
    """
    query = select(table).order_by(table.id.desc()).limit(limit)
    if state is not None:
        query = query.where(table.state == state)
    if before is not None:
        query = query.where(table.id < before)
    if seen_by is not None and own is not None and not is_free(seen_by):
        query = query.where(or_(*_readable(table, seen_by), own))
    return query


def _readable(table: Table, caller: Principal) -> list[ColumnElement[bool]]:
    """The condition that the caller may read the chain; none when no group gives them anything."""
    readable = readable_chains(
        caller, workspace_id=table.workspace_id, environment_id=table.environment_id, chain_id=table.chain_id
    )
    return [] if readable is None or not caller.grants else [readable]
