"""Reading chains: by id, by name, in pages, by search, as a document."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.chains import store
from onecloud.chains.actions import rights
from onecloud.chains.actions.rights import not_found
from onecloud.chains.document import document_text
from onecloud.chains.model import Chain, Person, Version
from onecloud.kernel.errors import Conflict, NotFound
from onecloud.kernel.principal import Principal
from onecloud.variables.rules import near


async def get_chain(db: AsyncSession, chain_id: int, *, deleted: bool = False) -> Chain:
    """The chain of that id; with `deleted` also one that was deleted, for the history of its runs.

    Raises: NotFound.
    """
    found = await store.chain(db, chain_id, deleted=deleted)
    if found is None:
        raise not_found(chain_id)
    return found


async def hold(db: AsyncSession, chain_id: int) -> None:
    """Keep a chain that was read in this transaction from being deleted until it ends.

    Raises: NotFound when it was deleted meanwhile.
    """
    if not await store.hold(db, chain_id):
        raise not_found(chain_id)


async def find_chain(db: AsyncSession, environment_id: int, name: str) -> Chain:
    """The chain of that name in the environment.

    Raises: NotFound with the names that look like it.
    """
    found = await store.chain_named(db, environment_id, name)
    if found is None:
        there_are = near(name, await store.names(db, environment_id))
        raise NotFound("chain.not_found", f"The environment has no chain named `{name}`. {there_are}")
    return found


async def with_published(db: AsyncSession, chain_id: int) -> tuple[Chain, Version | None]:
    """The chain of that id and its published version, if there is one.

    Raises: NotFound.
    """
    found = await store.chain_with_published(db, chain_id)
    if found is None:
        raise not_found(chain_id)
    return found


async def seen(
    db: AsyncSession, caller: Principal | None, chain_id: int
) -> tuple[Chain, Version | None, Person | None]:
    """The chain of that id with its published version, and who switched it last.

    Raises: NotFound.
    """
    chain, runs = await with_published(db, chain_id)
    await rights.to_read(db, caller, chain)
    people = await store.people(db, [chain.switched_by])
    return chain, runs, people.get(chain.switched_by or 0)


async def published(db: AsyncSession, chain_id: int) -> tuple[Chain, Version]:
    """The chain of that id and the version that runs.

    Raises: NotFound; Conflict `chain.not_published`. Source: product facts 2.18.
    """
    return runnable(*await with_published(db, chain_id))


def runnable(chain: Chain, version: Version | None) -> tuple[Chain, Version]:
    """The chain and the version that runs.

    Raises: Conflict `chain.not_published`. Source: product facts 2.18.
    """
    if version is None:
        raise Conflict("chain.not_published", f"The chain `{chain.name}` was never published; publish it first.")
    return chain, version


async def version(db: AsyncSession, version_id: int) -> Version:
    """The version of that id; it never changes.

    Raises: NotFound.
    """
    found = await store.version(db, version_id)
    if found is None:
        raise NotFound("chain.version_not_found", f"There is no chain version {version_id}.")
    return found


async def list_chains(
    db: AsyncSession,
    caller: Principal | None,
    environment_id: int,
    after: int | None = None,
    limit: int | None = None,
    *,
    tag: str | None = None,
    search: str | None = None,
) -> list[tuple[Chain, Version | None]]:
    """The environment's chains that the caller may read, by id, with their published versions.

    Those after the id `after`, at most `limit`. `tag` is one of theirs, `search` is contained in their name or in a
    tag; whatever the case.
    """
    if "\x00" in f"{tag}{search}":  # no stored text holds one, and PostgreSQL does not even compare it
        return []
    return await store.chains_with_published(db, caller, environment_id, after, limit, tag=tag, search=search)


async def list_short(db: AsyncSession, caller: Principal | None, environment_id: int) -> list[Chain]:
    """The environment's chains that the caller may read, by id, without their versions: for short lists."""
    return await store.chains_of(db, caller, environment_id)


async def search_chains(
    db: AsyncSession,
    caller: Principal | None,
    *,
    workspace_id: int | None = None,
    external_workspace_id: str | None = None,
    environment_id: int | None = None,
    name: str | None = None,
    concurrency: bool | None = None,
) -> list[tuple[Chain, Version | None]]:
    """Chains by id that the caller may read and that fit every condition given.

    `name` is contained in theirs, whatever its case.
    """
    return await store.search(
        db,
        caller,
        workspace_id=workspace_id,
        external_workspace_id=external_workspace_id,
        environment_id=environment_id,
        name=name,
        concurrency=concurrency,
    )


async def count_by_environment(db: AsyncSession, environment_ids: Sequence[int]) -> dict[int, int]:
    """How many chains each of the environments has."""
    return await store.count_by_environment(db, environment_ids)


async def export(db: AsyncSession, chain_id: int) -> str:
    """The chain's draft as a document; encrypted values are null, and applying null keeps what is stored.

    Raises: NotFound.
    """
    draft = await store.draft(db, chain_id)
    if draft is None:
        raise not_found(chain_id)
    return document_text(draft.definition)
