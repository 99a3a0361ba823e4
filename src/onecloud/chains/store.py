"""Every query of chains, drafts and versions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Row, Select, and_, bindparam, func, insert, or_, select, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.access.store import readable_chains
from onecloud.chains.codec import decode, encode
from onecloud.chains.model import Chain, Definition, Draft, Version
from onecloud.chains.tables import ChainRow, ChainVersionRow
from onecloud.infra.db import database_time
from onecloud.kernel.principal import Principal
from onecloud.workspaces import store as workspaces

# The columns stand in the order of the value's fields, so that a row's slice makes the value.
CHAIN: Final[tuple[Any, ...]] = (
    ChainRow.id,
    ChainRow.environment_id,
    ChainRow.name,
    ChainRow.description,
    ChainRow.disabled,
    ChainRow.allow_concurrent_runs,
    ChainRow.published_version_id,
    ChainRow.created_at,
    ChainRow.updated_at,
)
VERSION: Final[tuple[Any, ...]] = (
    ChainVersionRow.id,
    ChainVersionRow.chain_id,
    ChainVersionRow.number,
    ChainVersionRow.definition,
    ChainVersionRow.comment,
    ChainVersionRow.published_at,
    ChainVersionRow.published_by,
)
PUBLISHED: Final = and_(ChainVersionRow.id == ChainRow.published_version_id, ChainVersionRow.chain_id == ChainRow.id)

_PLACE: Final = workspaces.environments().subquery("readable_place")
_CHAIN_BY_ID: Final = select(*CHAIN).where(ChainRow.id == bindparam("id"))
_CHAINS_OF: Final = select(*CHAIN).where(ChainRow.environment_id == bindparam("environment_id")).order_by(ChainRow.id)
_VERSION_BY_ID: Final = select(*VERSION).where(ChainVersionRow.id == bindparam("id"))
_WITH_PUBLISHED: Final = select(*CHAIN, *VERSION).outerjoin(ChainVersionRow, PUBLISHED)
_WITH_PUBLISHED_BY_ID: Final = _WITH_PUBLISHED.where(ChainRow.id == bindparam("id"))


def _version(columns: Sequence[Any]) -> Version:
    version_id, chain_id, number, definition, comment, published_at, published_by = columns
    return Version(version_id, chain_id, number, decode(definition), comment, published_at, published_by)


def _pair(row: Row[*tuple[Any, ...]]) -> tuple[Chain, Version | None]:
    columns = row[len(CHAIN) :]
    return Chain(*row[: len(CHAIN)]), _version(columns) if columns[0] is not None else None


async def chain(db: AsyncSession, chain_id: int) -> Chain | None:
    """The chain of that id."""
    row = (await db.execute(_CHAIN_BY_ID, {"id": chain_id})).one_or_none()
    return Chain(*row) if row else None


async def chain_named(db: AsyncSession, environment_id: int, name: str) -> Chain | None:
    """The chain of that name in the environment."""
    query = select(*CHAIN).where(ChainRow.environment_id == environment_id, ChainRow.name == name)
    row = (await db.execute(query)).one_or_none()
    return Chain(*row) if row else None


async def names(db: AsyncSession, environment_id: int) -> list[str]:
    """The names of the environment's chains."""
    return list(await db.scalars(select(ChainRow.name).where(ChainRow.environment_id == environment_id)))


async def chain_with_published(db: AsyncSession, chain_id: int) -> tuple[Chain, Version | None] | None:
    """The chain of that id and its published version."""
    row = (await db.execute(_WITH_PUBLISHED_BY_ID, {"id": chain_id})).one_or_none()
    return _pair(row) if row else None


def _readable(query: Select[*tuple[Any, ...]], caller: Principal | None) -> Select[*tuple[Any, ...]]:
    """The query narrowed to chains that the caller may read; itself for who may read all."""
    condition = readable_chains(
        caller, workspace_id=_PLACE.c.workspace_id, environment_id=_PLACE.c.id, chain_id=ChainRow.id
    )
    if condition is None:
        return query
    return query.join(_PLACE, _PLACE.c.id == ChainRow.environment_id).where(condition)


async def chains_with_published(
    db: AsyncSession, caller: Principal | None, environment_id: int, after: int | None, limit: int | None
) -> list[tuple[Chain, Version | None]]:
    """The environment's chains that the caller may read, by id, those after the row `after`."""
    query = _WITH_PUBLISHED.where(ChainRow.environment_id == environment_id).order_by(ChainRow.id).limit(limit)
    query = _readable(query, caller)
    if after is not None:
        query = query.where(ChainRow.id > after)
    return [_pair(row) for row in await db.execute(query)]


async def chains_of(db: AsyncSession, caller: Principal | None, environment_id: int) -> list[Chain]:
    """The environment's chains that the caller may read, by id, without what is in them."""
    rows = await db.execute(_readable(_CHAINS_OF, caller), {"environment_id": environment_id})
    return [Chain(*row) for row in rows]


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
        # SQLite lowers ASCII letters only; the second arm finds the others as they are written.
        folded = func.lower(ChainRow.name).contains(name.lower(), autoescape=True)
        query = query.where(or_(folded, ChainRow.name.contains(name, autoescape=True)))
    if concurrency is not None:
        query = query.where(ChainRow.allow_concurrent_runs == concurrency)
    return [_pair(row) for row in await db.execute(query)]


async def count_by_environment(db: AsyncSession, environment_ids: Sequence[int]) -> dict[int, int]:
    """How many chains each environment has."""
    query = (
        select(ChainRow.environment_id, func.count())
        .where(ChainRow.environment_id.in_(environment_ids))
        .group_by(ChainRow.environment_id)
    )
    counted: dict[int, int] = {row[0]: row[1] for row in await db.execute(query)}
    return {environment_id: counted.get(environment_id, 0) for environment_id in environment_ids}


async def version(db: AsyncSession, version_id: int) -> Version | None:
    """The version of that id."""
    row = (await db.execute(_VERSION_BY_ID, {"id": version_id})).one_or_none()
    return _version(row) if row else None


async def draft_for_update(db: AsyncSession, chain_id: int) -> Draft | None:
    """The chain's draft; its row stays locked to the end of the transaction."""
    query = select(*CHAIN, ChainRow.draft, ChainRow.draft_updated_at).where(ChainRow.id == chain_id)
    row = (await db.execute(query.with_for_update())).one_or_none()
    return _draft(row) if row else None


async def draft(db: AsyncSession, chain_id: int) -> Draft | None:
    """The chain's draft."""
    query = select(*CHAIN, ChainRow.draft, ChainRow.draft_updated_at).where(ChainRow.id == chain_id)
    row = (await db.execute(query)).one_or_none()
    return _draft(row) if row else None


def _draft(row: Row[*tuple[Any, ...]]) -> Draft:
    return Draft(Chain(*row[: len(CHAIN)]), decode(row[-2]), row[-1])


async def add_chain(db: AsyncSession, environment_id: int, definition: Definition) -> int | None:
    """Write a chain with its draft; its new id, or None when another process has just taken the name."""
    on_postgres = db.get_bind().dialect.name == "postgresql"
    row = (postgres_insert if on_postgres else sqlite_insert)(ChainRow).values(
        environment_id=environment_id,
        name=definition.name,
        description=definition.description,
        disabled=False,
        allow_concurrent_runs=definition.allow_concurrent_runs,
        draft=encode(definition),
        draft_updated_at=database_time(),
        published_version_id=None,
        created_at=database_time(),
        updated_at=database_time(),
    )
    return await db.scalar(row.on_conflict_do_nothing().returning(ChainRow.id))


async def save_draft(db: AsyncSession, chain_id: int, definition: Definition, *, shown: bool) -> None:
    """Overwrite the draft; `shown` also takes its description and switch over, as for a chain never published."""
    changes: dict[str, Any] = {"draft": encode(definition), "draft_updated_at": database_time()}
    if shown:
        changes |= _shown(definition)
    changed = update(ChainRow).where(ChainRow.id == chain_id)
    await db.execute(changed.values(**changes, updated_at=database_time()))


async def add_version(
    db: AsyncSession, chain_id: int, definition: Definition, *, comment: str, published_by: int | None
) -> int:
    """Write the next version of the chain and make it the published one; the version's id.

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
    changed = update(ChainRow).where(ChainRow.id == chain_id)
    await db.execute(changed.values(published_version_id=version_id, updated_at=database_time(), **_shown(definition)))
    return version_id


def _shown(definition: Definition) -> dict[str, Any]:
    return {"description": definition.description, "allow_concurrent_runs": definition.allow_concurrent_runs}


async def set_disabled(db: AsyncSession, chain_id: int, *, disabled: bool) -> None:
    """Switch the chain's execution off or on."""
    await db.execute(
        update(ChainRow).where(ChainRow.id == chain_id).values(disabled=disabled, updated_at=database_time())
    )
