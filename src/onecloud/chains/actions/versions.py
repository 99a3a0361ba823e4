"""The versions of a chain, and what differs between any two of its states."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.chains import store
from onecloud.chains.actions import rights
from onecloud.chains.actions.finding import get_chain
from onecloud.chains.diff import Change, Comparable, changes
from onecloud.chains.document import document_value
from onecloud.chains.model import Chain, Definition, Person, Version, VersionBrief
from onecloud.chains.sealing import fingerprints
from onecloud.infra.crypto import Keyring
from onecloud.kernel.errors import Conflict
from onecloud.kernel.principal import Principal

# A state of a chain: its draft, what runs, or a version by its number.
Which: TypeAlias = Literal["draft", "published"] | int


@dataclass(frozen=True, slots=True)
class Content:
    """What a state of a chain holds; `number` is a version's, `revision` a draft's."""

    chain: Chain
    definition: Definition
    number: int | None
    revision: int | None


async def list_versions(
    db: AsyncSession, caller: Principal | None, chain_id: int, before: int | None, limit: int
) -> tuple[Chain, list[VersionBrief], dict[int, Person]]:
    """A chain's versions, newest first, those with a number below `before`, and who published them.

    Raises: NotFound. Source: product facts 2.18 (all of them are shown, whatever their age).
    """
    chain = await get_chain(db, chain_id)
    await rights.to_read(db, caller, chain)
    found = await store.versions_before(db, chain_id, before, limit)
    return chain, found, await store.people(db, [version.published_by for version in found])


async def read_version(
    db: AsyncSession, caller: Principal | None, chain_id: int, number: int
) -> tuple[Chain, Version, Person | None]:
    """A version of the chain by its number, and who published it.

    Raises: NotFound.
    """
    chain = await get_chain(db, chain_id)
    await rights.to_read(db, caller, chain)
    version = await store.version_numbered(db, chain_id, number)
    if version is None:
        raise rights.version_not_found(chain, number)
    people = await store.people(db, [version.published_by])
    return chain, version, people.get(version.published_by or 0)


async def content(db: AsyncSession, caller: Principal | None, chain_id: int, which: Which) -> Content:
    """What a state of the chain holds.

    Raises: NotFound; Conflict `chain.not_published`.
    """
    if which == "draft":
        draft = await store.draft(db, chain_id)
        if draft is None:
            raise rights.not_found(chain_id)
        await rights.to_read(db, caller, draft.chain)
        return Content(draft.chain, draft.definition, None, draft.revision)
    if which == "published":
        found = await store.chain_with_published(db, chain_id)
        if found is None:
            raise rights.not_found(chain_id)
        await rights.to_read(db, caller, found[0])
        if found[1] is None:
            raise not_published(found[0])
        return Content(found[0], found[1].definition, found[1].number, None)
    chain, version, _ = await read_version(db, caller, chain_id, which)
    return Content(chain, version.definition, version.number, None)


async def diff(
    db: AsyncSession, keys: Keyring, caller: Principal | None, chain_id: int, before: Which, after: Which
) -> tuple[Content, Content, Sequence[Change]]:
    """What differs between two states of a chain.

    Raises: NotFound; Conflict `chain.not_published`.
    """
    old = await content(db, caller, chain_id, before)
    new = await content(db, caller, chain_id, after)
    return old, new, changes(comparable(old.definition, keys), comparable(new.definition, keys))


def comparable(definition: Definition, keys: Keyring) -> Comparable:
    """The definition as the diff takes it."""
    return Comparable(document_value(definition), fingerprints(definition, keys))


def not_published(chain: Chain) -> Conflict:
    """The one error of a chain that has no published version."""
    return Conflict("chain.not_published", f"The chain `{chain.name}` was never published; publish it first.")
