"""Chains as documents: apply one to an environment, or only say what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.chains import store
from onecloud.chains.actions import rights
from onecloud.chains.actions.finding import get_chain
from onecloud.chains.actions.publishing import publish_locked
from onecloud.chains.actions.saving import checked_in, create, locked, refused, save
from onecloud.chains.check import Checked
from onecloud.chains.commands import CommandSpec
from onecloud.chains.document import Parsed, parse_document
from onecloud.chains.model import Applied
from onecloud.chains.sealing import sealed
from onecloud.infra.crypto import Keyring
from onecloud.kernel.principal import Principal
from onecloud.workspaces import actions as workspaces


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
    chain = await store.chain_named(db, environment_id, parsed.definition.name)
    await rights.to_put(db, caller, environment_id, chain)
    draft = None if chain is None else await locked(db, chain.id)
    definition = sealed(parsed.definition, parsed.kept, draft.definition if draft else None, keys)
    checked = await checked_in(db, environment_id, definition, chain.id if chain else None, commands)
    problems = parsed.placed(checked.problems)
    if publish and problems:
        raise refused(definition.name, problems)
    if draft is None:
        draft, changed = await create(db, caller, environment_id, definition), True
    else:
        draft, changed = await save(db, caller, draft, definition)
    version = None
    if publish:
        version, added = await publish_locked(db, caller, draft, comment)
        changed = changed or added
    chain = await get_chain(db, draft.chain.id)
    return Applied(chain, version, changed, problems, parsed.placed(checked.notes), draft.revision)


async def validate(
    db: AsyncSession, keys: Keyring, caller: Principal | None, environment_id: int, parsed: Parsed
) -> Checked:
    """What is wrong with a document, were it applied to this environment; nothing is stored.

    Raises: NotFound.
    """
    await workspaces.get_environment(db, environment_id)
    chain = await store.chain_named(db, environment_id, parsed.definition.name)
    await rights.to_put(db, caller, environment_id, chain)
    draft = await store.draft(db, chain.id) if chain else None
    definition = sealed(parsed.definition, parsed.kept, draft.definition if draft else None, keys)
    found = await checked_in(db, environment_id, definition, chain.id if chain else None)
    return replace(found, problems=parsed.placed(found.problems), notes=parsed.placed(found.notes))
