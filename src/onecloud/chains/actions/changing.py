"""Making, renaming, switching and deleting chains."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.chains import store
from onecloud.chains.actions import rights
from onecloud.chains.actions.finding import get_chain
from onecloud.chains.actions.saving import checked_draft, create, locked, name_taken, outcome, tell
from onecloud.chains.document import Parsed, document_value, parse_value
from onecloud.chains.model import Applied, Chain, Definition
from onecloud.chains.outline import RUN_CHAIN, runs_chain
from onecloud.chains.sealing import sealed
from onecloud.infra.crypto import Keyring
from onecloud.kernel.errors import Conflict
from onecloud.kernel.permission import Level
from onecloud.kernel.principal import Principal
from onecloud.workspaces import actions as workspaces
from onecloud.workspaces.permits import permit_environment


async def create_chain(
    db: AsyncSession, keys: Keyring, caller: Principal | None, environment_id: int, parsed: Parsed
) -> Applied:
    """A new chain of the environment with the document as its draft, which may be as empty as a name.

    Raises: NotFound; Forbidden; Conflict when the name is taken.
    """
    await workspaces.get_environment(db, environment_id)
    await rights.to_create(db, caller, environment_id)
    definition = sealed(parsed.definition, parsed.kept, None, keys)
    draft = await create(db, caller, environment_id, definition)
    checked = await checked_draft(db, draft)
    return outcome(draft, replace(checked, problems=parsed.placed(checked.problems)), changed=True)


async def rename(
    db: AsyncSession, caller: Principal | None, chain_id: int, name: str, *, force: bool = False
) -> Applied:
    """Give the chain another name. Chains that run it name it in their versions: with one, only with `force`.

    Raises: NotFound; Forbidden; Invalid for what cannot be a name; Conflict `chain.name_taken`, `chain.in_use`.
    """
    draft = await locked(db, chain_id)
    await rights.to_write(db, caller, draft.chain)
    definition = replace(draft.definition, name=checked_name(name))
    if name != draft.chain.name:
        if not force:
            await _unused(db, caller, draft.chain, "rename")
        if not await store.rename(db, chain_id, name):
            raise name_taken(name)
        by, unpublished = rights.who(caller), draft.chain.published_version_id is None
        await store.save_draft(db, chain_id, definition, shown=unpublished, by=by)
        await tell(db, "chain.rename", caller, draft.chain, new_name=name)
    renamed = await locked(db, chain_id)
    checked = await checked_draft(db, renamed)
    return outcome(renamed, checked, changed=name != draft.chain.name)


def checked_name(name: str) -> str:
    """The name, if a chain can have it.

    Raises: Invalid `chain.document` with its fault.
    """
    return parse_value({"onecloud": 1, "name": name}).definition.name


async def set_disabled(db: AsyncSession, caller: Principal | None, chain_id: int, *, disabled: bool) -> Chain:
    """Switch the chain's execution off or on, remembering who did; runs under way go on.

    Raises: Forbidden; NotFound. Source: product facts 2.5.
    """
    chain = (await locked(db, chain_id)).chain
    await rights.to_write(db, caller, chain)
    if chain.disabled == disabled:
        return chain
    await store.set_disabled(db, chain_id, disabled=disabled, by=rights.who(caller))
    await tell(db, "chain.disable" if disabled else "chain.enable", caller, chain)
    return await get_chain(db, chain_id)


async def delete(db: AsyncSession, caller: Principal | None, chain_id: int, *, force: bool = False) -> Chain:
    """Take the chain out of its environment. Its versions stay: the history of its runs shows them.

    Whoever calls this has made sure that no run of it is under way (`runs/` knows). A published chain that runs it
    refuses, unless with `force`.

    Raises: NotFound; Forbidden; Conflict `chain.in_use`.
    """
    chain = (await locked(db, chain_id)).chain
    await rights.to_delete(db, caller, chain)
    if not force:
        await _unused(db, caller, chain, "delete")
    await store.mark_deleted(db, chain_id, by=rights.who(caller))
    await workspaces.chain_removed(db, chain.environment_id)
    await tell(db, "chain.delete", caller, chain)
    return chain


async def _unused(db: AsyncSession, caller: Principal | None, chain: Chain, what: str) -> None:
    """Accept that the chain's name goes away, when no published chain beside it runs it by that name."""
    users = [
        other
        for other, version in await store.published_holding(db, chain.environment_id, RUN_CHAIN)
        if other.id != chain.id and runs_chain(document_value(version.definition), chain.name)
    ]
    if users:
        seen = [f"`{user.name}`" for user in users[:5] if await rights.may_read(db, caller, user)]
        others = len(users) - len(seen)
        named = ", ".join([*seen, *([f"{others} other chain{'s' if others > 1 else ''}"] if others else [])])
        raise Conflict(
            "chain.in_use", f"`{chain.name}` is run by {named}. Change and publish them first, or {what} it by force."
        )


async def tags_in(db: AsyncSession, caller: Principal | None, environment_id: int) -> dict[str, int]:
    """The tags of the environment's chains that the caller may read, by name, with how many of them have each.

    Raises: NotFound.
    """
    await permit_environment(db, caller, Level.SEE, environment_id)
    await workspaces.get_environment(db, environment_id)
    counted: dict[str, int] = {}
    for chain in await store.tagged(db, caller, environment_id):
        for tag in chain.tags:
            counted[tag] = counted.get(tag, 0) + 1
    return dict(sorted(counted.items(), key=lambda item: item[0].casefold()))


def named(definition: Definition, name: str) -> Definition:
    """The definition under another name.

    Raises: Invalid for what cannot be a name.
    """
    return replace(definition, name=checked_name(name))
