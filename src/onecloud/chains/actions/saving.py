"""What every change of a draft shares: its check in its place, writing it, and telling the activity log."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.activity import actions as activity
from onecloud.chains import store
from onecloud.chains.actions.place import surroundings_of
from onecloud.chains.actions.rights import not_found, who
from onecloud.chains.catalog import catalog
from onecloud.chains.check import Checked, check
from onecloud.chains.codec import encode
from onecloud.chains.commands import CommandSpec
from onecloud.chains.model import Applied, Chain, Definition, Draft
from onecloud.chains.validation import valueless
from onecloud.kernel.errors import Conflict, Invalid, Problem
from onecloud.kernel.jsonvalue import Json
from onecloud.kernel.principal import Principal
from onecloud.workspaces import actions as workspaces


async def checked_in(
    db: AsyncSession,
    environment_id: int,
    definition: Definition,
    chain_id: int | None,
    commands: Mapping[str, CommandSpec] | None = None,
) -> Checked:
    """What keeps the (sealed) definition from being published in the environment, and notes.

    `chain_id` is None for a chain that is not stored. `commands` defaults to the installed ones.
    """
    found = check(
        definition,
        catalog() if commands is None else commands,
        await surroundings_of(db, environment_id, definition, chain_id),
    )
    return Checked((*valueless(definition), *found.problems), found.notes)


async def checked_draft(db: AsyncSession, draft: Draft, commands: Mapping[str, CommandSpec] | None = None) -> Checked:
    """What keeps a stored draft from being published, and notes."""
    return await checked_in(db, draft.chain.environment_id, draft.definition, draft.chain.id, commands)


async def locked(db: AsyncSession, chain_id: int) -> Draft:
    """The chain's draft, which nobody else changes until the transaction ends.

    Raises: NotFound.
    """
    draft = await store.draft_for_update(db, chain_id)
    if draft is None:
        raise not_found(chain_id)
    return draft


async def create(
    db: AsyncSession,
    caller: Principal | None,
    environment_id: int,
    definition: Definition,
    *,
    key: str = "chain.create",
    disabled: bool = False,
    told: Mapping[str, Json] | None = None,
) -> Draft:
    """A new chain of the environment with this draft.

    Raises: NotFound without such an environment; Conflict when the name is taken.
    """
    chain_id = await store.add_chain(db, environment_id, definition, by=who(caller), disabled=disabled)
    if chain_id is None:
        raise name_taken(definition.name)
    await workspaces.chain_added(db, environment_id)
    draft = await locked(db, chain_id)
    await tell(db, key, caller, draft.chain, **(told or {}))
    return draft


async def save(
    db: AsyncSession,
    caller: Principal | None,
    draft: Draft,
    definition: Definition,
    *,
    key: str = "chain.update",
    told: Mapping[str, Json] | None = None,
) -> tuple[Draft, bool]:
    """The (locked) draft with this definition, and whether that changed anything; what is the same is not written."""
    if encode(draft.definition) == encode(definition):  # as values, 1 and True would be equal
        return draft, False
    unpublished = draft.chain.published_version_id is None
    await store.save_draft(db, draft.chain.id, definition, shown=unpublished, by=who(caller))
    await tell(db, key, caller, draft.chain, **(told or {}))
    return await locked(db, draft.chain.id), True


def outcome(draft: Draft, checked: Checked, *, changed: bool) -> Applied:
    """What a change of a draft comes to."""
    return Applied(draft.chain, None, changed, checked.problems, checked.notes, draft.revision)


async def tell(db: AsyncSession, key: str, caller: Principal | None, chain: Chain, **parameters: Json) -> None:
    """Record what was done to the chain."""
    await activity.record(
        db,
        key=key,
        owner=caller,
        trackable_type="Chain",
        trackable_id=str(chain.id),
        recipient_type="Environment",
        recipient_id=str(chain.environment_id),
        parameters={"name": chain.name, **parameters},
    )


def name_taken(name: str) -> Conflict:
    """The one error of a name that another chain of the environment has."""
    return Conflict("chain.name_taken", f"The environment has a chain named `{name}` already; choose another name.")


def refused(name: str, problems: tuple[Problem, ...]) -> Invalid:
    """The one error of a chain that cannot be published."""
    count = "a fault" if len(problems) == 1 else f"{len(problems)} faults"
    return Invalid("chain.invalid", f"`{name}` has {count}: {problems[0].sentence()}", problems=problems)
