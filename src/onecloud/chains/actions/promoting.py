"""Copying a chain, and promoting it to another environment of its workspace."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.chains import store
from onecloud.chains.actions import rights
from onecloud.chains.actions.changing import named
from onecloud.chains.actions.revisions import match
from onecloud.chains.actions.saving import checked_draft, checked_in, create, locked, outcome, save
from onecloud.chains.actions.versions import Content, Which, comparable, content
from onecloud.chains.check import Checked
from onecloud.chains.diff import Change, changes
from onecloud.chains.document import document_value, parse_value
from onecloud.chains.model import Applied, Definition, Draft
from onecloud.chains.outline import with_connections
from onecloud.chains.promotion import (
    ChildNeed,
    ConnectionNeed,
    ResourceNeed,
    SecretNeed,
    VariableNeed,
    child_needs,
    connection_needs,
    keeping_secrets,
    mapping_problems,
    secret_needs,
    variable_needs,
)
from onecloud.chains.sealing import sealed, without_secrets
from onecloud.chains.uses import resources_of
from onecloud.connections import actions as connections
from onecloud.infra.crypto import Keyring
from onecloud.kernel.errors import Invalid, Problem, Stale
from onecloud.kernel.jsonvalue import Json
from onecloud.kernel.permission import Level
from onecloud.kernel.principal import Principal
from onecloud.resources import actions as resources
from onecloud.variables import actions as variables
from onecloud.workspaces import actions as workspaces
from onecloud.workspaces.model import Environment
from onecloud.workspaces.permits import permit_environment


@dataclass(frozen=True, slots=True)
class Target:
    """Where a chain is to go: the environment, the name there, and the draft of the chain that has it already."""

    environment: Environment
    name: str
    draft: Draft | None


@dataclass(frozen=True, slots=True)
class Plan:
    """What a promotion needs and does. `changes` are those of the target's draft, with the suggested connections."""

    source: Content
    target: Target
    connections: list[ConnectionNeed]
    children: list[ChildNeed]
    variables: list[VariableNeed]
    resources: list[ResourceNeed]
    secrets: list[SecretNeed]
    changes: Sequence[Change]
    checked: Checked


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked for: the target, the state of the source, and the choices made.

    `connections` maps each connection that the chain uses to one of the target, or to None: its nodes go without.
    `target_revision` is what the plan told of the target's draft. With `take_secrets` the source's values of encrypted
    variables replace those that the target has.
    """

    environment_id: int
    name: str
    which: Which = "published"
    connections: Mapping[str, str | None] | None = None
    target_revision: int | None = None
    take_secrets: bool = False


async def copy(
    db: AsyncSession,
    caller: Principal | None,
    chain_id: int,
    environment_id: int,
    name: str,
    which: Which = "draft",
) -> Applied:
    """A new chain with the content of this one, in any environment of the workspace; it is not published.

    Values of encrypted variables come along with those who may change the chain: whoever may only read it could let
    the copy tell them.

    Raises: NotFound; Forbidden; Conflict `chain.name_taken`; Invalid `chain.other_workspace`.
    """
    source = await content(db, caller, chain_id, which)
    await rights.to_create(db, caller, environment_id)
    await _same_workspace(db, source, environment_id)
    definition = named(source.definition, name)
    if not await rights.may_write(db, caller, source.chain):
        definition = without_secrets(definition)
    draft = await create(db, caller, environment_id, definition, key="chain.copy", told=_origin(source))
    return outcome(draft, await checked_draft(db, draft), changed=True)


async def plan(db: AsyncSession, keys: Keyring, caller: Principal | None, chain_id: int, order: Order) -> Plan:
    """What promoting the chain needs and would do; nothing is written.

    Raises: NotFound; Forbidden; Conflict `chain.not_published`; Invalid `chain.other_workspace`, `chain.promotion`.
    """
    source, target = await _ends(db, caller, chain_id, order, lock=False)
    needs = await _connections(db, source, target)
    document = document_value(source.definition)
    files = sorted(resources_of(source.definition))
    kept = await resources.current(db, target.environment.workspace_id, files)
    there = {
        chain.name: version is not None
        for chain, version in await store.chains_with_published(db, caller, target.environment.id, None, None)
    }
    suggested = {need.name: need.suggested for need in needs}
    arriving = _arriving(keys, source, target, order, suggested)
    before = Definition(target.name, "", ()) if target.draft is None else target.draft.definition
    return Plan(
        source=source,
        target=target,
        connections=needs,
        children=child_needs(document, there),
        variables=variable_needs(
            document,
            await variables.values_for(db, keys, source.chain.environment_id),
            await variables.values_for(db, keys, target.environment.id),
        ),
        resources=[ResourceNeed(name, name in kept) for name in files],
        secrets=secret_needs(source.definition, target.draft.definition if target.draft else None),
        changes=changes(comparable(before, keys), comparable(arriving, keys)),
        checked=await checked_in(db, target.environment.id, arriving, target.draft.chain.id if target.draft else None),
    )


async def promote(db: AsyncSession, keys: Keyring, caller: Principal | None, chain_id: int, order: Order) -> Applied:
    """Put the chain's content into the draft of the target environment's chain; what is published there runs on.

    Raises: NotFound; Forbidden; Conflict `chain.not_published`; Stale when the target's draft is not what the plan
    saw; Invalid `chain.promotion` with every fault of the mapping. Source: product facts 2.19.
    """
    source, target = await _ends(db, caller, chain_id, order, lock=True)
    mapping = order.connections or {}
    enabled = await connections.connectors_by_name(db, target.environment.id)
    if problems := mapping_problems(await _connections(db, source, target), mapping, enabled):
        raise Invalid("chain.promotion", problems[0].sentence(), problems=tuple(problems))
    await _as_planned(db, target, order.target_revision)
    definition = _arriving(keys, source, target, order, mapping)
    told = _origin(source)
    if target.draft is None:
        draft, changed = (
            await create(db, caller, target.environment.id, definition, key="chain.promote", told=told),
            True,
        )
    else:
        draft, changed = await save(db, caller, target.draft, definition, key="chain.promote", told=told)
    return outcome(draft, await checked_draft(db, draft), changed=changed)


async def _ends(
    db: AsyncSession, caller: Principal | None, chain_id: int, order: Order, *, lock: bool
) -> tuple[Content, Target]:
    source = await content(db, caller, chain_id, order.which)
    await rights.to_write(db, caller, source.chain)
    # Before anything is said of the place: one that is hidden has no name and no workspace.
    await permit_environment(db, caller, Level.SEE, order.environment_id)
    environment = await _same_workspace(db, source, order.environment_id)
    name = named(source.definition, order.name).name
    if environment.id == source.chain.environment_id:
        message = "The chain is in this environment already."
        problem = Problem("environment_id", message, "Choose another environment, or copy the chain.")
        raise Invalid("chain.promotion", problem.sentence(), problems=(problem,))
    found = await store.chain_named(db, environment.id, name)
    await rights.to_put(db, caller, environment.id, found)
    if found is None:
        return source, Target(environment, name, None)
    draft = await locked(db, found.id) if lock else await store.draft(db, found.id)
    return source, Target(environment, name, draft)


async def _same_workspace(db: AsyncSession, source: Content, environment_id: int) -> Environment:
    target = await workspaces.get_environment(db, environment_id)
    here = await workspaces.get_environment(db, source.chain.environment_id)
    if here.workspace_id != target.workspace_id:
        problem = Problem(
            "environment_id",
            f"The environment `{target.name}` is in another workspace.",
            "Export the chain and import it there.",
        )
        raise Invalid("chain.other_workspace", problem.sentence(), problems=(problem,))
    return target


async def _connections(db: AsyncSession, source: Content, target: Target) -> list[ConnectionNeed]:
    return connection_needs(
        document_value(source.definition),
        await connections.connectors_by_name(db, source.chain.environment_id),
        await connections.connectors_by_name(db, target.environment.id),
        None if target.draft is None else document_value(target.draft.definition),
    )


def _arriving(
    keys: Keyring, source: Content, target: Target, order: Order, mapping: Mapping[str, str | None]
) -> Definition:
    """The definition that the target gets."""
    document = with_connections(document_value(replace(source.definition, name=target.name)), mapping)
    parsed = parse_value(document)
    definition = sealed(parsed.definition, parsed.kept, source.definition, keys)
    if order.take_secrets or target.draft is None:
        return definition
    return keeping_secrets(definition, target.draft.definition)


async def _as_planned(db: AsyncSession, target: Target, revision: int | None) -> None:
    """Accept a promotion whose target is what the plan saw.

    Raises: Stale.
    """
    if target.draft is not None and revision is not None:
        await match(db, target.draft, revision)
    elif target.draft is not None:
        message = f"`{target.name}` was made in {target.environment.name} meanwhile. Plan the promotion again."
        raise Stale("chain.draft_changed", message, current=target.draft.revision)
    elif revision is not None:
        message = f"`{target.name}` in {target.environment.name} is gone meanwhile. Plan the promotion again."
        raise Stale("chain.draft_changed", message, current=0)


def _origin(source: Content) -> dict[str, Json]:
    """What the activity log tells of where a content came from."""
    return {"from_chain": str(source.chain.id), "from_version": source.number, "from_revision": source.revision}
