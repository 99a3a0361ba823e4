"""Reading chains and drafts. A deleted chain is found by its id only, and only when it is asked for."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, String, and_, bindparam, cast, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.access import store as access
from onecloud.chains.model import Chain, Draft, Person, Version
from onecloud.chains.store.rows import CHAIN, DRAFT, VERSION, chain_of, draft_of, pair_of, version_of
from onecloud.chains.tables import ChainRow, ChainVersionRow
from onecloud.infra.db import plain
from onecloud.kernel.principal import Principal
from onecloud.workspaces import store as workspaces

PUBLISHED: Final = and_(ChainVersionRow.id == ChainRow.published_version_id, ChainVersionRow.chain_id == ChainRow.id)
LIVE: Final = ChainRow.deleted_at.is_(None)

_PLACE: Final = workspaces.environments().subquery("readable_place")
_ANY_CHAIN_BY_ID: Final = select(*CHAIN).where(ChainRow.id == bindparam("id"))
_CHAIN_BY_ID: Final = _ANY_CHAIN_BY_ID.where(LIVE)
_CHAINS_OF: Final = (
    select(*CHAIN).where(ChainRow.environment_id == bindparam("environment_id"), LIVE).order_by(ChainRow.id)
)
_VERSION_BY_ID: Final = select(*VERSION).where(ChainVersionRow.id == bindparam("id"))
_WITH_PUBLISHED: Final = select(*CHAIN, *VERSION).outerjoin(ChainVersionRow, PUBLISHED).where(LIVE)
_WITH_PUBLISHED_BY_ID: Final = _WITH_PUBLISHED.where(ChainRow.id == bindparam("id"))


async def chain(db: AsyncSession, chain_id: int, *, deleted: bool = False) -> Chain | None:
    """The chain of that id; with `deleted` also when it was deleted."""
    row = (await plain(db, _ANY_CHAIN_BY_ID if deleted else _CHAIN_BY_ID, {"id": chain_id})).one_or_none()
    return chain_of(row) if row else None


async def chain_named(db: AsyncSession, environment_id: int, name: str) -> Chain | None:
    """The chain of that name in the environment."""
    query = select(*CHAIN).where(ChainRow.environment_id == environment_id, ChainRow.name == name, LIVE)
    row = (await db.execute(query)).one_or_none()
    return chain_of(row) if row else None


async def names(db: AsyncSession, environment_id: int) -> list[str]:
    """The names of the environment's chains."""
    return list(await db.scalars(select(ChainRow.name).where(ChainRow.environment_id == environment_id, LIVE)))


async def chain_with_published(db: AsyncSession, chain_id: int) -> tuple[Chain, Version | None] | None:
    """The chain of that id and its published version."""
    row = (await plain(db, _WITH_PUBLISHED_BY_ID, {"id": chain_id})).one_or_none()
    return pair_of(row) if row else None


def _readable(query: Select[*tuple[Any, ...]], caller: Principal | None) -> Select[*tuple[Any, ...]]:
    """The query narrowed to chains that the caller may read; itself for who may read all."""
    condition = access.readable_chains(
        caller, workspace_id=_PLACE.c.workspace_id, environment_id=_PLACE.c.id, chain_id=ChainRow.id
    )
    if condition is None:
        return query
    return query.join(_PLACE, _PLACE.c.id == ChainRow.environment_id).where(condition)


async def chains_with_published(
    db: AsyncSession,
    caller: Principal | None,
    environment_id: int,
    after: int | None,
    limit: int | None,
    *,
    tag: str | None = None,
    search: str | None = None,
) -> list[tuple[Chain, Version | None]]:
    """The environment's chains that the caller may read, by id, those after the row `after`.

    With that tag, with that text in name or tags.
    """
    query = _WITH_PUBLISHED.where(ChainRow.environment_id == environment_id).order_by(ChainRow.id).limit(limit)
    query = _readable(query, caller)
    if after is not None:
        query = query.where(ChainRow.id > after)
    if tag is not None:
        query = query.where(_contains(ChainRow.tags, f"\n{tag}\n"))
    if search is not None:
        query = query.where(or_(_contains(ChainRow.name, search), _contains(ChainRow.tags, search)))
    return [pair_of(row) for row in await db.execute(query)]


async def chains_of(db: AsyncSession, caller: Principal | None, environment_id: int) -> list[Chain]:
    """The environment's chains that the caller may read, by id, without what is in them."""
    rows = await plain(db, _readable(_CHAINS_OF, caller), {"environment_id": environment_id})
    return [chain_of(row) for row in rows]


async def search(
    db: AsyncSession,
    caller: Principal | None,
    *,
    workspace_id: int | None,
    external_workspace_id: str | None,
    environment_id: int | None,
    name: str | None,
    concurrency: bool | None,
) -> list[tuple[Chain, Version | None]]:
    """Chains by id that the caller may read and that fit every condition given; `name` is contained in any case."""
    environment = workspaces.environments().subquery("environment_place")
    workspace = workspaces.workspaces().subquery("workspace_place")
    query = _WITH_PUBLISHED.join(environment, environment.c.id == ChainRow.environment_id).order_by(ChainRow.id)
    query = _readable(query, caller)
    if workspace_id is not None:
        query = query.where(environment.c.workspace_id == workspace_id)
    if external_workspace_id is not None:
        query = query.join(workspace, workspace.c.id == environment.c.workspace_id)
        query = query.where(workspace.c.external_id == external_workspace_id)
    if environment_id is not None:
        query = query.where(ChainRow.environment_id == environment_id)
    if name is not None:
        query = query.where(_contains(ChainRow.name, name))
    if concurrency is not None:
        query = query.where(ChainRow.allow_concurrent_runs == concurrency)
    return [pair_of(row) for row in await db.execute(query)]


def _contains(column: ColumnElement[str] | Any, text: str) -> ColumnElement[bool]:
    """Whether the text is in the column, whatever its case.

    SQLite lowers ASCII letters only; the second arm finds the others as they are written.
    """
    return or_(func.lower(column).contains(text.lower(), autoescape=True), column.contains(text, autoescape=True))


async def count_by_environment(db: AsyncSession, environment_ids: Sequence[int]) -> dict[int, int]:
    """How many chains each environment has."""
    query = (
        select(ChainRow.environment_id, func.count())
        .where(ChainRow.environment_id.in_(environment_ids), LIVE)
        .group_by(ChainRow.environment_id)
    )
    counted: dict[int, int] = {row[0]: row[1] for row in await db.execute(query)}
    return {environment_id: counted.get(environment_id, 0) for environment_id in environment_ids}


async def tagged(db: AsyncSession, caller: Principal | None, environment_id: int) -> list[Chain]:
    """The environment's chains that the caller may read and that have tags."""
    query = select(*CHAIN).where(ChainRow.environment_id == environment_id, LIVE, ChainRow.tags != "")
    return [chain_of(row) for row in await db.execute(_readable(query, caller))]


async def version(db: AsyncSession, version_id: int) -> Version | None:
    """The version of that id."""
    row = (await db.execute(_VERSION_BY_ID, {"id": version_id})).one_or_none()
    return version_of(row) if row else None


async def draft_for_update(db: AsyncSession, chain_id: int) -> Draft | None:
    """The chain's draft; its row stays locked to the end of the transaction."""
    row = (await db.execute(_drafts().where(ChainRow.id == chain_id).with_for_update())).one_or_none()
    return draft_of(row) if row else None


async def hold(db: AsyncSession, chain_id: int) -> bool:
    """Keep the chain from being deleted until the transaction ends; False when it is gone already.

    Several may hold it at once. SQLite has one writer: what it has read just now stays true.
    """
    if db.get_bind().dialect.name == "sqlite":
        return True
    query = select(ChainRow.id).where(ChainRow.id == chain_id, LIVE).with_for_update(read=True)
    return await db.scalar(query) is not None


async def draft(db: AsyncSession, chain_id: int) -> Draft | None:
    """The chain's draft."""
    row = (await db.execute(_drafts().where(ChainRow.id == chain_id))).one_or_none()
    return draft_of(row) if row else None


def _drafts() -> Select[*tuple[Any, ...]]:
    return select(*CHAIN, *DRAFT).where(LIVE)


async def published_holding(db: AsyncSession, environment_id: int, text: str) -> list[tuple[Chain, Version]]:
    """The environment's chains whose published version has the text somewhere in its stored form."""
    query = _WITH_PUBLISHED.where(
        ChainRow.environment_id == environment_id, ChainVersionRow.definition.contains(text, autoescape=True)
    )
    pairs = [pair_of(row) for row in await db.execute(query.order_by(ChainRow.id))]
    return [(found, version) for found, version in pairs if version is not None]


async def people(db: AsyncSession, user_ids: Collection[int | None]) -> dict[int, Person]:
    """Who these people are, by their ids; the name is the email of those who gave none."""
    wanted = {user_id for user_id in user_ids if user_id is not None}
    if not wanted:
        return {}
    table = access.people()
    rows = await db.execute(
        select(table.c.user_id, table.c.first_name, table.c.last_name, cast(table.c.email, String)).where(
            table.c.user_id.in_(wanted)
        )
    )
    return {row[0]: Person(row[0], f"{row[1]} {row[2]}".strip() or row[3]) for row in rows}


async def names_of(db: AsyncSession, chain_ids: Collection[int]) -> dict[int, str]:
    """The names of these chains, of those that there are."""
    rows = await db.execute(select(ChainRow.id, ChainRow.name).where(ChainRow.id.in_(chain_ids)))
    return {row[0]: row[1] for row in rows}


async def environments_of(db: AsyncSession, chain_ids: Collection[int]) -> dict[int, int]:
    """The environment that each of these chains is in, of those that there are."""
    rows = await db.execute(select(ChainRow.id, ChainRow.environment_id).where(ChainRow.id.in_(chain_ids)))
    return {row[0]: row[1] for row in rows}
