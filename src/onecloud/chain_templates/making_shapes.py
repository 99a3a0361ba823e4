"""Making a chain of a template, on the wire of API v2: the order, its plan, and what came of it."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, JsonValue

from onecloud.chain_templates.actions import Order, Plan
from onecloud.chain_templates.deciding import Choice
from onecloud.chain_templates.model import VariableType
from onecloud.chain_templates.shapes import Shape, TemplateFault, faults_out


class TemplateChoiceIn(Shape):
    """What is chosen for a variable of the template; what is left out is proposed."""

    type: VariableType
    name: str
    to: str | None = Field(None, description="Name of the workspace's variable or file; the same name when left out.")
    create: bool | None = Field(
        None, description="Whether the workspace gets a new variable; when left out, if it has none of that name."
    )
    value: JsonValue = Field(None, description="Value of a new variable; the proposed one when left out.")


class NodeConnectionIn(Shape):
    """The connection of a node."""

    node: str = Field(description="Key of the node.")
    connection: str | None = Field(description="Name of the connection; null for none.")


class FromTemplateIn(Shape):
    """The chain that is asked for."""

    environment_id: str
    name: str = Field(description="Name of the new chain.")
    variables: list[TemplateChoiceIn] = Field(default_factory=list[TemplateChoiceIn], max_length=200)
    connections: list[NodeConnectionIn] = Field(default_factory=list[NodeConnectionIn], max_length=2000)


class TemplateVariableOut(Shape):
    """A variable of the template and what becomes of it."""

    type: VariableType
    name: str
    description: str
    encrypted: bool
    how: Literal["use", "create", "set"] = Field(
        description="`use` what the workspace has, `create` it there, or `set` it in the new chain."
    )
    to: str = Field(description="Its name there.")
    value: JsonValue = Field(description="Value of a new one; null for an encrypted one.")


class TemplateConnectionOut(Shape):
    """A node that can have a connection."""

    node: str
    node_name: str
    command: str
    connector_title: str
    required: bool
    choices: list[str] = Field(description="Connections of the connector that are enabled in the environment.")
    connection: str | None


class TemplatePlanOut(Shape):
    """What making the chain needs and comes to; nothing is done yet."""

    version: int = Field(description="The template's published version.")
    ready: bool = Field(description="Whether the chain can be made with these choices.")
    variables: list[TemplateVariableOut]
    connections: list[TemplateConnectionOut]
    workspace_variables: list[str]
    workspace_resources: list[str]
    choice_problems: list[TemplateFault] = Field(description="With any of them nothing is made.")
    problems: list[TemplateFault] = Field(description="Faults of the draft that is made; they can be mended there.")
    notes: list[TemplateFault]


class MadeChainOut(Shape):
    """The chain that was made, as a draft."""

    chain_id: str
    environment_id: str
    name: str
    problems: list[TemplateFault] = Field(description="They keep it from being published.")
    notes: list[TemplateFault]


def order_of(body: FromTemplateIn, environment_id: int) -> Order:
    """The order of a body."""
    return Order(
        environment_id,
        body.name,
        {(v.type, v.name): Choice(v.to, v.create, v.value) for v in body.variables},
        {c.node: c.connection for c in body.connections},
    )


def plan_out(plan: Plan) -> TemplatePlanOut:
    """A plan as it is shown; a secret that was given is not repeated."""
    made = plan.made
    shown: list[TemplateVariableOut] = []
    for need in made.variables:
        value: Any = None if need.variable.encrypted else need.value
        shown.append(
            TemplateVariableOut(
                type=need.variable.type,
                name=need.variable.name,
                description=need.variable.description,
                encrypted=need.variable.encrypted,
                how=need.how,
                to=need.to,
                value=value,
            )
        )
    return TemplatePlanOut(
        version=plan.version,
        ready=not made.problems,
        variables=shown,
        connections=[
            TemplateConnectionOut(
                node=need.node.key,
                node_name=need.node.name,
                command=need.node.command,
                connector_title=need.spec.connector_title,
                required=need.spec.needs_connection,
                choices=list(need.choices),
                connection=need.chosen,
            )
            for need in made.connections
        ],
        workspace_variables=list(plan.place.variables),
        workspace_resources=list(plan.place.resources),
        choice_problems=faults_out(made.problems),
        problems=faults_out(plan.checked.problems),
        notes=faults_out(plan.checked.notes),
    )
