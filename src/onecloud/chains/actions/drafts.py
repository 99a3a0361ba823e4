"""Editing a draft: read it, save it from a known revision, and take an earlier version into it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.chains import store
from onecloud.chains.actions import rights
from onecloud.chains.actions.revisions import match
from onecloud.chains.actions.saving import checked_draft, locked, outcome, save
from onecloud.chains.check import Checked
from onecloud.chains.codec import encode
from onecloud.chains.document import Parsed, invalid
from onecloud.chains.model import Applied, Draft, Person, Version
from onecloud.chains.sealing import sealed
from onecloud.infra.crypto import Keyring
from onecloud.kernel.errors import Problem
from onecloud.kernel.principal import Principal


@dataclass(frozen=True, slots=True)
class DraftView:
    """A draft with what its check says, who saved it last (None: the command line), and what runs."""

    draft: Draft
    checked: Checked
    saved_by: Person | None
    published: Version | None


async def read_draft(db: AsyncSession, caller: Principal | None, chain_id: int) -> DraftView:
    """The chain's draft.

    Raises: NotFound.
    """
    draft = await store.draft(db, chain_id)
    if draft is None:
        raise rights.not_found(chain_id)
    await rights.to_read(db, caller, draft.chain)
    people = await store.people(db, [draft.saved_by])
    checked = await checked_draft(db, draft)
    runs = draft.chain.published_version_id
    published = None if runs is None else await store.version(db, runs)
    return DraftView(draft, checked, people.get(draft.saved_by or 0), published)


async def save_draft(
    db: AsyncSession, keys: Keyring, caller: Principal | None, chain_id: int, parsed: Parsed, revision: int
) -> Applied:
    """Make the draft what the document says, if it is still at the revision that the document was made from.

    What is there already is accepted from any revision: a save whose answer was lost may be sent again.

    Raises: NotFound; Forbidden; Stale; Invalid `chain.document` for another name than the chain's.
    """
    draft = await locked(db, chain_id)
    await rights.to_write(db, caller, draft.chain)
    _keep_name(parsed, draft)
    definition = sealed(parsed.definition, parsed.kept, draft.definition, keys)
    changed = encode(definition) != encode(draft.definition)
    if changed:
        await match(db, draft, revision)
        draft, _ = await save(db, caller, draft, definition)
    checked = await checked_draft(db, draft)
    placed = Checked(parsed.placed(checked.problems), parsed.placed(checked.notes))
    return outcome(draft, placed, changed=changed)


def _keep_name(parsed: Parsed, draft: Draft) -> None:
    name = draft.chain.name
    if parsed.definition.name != name:
        message = f"The chain is named `{name}`; a draft cannot have another name."
        raise invalid(parsed.placed((Problem("name", message, "Rename the chain itself."),)))


async def restore(db: AsyncSession, caller: Principal | None, chain_id: int, number: int, revision: int) -> Applied:
    """Make the draft what a version of the chain was, with the name that the chain has now. Then it can be published.

    Raises: NotFound; Forbidden; Stale. Source: product facts 12.
    """
    draft = await locked(db, chain_id)
    await rights.to_write(db, caller, draft.chain)
    await match(db, draft, revision)
    version = await store.version_numbered(db, chain_id, number)
    if version is None:
        raise rights.version_not_found(draft.chain, number)
    definition = replace(version.definition, name=draft.chain.name)
    draft, changed = await save(db, caller, draft, definition, key="chain.restore", told={"version": number})
    checked = await checked_draft(db, draft)
    return outcome(draft, checked, changed=changed)
