"""Taking a template from a chain, and making a chain of a template, with a plan of it first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.chain_templates.actions import rights
from onecloud.chain_templates.actions.keeping import Saved, add, get, get_version
from onecloud.chain_templates.deciding import Choice, Made, Place, decide
from onecloud.chain_templates.document import Parsed
from onecloud.chain_templates.making import template_of
from onecloud.chain_templates.model import DEFAULT_FOLDER, Template
from onecloud.chains import actions as chains
from onecloud.chains import store as chain_store
from onecloud.chains.actions.place import surroundings_of
from onecloud.chains.catalog import catalog
from onecloud.chains.check import Checked, check
from onecloud.chains.document import parse_value
from onecloud.chains.model import Applied
from onecloud.chains.yamltext import Source
from onecloud.connections import actions as connections
from onecloud.infra.crypto import Keyring
from onecloud.kernel.errors import Conflict, Invalid, Problem
from onecloud.kernel.permission import Level
from onecloud.kernel.principal import Principal
from onecloud.resources import store as resource_store
from onecloud.variables import actions as variables
from onecloud.variables import store as variable_store
from onecloud.variables.model import VariableFields
from onecloud.workspaces import actions as workspaces
from onecloud.workspaces.permits import permit_chain, permit_environment


@dataclass(frozen=True, slots=True)
class Order:
    """The chain that is asked for, with what was chosen; what is left out is proposed.

    `variables` is by type and name, `connections` by the key of the node; None leaves a node without one.
    """

    environment_id: int
    name: str
    variables: Mapping[tuple[str, str], Choice] = field(default_factory=dict[tuple[str, str], Choice])
    connections: Mapping[str, str | None] = field(default_factory=dict[str, str | None])


@dataclass(frozen=True, slots=True)
class Plan:
    """What an order comes to. `made.problems` keep it from being carried out; `checked` is about the draft then."""

    template: Template
    version: int
    place: Place
    made: Made
    checked: Checked


async def from_chain(
    db: AsyncSession,
    caller: Principal | None,
    chain_id: int,
    *,
    name: str = "",
    folder: str = DEFAULT_FOLDER,
    description: str = "",
) -> Saved:
    """A new template with the content of the chain's draft; an empty name becomes `<chain> - Template`.

    Raises: NotFound; Forbidden, to those who may not change the chain; Conflict when the name is taken.
    Source: product facts 2.20.
    """
    chain = await chains.get_chain(db, chain_id)
    await permit_chain(db, caller, Level.WRITE, chain.environment_id, chain_id)
    rights.to_keep(caller)
    draft = await chain_store.draft(db, chain_id)
    assert draft is not None, "the chain was there a moment ago"
    content = template_of(draft.definition)
    called = name or f"{chain.name} - Template"
    return await add(db, caller, Parsed(called, folder, description, content, Source(None, {})))


async def plan(db: AsyncSession, caller: Principal | None, template_id: int, order: Order) -> Plan:
    """What making the chain needs and comes to; nothing is written.

    Raises: NotFound; Forbidden; Conflict `template.not_published`.
    """
    template, version, place, made = await _decided(db, caller, template_id, order)
    return Plan(template, version, place, made, await _checked(db, order, made))


async def make_chain(
    db: AsyncSession, keys: Keyring, caller: Principal | None, template_id: int, order: Order
) -> Applied:
    """Make the chain as a draft, with the variables that it needs in the workspace; all of it or nothing.

    Raises: NotFound; Forbidden; Conflict `template.not_published`, `chain.name_taken`; Invalid `template.choices` with
    every fault of the choices. Source: product facts 2.20.
    """
    template, version, _, made = await _decided(db, caller, template_id, order)
    if made.problems:
        raise Invalid("template.choices", made.problems[0].sentence(), problems=made.problems)
    environment = await workspaces.get_environment(db, order.environment_id)
    for need in made.new_variables:
        secret = need.variable.encrypted
        fields = VariableFields(need.to, need.variable.description[:200], str(need.value), encrypted=secret)
        await variables.put_variable(db, keys, caller, environment.workspace_id, fields)
    applied = await chains.create_chain(db, keys, caller, order.environment_id, parse_value(made.document))
    await rights.tell(
        db, "chain_template.use", caller, template_id, template.name, version=version, chain=str(applied.chain.id)
    )
    return applied


async def _decided(
    db: AsyncSession, caller: Principal | None, template_id: int, order: Order
) -> tuple[Template, int, Place, Made]:
    template = await get(db, template_id)
    await permit_environment(db, caller, Level.CREATE, order.environment_id)
    environment = await workspaces.get_environment(db, order.environment_id)
    if template.published_version is None:
        message = f"The template `{template.name}` was never published; publish it first."
        raise Conflict("template.not_published", message)
    version = await get_version(db, template, template.published_version)
    place = Place(
        variables=[key for key, _, _ in await variable_store.values_in(db, order.environment_id)],
        resources=await resource_store.names(db, environment.workspace_id),
        connections=await connections.connectors_by_name(db, order.environment_id),
    )
    made = decide(version.content, order.name, place, order.variables, order.connections, catalog())
    taken = await chain_store.chain_named(db, order.environment_id, order.name)
    if taken is not None:
        message = f"The environment has a chain named `{order.name}` already."
        made = replace(made, problems=(Problem("name", message, "Choose another name."), *made.problems))
    return template, version.number, place, made


async def _checked(db: AsyncSession, order: Order, made: Made) -> Checked:
    """The check of the draft that is made; a name that no chain can have is a problem of its own."""
    try:
        definition = parse_value(made.document).definition
    except Invalid as fault:
        return Checked(fault.problems, ())
    offered = await surroundings_of(db, order.environment_id, definition, None)
    created = [need.to for need in made.new_variables]
    return check(definition, catalog(), replace(offered, variables=[*(offered.variables or ()), *created]))
