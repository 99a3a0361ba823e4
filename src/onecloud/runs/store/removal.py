"""Removing old runs: which ones there are, what belongs to them, and taking them away a few rows at a time.

A run that is to go is marked first (`removed_at`) and shown to nobody from then on; its rows go afterwards, and its
own row last. A server that dies in between leaves marked runs, which the next pass takes up.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final, TypeAlias, cast

from sqlalchemy import CursorResult, String, delete, func, select, tuple_, update
from sqlalchemy import cast as sql_cast
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from onecloud.infra.db import database_time
from onecloud.runs.records import Kin
from onecloud.runs.tables import ChainRunRow, DynamicValueRow, NodeResultRow, NodeRunRow, RunEventRow

AT_ONCE: Final = 500  # ids in one statement
_IN_FOLDER: Final = re.compile(r'"runs/(\d{1,19})/')
Place: TypeAlias = tuple[datetime, int]
"""Where a look along a chain's runs has come to: the moment and the number of a run."""


async def next_chain(db: AsyncSession, after: int) -> int | None:
    """The next chain that has runs, by id."""
    return await db.scalar(select(func.min(ChainRunRow.chain_id)).where(ChainRunRow.chain_id > after))


async def beyond_newest(db: AsyncSession, chain_id: int, number: int) -> int | None:
    """The newest run of the chain that is not among its newest `number`; None when there are not so many."""
    query = select(ChainRunRow.id).where(ChainRunRow.chain_id == chain_id)
    return await db.scalar(query.order_by(ChainRunRow.id.desc()).offset(number).limit(1))


async def older_than(
    db: AsyncSession, chain_id: int, before: datetime, behind: Place | None, limit: int
) -> list[tuple[Place, bool]]:
    """Runs of the chain that were created before a moment, newest first: where each is, and whether it is a first.

    That is: it has ended, and no other run that is still there started it.
    """
    place = (ChainRunRow.created_at, ChainRunRow.id)
    old = ChainRunRow.created_at < before if behind is None else tuple_(*place) < behind
    query = _first_of_family().where(ChainRunRow.chain_id == chain_id, old)
    return _places(await db.execute(query.order_by(*(column.desc() for column in place)).limit(limit)))


async def from_number(
    db: AsyncSession, chain_id: int, highest: int, behind: Place | None, limit: int
) -> list[tuple[Place, bool]]:
    """As `older_than`, for runs up to and with a number."""
    query = _first_of_family().where(ChainRunRow.chain_id == chain_id)
    query = query.where(ChainRunRow.id <= highest if behind is None else ChainRunRow.id < behind[1])
    return _places(await db.execute(query.order_by(ChainRunRow.id.desc()).limit(limit)))


def _first_of_family() -> Any:
    parent = aliased(ChainRunRow)
    has_parent = select(parent.id).where(parent.id == ChainRunRow.parent_run_id).exists()
    return select(
        ChainRunRow.created_at,
        ChainRunRow.id,
        ChainRunRow.ended_at.is_not(None) & ChainRunRow.removed_at.is_(None) & ~has_parent,
    )


def _places(rows: Any) -> list[tuple[Place, bool]]:
    return [((row[0], row[1]), bool(row[2])) for row in rows]


async def families(db: AsyncSession, first: Sequence[int], *, locked: bool) -> dict[int, list[Kin]]:
    """Each of these runs with all that it started, and that those started, and so on.

    `locked` keeps others from beginning a re-run of one of them until the transaction ends.
    """
    root = select(ChainRunRow.id.label("root"), ChainRunRow.id.label("id")).where(ChainRunRow.id.in_(first))
    tree = root.cte("tree", recursive=True)
    child = aliased(ChainRunRow)
    tree = tree.union_all(select(tree.c.root, child.id).join(tree, child.parent_run_id == tree.c.id))
    found: dict[int, list[Kin]] = {run_id: [] for run_id in first}
    roots = {row.id: row.root for row in await db.execute(select(tree.c.root, tree.c.id))}
    members = list(roots)
    for at in range(0, len(members), AT_ONCE):
        query = select(ChainRunRow.id, ChainRunRow.chain_id, ChainRunRow.ended_at)
        query = query.where(ChainRunRow.id.in_(members[at : at + AT_ONCE]))
        for row in await db.execute(query.with_for_update() if locked else query):
            found[roots[row.id]].append(Kin(*row))
    return found


async def taken_from(db: AsyncSession, run_ids: Collection[int]) -> list[tuple[int, int]]:
    """Which of these runs a re-run took results from: the run, and the re-run that is still there."""
    found: list[tuple[int, int]] = []
    asked = list(run_ids)
    for at in range(0, len(asked), AT_ONCE):
        query = select(ChainRunRow.rerun_of, ChainRunRow.id).where(
            ChainRunRow.rerun_of.in_(asked[at : at + AT_ONCE]), ChainRunRow.removed_at.is_(None)
        )
        found += [(row[0] or 0, row[1]) for row in await db.execute(query)]
    return found


async def in_dynamic_values(db: AsyncSession) -> set[int]:
    """Runs whose files a chain's dynamic variables refer to."""
    stored = sql_cast(DynamicValueRow.value, String)
    rows = await db.execute(select(stored).where(stored.like('%"runs/%')))
    return {int(number) for row in rows for number in _IN_FOLDER.findall(row[0])}


async def newest(db: AsyncSession) -> int | None:
    """The highest number of a run. That run must stay: SQLite would give its number to another one."""
    return await db.scalar(select(func.max(ChainRunRow.id)))


async def mark_removed(db: AsyncSession, run_ids: Sequence[int]) -> None:
    """From here on nobody is shown these runs."""
    for at in range(0, len(run_ids), AT_ONCE):
        query = update(ChainRunRow).where(ChainRunRow.id.in_(run_ids[at : at + AT_ONCE]))
        await db.execute(query.values(removed_at=database_time()))


async def marked(db: AsyncSession, limit: int) -> list[int]:
    """Runs that are marked and not yet gone, oldest first."""
    query = select(ChainRunRow.id).where(ChainRunRow.removed_at.is_not(None)).order_by(ChainRunRow.id).limit(limit)
    return list((await db.execute(query)).scalars())


async def remove_rows(db: AsyncSession, run_ids: Sequence[int], limit: int) -> tuple[int, int]:
    """Take away at most so many rows that belong to marked runs: how many, and how many of them were attempts."""
    left, attempts = limit, 0
    for table in (NodeResultRow, NodeRunRow, RunEventRow):
        some = select(table.id).where(table.run_id.in_(run_ids)).limit(left)
        done = cast(CursorResult[Any], await db.execute(delete(table).where(table.id.in_(some)))).rowcount
        attempts += done if table is NodeResultRow else 0
        left -= done
        if left <= 0:
            break
    return limit - left, attempts


async def remove_runs(db: AsyncSession, run_ids: Sequence[int]) -> int:
    """Take away the rows of marked runs to which nothing belongs any more."""
    query = delete(ChainRunRow).where(ChainRunRow.id.in_(run_ids), ChainRunRow.removed_at.is_not(None))
    return cast(CursorResult[Any], await db.execute(query)).rowcount


async def count_attempts(db: AsyncSession, run_ids: Sequence[int]) -> int:
    """How many attempts these runs have."""
    return await db.scalar(select(func.count()).where(NodeResultRow.run_id.in_(run_ids))) or 0
