"""Changing chains: apply a document, publish the draft, switch execution off.

`caller` None is the operator at the command line, who may do everything.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.access.permissions import missing
from onecloud.activity import actions as activity
from onecloud.chains import store
from onecloud.chains.actions.finding import get_chain, not_found
from onecloud.chains.actions.finding import version as get_version
from onecloud.chains.actions.place import surroundings_of
from onecloud.chains.catalog import catalog
from onecloud.chains.check import Checked, check
from onecloud.chains.codec import encode
from onecloud.chains.commands import CommandSpec
from onecloud.chains.document import invalid, parse_document
from onecloud.chains.model import Applied, Chain, Definition, Draft, Version
from onecloud.chains.sealing import sealed
from onecloud.chains.validation import missing_values, validated
from onecloud.infra.crypto import Keyring
from onecloud.kernel.errors import Conflict, Invalid, Problem
from onecloud.kernel.permission import Level, Place
from onecloud.kernel.principal import Principal
from onecloud.workspaces import actions as workspaces
from onecloud.workspaces.permits import permit_chain, permit_environment


async def apply(
    db: AsyncSession,
    keys: Keyring,
    caller: Principal | None,
    environment_id: int,
    text: str,
    *,
    publish: bool = False,
    comment: str = "",
    commands: Mapping[str, CommandSpec] | None = None,
) -> Applied:
    """Make the environment's chain of the document's name as the document has it, and publish it when asked.

    Without `publish` a draft with faults is saved, as the editor would, and they are in `problems`. What is the
    same already is not written again. `commands` defaults to the installed ones.

    Raises: Forbidden; NotFound; Invalid `chain.document` for a text that is no chain, and, with `publish`,
    `chain.invalid` with every fault of the connected nodes. Source: product facts 2.6 and 2.18.
    """
    parsed = parse_document(text)
    await workspaces.get_environment(db, environment_id)
    draft = await _draft_named(db, environment_id, parsed.definition.name)
    await _permit_apply(db, caller, environment_id, draft)
    stored = draft.definition if draft else None
    if absent := missing_values(parsed, {v.name for v in stored.variables} if stored else ()):
        raise invalid(parsed.placed(tuple(absent)))  # nothing to store, not even as a draft
    definition = sealed(parsed.definition, parsed.kept, stored, keys)
    surroundings = await surroundings_of(db, environment_id, definition, draft.chain.id if draft else None)
    checked = check(definition, catalog() if commands is None else commands, surroundings)
    problems = parsed.placed(checked.problems)
    if publish and problems:
        raise refused(definition.name, problems)
    draft, changed = await _save(db, caller, environment_id, draft, definition)
    version = None
    if publish:
        version, added = await _publish(db, caller, draft, comment)
        changed = changed or added
    chain = await get_chain(db, draft.chain.id)
    return Applied(chain, version, changed, problems, parsed.placed(checked.notes))


async def validate(db: AsyncSession, environment_id: int, text: str) -> Checked:
    """What is wrong with a document, were it applied to this environment; nothing is stored.

    Raises: NotFound; Invalid `chain.document` when the text is no chain at all.
    """
    await workspaces.get_environment(db, environment_id)
    definition = parse_document(text).definition
    chain = await store.chain_named(db, environment_id, definition.name)
    draft = await store.draft(db, chain.id) if chain else None
    stored = {v.name for v in draft.definition.variables} if draft else set[str]()
    surroundings = await surroundings_of(db, environment_id, definition, chain.id if chain else None)
    return validated(text, catalog(), surroundings, stored)


async def publish(
    db: AsyncSession,
    caller: Principal | None,
    chain_id: int,
    comment: str = "",
    *,
    commands: Mapping[str, CommandSpec] | None = None,
) -> Applied:
    """Freeze the draft as the version that runs; an unchanged draft makes no new version.

    `commands` defaults to the installed ones.

    Raises: Forbidden; NotFound; Invalid `chain.invalid` with every fault of the connected nodes.
    Source: product facts 2.18.
    """
    draft = await _locked(db, chain_id)
    await permit_chain(db, caller, Level.WRITE, draft.chain.environment_id, chain_id)
    checked = check(
        draft.definition,
        catalog() if commands is None else commands,
        await surroundings_of(db, draft.chain.environment_id, draft.definition, chain_id),
    )
    if checked.problems:
        raise refused(draft.chain.name, checked.problems)
    version, added = await _publish(db, caller, draft, comment)
    return Applied(await get_chain(db, chain_id), version, added, (), checked.notes)


async def set_disabled(db: AsyncSession, caller: Principal | None, chain_id: int, *, disabled: bool) -> Chain:
    """Switch the chain's execution off or on; runs under way go on.

    Raises: Forbidden; NotFound. Source: product facts 2.5.
    """
    chain = await get_chain(db, chain_id)
    await permit_chain(db, caller, Level.WRITE, chain.environment_id, chain_id)
    if chain.disabled == disabled:
        return chain
    await store.set_disabled(db, chain_id, disabled=disabled)
    await _tell(db, "chain.disable" if disabled else "chain.enable", caller, chain)
    return await get_chain(db, chain_id)


async def _permit_apply(db: AsyncSession, caller: Principal | None, environment_id: int, draft: Draft | None) -> None:
    """A new chain needs `create` on its environment; one that is there needs `write`, and stays hidden when it is."""
    if draft is None:
        await permit_environment(db, caller, Level.CREATE, environment_id)
    else:
        hidden = missing(Place(0, environment_id))
        await permit_chain(db, caller, Level.WRITE, environment_id, draft.chain.id, hidden=hidden)


async def _draft_named(db: AsyncSession, environment_id: int, name: str) -> Draft | None:
    chain = await store.chain_named(db, environment_id, name)
    return await store.draft_for_update(db, chain.id) if chain else None


async def _save(
    db: AsyncSession, caller: Principal | None, environment_id: int, draft: Draft | None, definition: Definition
) -> tuple[Draft, bool]:
    """The stored draft with this definition, and whether that changed anything."""
    if draft is None:
        chain_id = await store.add_chain(db, environment_id, definition)
        if chain_id is None:
            message = f"The chain `{definition.name}` was made by somebody else at this moment; apply again."
            raise Conflict("chain.name_taken", message)
        await workspaces.chain_added(db, environment_id)
        await _tell(db, "chain.create", caller, await get_chain(db, chain_id))
        return await _locked(db, chain_id), True
    if encode(draft.definition) == encode(definition):  # as values, 1 and True would be equal
        return draft, False
    await store.save_draft(db, draft.chain.id, definition, shown=draft.chain.published_version_id is None)
    await _tell(db, "chain.update", caller, draft.chain)
    return await _locked(db, draft.chain.id), True


async def _publish(db: AsyncSession, caller: Principal | None, draft: Draft, comment: str) -> tuple[Version, bool]:
    """The published version with the draft's content, and whether it had to be made."""
    chain = draft.chain
    current = None if chain.published_version_id is None else await store.version(db, chain.published_version_id)
    if current is not None and encode(current.definition) == encode(draft.definition):
        return current, False
    by = caller.user_id if caller is not None and caller.user_id > 0 else None
    version_id = await store.add_version(db, chain.id, draft.definition, comment=comment, published_by=by)
    version = await get_version(db, version_id)
    await _tell(db, "chain.publish", caller, chain, version.number)
    return version, True


async def _locked(db: AsyncSession, chain_id: int) -> Draft:
    draft = await store.draft_for_update(db, chain_id)
    if draft is None:
        raise not_found(chain_id)
    return draft


async def _tell(db: AsyncSession, key: str, caller: Principal | None, chain: Chain, number: int | None = None) -> None:
    await activity.record(
        db,
        key=key,
        owner=caller,
        trackable_type="Chain",
        trackable_id=str(chain.id),
        recipient_type="Environment",
        recipient_id=str(chain.environment_id),
        parameters={"name": chain.name} | ({} if number is None else {"version": number}),
    )


def refused(name: str, problems: tuple[Problem, ...]) -> Invalid:
    """The one error of a chain that cannot be published."""
    count = "a fault" if len(problems) == 1 else f"{len(problems)} faults"
    return Invalid("chain.invalid", f"`{name}` has {count}: {problems[0].sentence()}", problems=problems)
