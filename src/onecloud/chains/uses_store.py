"""The chains of a workspace whose draft or published version may refer to a file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Row, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.chains.codec import decode
from onecloud.chains.model import Definition
from onecloud.chains.tables import ChainRow, ChainVersionRow
from onecloud.workspaces import store as workspaces

# Every reference to a file has the first word, every schedule with a calendar the second; most chains have neither.
_MARKS: Final = ("%resource%", '%"calendar":%')


@dataclass(frozen=True, slots=True)
class Candidate:
    """A chain with its place and both of its contents; `published` is None when it has none."""

    chain_id: int
    name: str
    environment_id: int
    environment_name: str
    draft: Definition
    published: Definition | None


async def candidates(db: AsyncSession, workspace_id: int) -> Iterator[Candidate]:
    """The workspace's chains, by id, that have one of the words somewhere."""
    environment = workspaces.environments().subquery("environment_place")
    published = and_(ChainVersionRow.id == ChainRow.published_version_id, ChainVersionRow.chain_id == ChainRow.id)
    query = (
        select(
            ChainRow.id,
            ChainRow.name,
            environment.c.id,
            environment.c.name,
            ChainRow.draft,
            ChainVersionRow.definition,
        )
        .join(environment, environment.c.id == ChainRow.environment_id)
        .outerjoin(ChainVersionRow, published)
        .where(environment.c.workspace_id == workspace_id, ChainRow.deleted_at.is_(None))
        .where(or_(*(text.like(mark) for text in (ChainRow.draft, ChainVersionRow.definition) for mark in _MARKS)))
        .order_by(ChainRow.id)
    )
    rows = (await db.execute(query)).all()
    return (_candidate(row) for row in rows)


def _candidate(row: Row[*tuple[Any, ...]]) -> Candidate:
    chain_id, name, environment_id, environment_name, draft, published = row
    both = decode(draft), None if published is None else decode(published)
    return Candidate(chain_id, name, environment_id, environment_name, *both)
