"""Chains as `.chain` files: exported with those they run, imported as copies that wait for a person."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hmac import compare_digest
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.chains import package, store
from onecloud.chains.actions import rights
from onecloud.chains.actions.finding import get_chain
from onecloud.chains.actions.saving import checked_draft, create, outcome, tell
from onecloud.chains.actions.versions import Which, content
from onecloud.chains.document import document_value, parse_value
from onecloud.chains.model import Applied, Chain, Definition
from onecloud.chains.outline import children, is_fixed, with_children
from onecloud.chains.package import Package
from onecloud.chains.sealing import sealed
from onecloud.infra.crypto import Keyring, shared_keyring
from onecloud.infra.db import database_now
from onecloud.infra.settings import Settings
from onecloud.kernel.errors import Forbidden, Invalid, Problem
from onecloud.kernel.jsonvalue import JsonObject
from onecloud.kernel.principal import Principal
from onecloud.workspaces import actions as workspaces

PURPOSE: Final = "chain file"


@dataclass(frozen=True, slots=True)
class Exported:
    """A `.chain` file: its name, its bytes, and the chains in it, the one that was asked for first."""

    name: str
    data: bytes
    chains: tuple[Chain, ...]


@dataclass(frozen=True, slots=True)
class Imported:
    """One chain that an import made: the name it had, and what its check says here."""

    was: str
    applied: Applied


async def export_package(
    db: AsyncSession,
    keys: Keyring,
    settings: Settings,
    caller: Principal | None,
    chain_id: int,
    which: Which | None = None,
) -> Exported:
    """The chain with those it runs, down to five levels, as a `.chain` file; no secret is in it.

    Of each chain what runs, or the draft of one that was never published; with `which` that state of the chain itself.

    Raises: NotFound; Forbidden (each chain in the file needs the right to write); Conflict `chain.not_published`;
    Invalid `chain_file.…`. Source: product facts 2.19 and 5.8.
    """
    root = await get_chain(db, chain_id)
    now = await database_now(db)
    found: dict[str, tuple[Chain, Definition] | None] = {root.name: await _state(db, caller, root, which)}
    await _gather(db, caller, root, found)
    documents = package.gathered(root.name, lambda name: _document(found.get(name)))
    signers = [_signer(ring) for ring in rings(keys, settings)]
    data = await asyncio.to_thread(package.seal, Package(now, tuple(documents)), signers)
    held = [found[str(document["name"])] for document in documents]
    return Exported(package.file_name(root.name), data, tuple(pair[0] for pair in held if pair is not None))


async def _gather(
    db: AsyncSession, caller: Principal | None, root: Chain, found: dict[str, tuple[Chain, Definition] | None]
) -> None:
    """Load every chain that the root leads to, one level deeper than a file takes: that one is named if it is there."""
    waiting = [root.name]
    for _ in range(package.LEVELS + 1):
        nearer = [pair for name in waiting if (pair := found[name]) is not None]
        waiting = list[str]()
        for _, definition in nearer:
            for child in children(document_value(definition)):
                if child.name not in found and is_fixed(child.name) and len(found) <= package.MOST_CHAINS + 1:
                    chain = await store.chain_named(db, root.environment_id, child.name)
                    found[child.name] = None if chain is None else await _child(db, caller, chain)
                    waiting.append(child.name)


async def _child(db: AsyncSession, caller: Principal | None, chain: Chain) -> tuple[Chain, Definition]:
    if not await rights.may_write(db, caller, chain):
        raise Forbidden(
            "chain_file.child_denied",
            f"The chain runs `{chain.name}`, and exporting that needs the permission `write` on it. "
            "Ask an administrator to give it to one of your groups.",
        )
    return await _state(db, caller, chain, None)


async def _state(
    db: AsyncSession, caller: Principal | None, chain: Chain, which: Which | None
) -> tuple[Chain, Definition]:
    await rights.to_write(db, caller, chain)
    wanted: Which = ("draft" if chain.published_version_id is None else "published") if which is None else which
    return chain, (await content(db, caller, chain.id, wanted)).definition


def _document(pair: tuple[Chain, Definition] | None) -> JsonObject | None:
    """The document of a chain under the name that the chain has now."""
    return None if pair is None else {**document_value(pair[1]), "name": pair[0].name}


async def tell_export(db: AsyncSession, caller: Principal | None, exported: Exported) -> None:
    """Record the export for every chain in the file."""
    for chain in exported.chains:
        await tell(db, "chain.export", caller, chain, file=exported.name)


async def may_import(db: AsyncSession, caller: Principal | None, environment_id: int) -> datetime:
    """Let those pass who may make chains in the environment; the moment by which a file's age counts.

    Raises: NotFound; Forbidden.
    """
    await workspaces.get_environment(db, environment_id)
    await rights.to_create(db, caller, environment_id)
    return await database_now(db)


async def open_package(keys: Keyring, settings: Settings, data: bytes, now: datetime) -> Package:
    """What a `.chain` file holds.

    Raises: Invalid `chain_file.…` saying why it is refused.
    """
    return await asyncio.to_thread(package.unseal, data, _checker(rings(keys, settings)), now)


async def import_package(
    db: AsyncSession, keys: Keyring, caller: Principal | None, environment_id: int, held: Package
) -> list[Imported]:
    """Make unpublished, disabled copies of every chain in the package, the one that was exported first; all or none.

    They get names with a suffix, and those that run each other do so under the new names.

    Raises: NotFound; Forbidden; Invalid `chain_file.document` when this OneCloud cannot read a chain.
    Source: product facts 2.19.
    """
    await may_import(db, caller, environment_id)
    names = package.import_names(package.names_of(held), await store.names(db, environment_id))
    imported: list[Imported] = []
    for document in held.documents:
        was = str(document.get("name", ""))
        try:
            parsed = parse_value(with_children(package.renamed(document, names), names))
        except Invalid as fault:
            problems = tuple(Problem(f"{was}: {p.where}", p.message, p.mend) for p in fault.problems)
            raise Invalid(
                "chain_file.document",
                f"`{was}` cannot be read by this OneCloud: {fault.message} It may be older than the one that exported.",
                problems=problems,
            ) from fault
        definition = sealed(parsed.definition, parsed.kept, None, keys)
        draft = await create(
            db, caller, environment_id, definition, key="chain.import", disabled=True, told={"exported_name": was}
        )
        imported.append(Imported(was, outcome(draft, await checked_draft(db, draft), changed=True)))
    return imported


def rings(keys: Keyring, settings: Settings) -> list[Keyring]:
    """The keys that sign files: the server's own, and the one that servers of a company share."""
    shared = settings.chain_file_key.get_secret_value()
    return [keys, *([shared_keyring(shared)] if shared else [])]


def _signer(ring: Keyring) -> Callable[[str], str]:
    return lambda text: ring.digest(text, PURPOSE)


def _checker(known: list[Keyring]) -> Callable[[str, str], bool]:
    def holds(text: str, signature: str) -> bool:
        ours = [digest for ring in known for digest in ring.digests(text, PURPOSE)]
        return any(compare_digest(digest, signature) for digest in ours)

    return holds
