"""What API v2 says of chains; `runs/` shows the same graph and inputs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from onecloud.chains.commands import CommandSpec
from onecloud.chains.graph import shape_of
from onecloud.chains.model import Chain, Definition, Person, Version, input_id, link_id, node_id
from onecloud.workspaces.shapes import Permissions


class Shape(BaseModel):
    """Parent of the shapes below."""

    model_config = ConfigDict(frozen=True)


class RuntimeInputOut(Shape):
    """A value that is asked for at start, as the form needs it."""

    id: str = Field(description="GUID, the same in every version.")
    name: str
    type: Literal["text", "number", "boolean", "date", "dropdown", "file"]
    label: str = Field(description="Shown to people; the name when the author gave none.")
    description: str
    required: bool
    default: JsonValue = Field(description="Null when there is none.")
    options: list[str] = Field(description="Choices of a dropdown; empty for other types.")


class GraphNode(Shape):
    """One command of the chain."""

    id: str = Field(description="GUID, the same in every version and run.")
    key: str = Field(description="The node's key in the document and in references.")
    name: str
    description: str
    kind: Literal["command", "event", "group"]
    command: str = Field(description="`connector.command`; empty for a group.")
    connector_title: str
    command_title: str
    group: str | None = Field(description="Id of the group that it is a member of.")
    starts: list[str] = Field(description="Ids of the members that Group Start leads to; empty for others.")
    iterates: bool = Field(description="Whether it repeats.")
    color: str


class GraphLink(Shape):
    """An arrow; `source` and `target` are node ids."""

    id: str
    source: str
    target: str
    when: Literal["success", "warning", "failure", "any"]


class Graph(Shape):
    """The nodes that the start reaches and their links; `start` is a node id."""

    start: str
    nodes: list[GraphNode]
    links: list[GraphLink]


class PublishedOut(Shape):
    """The version that runs."""

    version: int = Field(description="1 for the chain's first.")
    published_at: datetime
    comment: str


class SwitchedOut(Shape):
    """The last time that the chain was enabled or disabled."""

    at: datetime
    by: str | None = Field(description="Name of the person; null: the command line.")


class ChainOut(Shape):
    """A chain with its published content; `graph` is null and inputs are empty when it was never published."""

    id: str
    environment_id: str
    name: str
    description: str
    disabled: bool
    allow_concurrent_runs: bool
    tags: list[str]
    switched: SwitchedOut | None = Field(description="Null when its execution was never switched.")
    unpublished_changes: bool = Field(description="Whether there is something to publish.")
    published: PublishedOut | None
    runtime_inputs: list[RuntimeInputOut]
    graph: Graph | None
    created_at: datetime
    updated_at: datetime
    permissions: Permissions


def graph_of(chain_id: int, definition: Definition, commands: Mapping[str, CommandSpec]) -> Graph:
    """The graph that people see. A command that is no longer installed keeps its name as its title.

    Source: product facts 2.6 (unlinked nodes are not shown in the run view).
    """
    shape = shape_of(definition)
    nodes: list[GraphNode] = []
    for node in definition.nodes:
        if node.key not in shape.connected:
            continue
        spec = commands.get(node.command)
        titles = (spec.connector_title, spec.title) if spec else (node.command.partition(".")[::2])
        nodes.append(
            GraphNode(
                id=node_id(chain_id, node.key),
                key=node.key,
                name=node.name or node.key,
                description=node.description,
                kind="group" if node.is_group else "event" if node.is_event else "command",
                command=node.command,
                connector_title="" if node.is_group else titles[0],
                command_title="Command Group" if node.is_group else titles[1],
                group=None if node.group is None else node_id(chain_id, node.group),
                starts=[node_id(chain_id, key) for key in node.starts or ()],
                iterates=node.iterate is not None,
                color=node.color,
            )
        )
    links = [
        GraphLink(
            id=link_id(chain_id, link),
            source=node_id(chain_id, link.source),
            target=node_id(chain_id, link.target),
            when=link.when.value,
        )
        for link in shape.links
        if link.source in shape.connected
    ]
    return Graph(start=node_id(chain_id, definition.start), nodes=nodes, links=links)


def inputs_of(chain_id: int, definition: Definition | None) -> list[RuntimeInputOut]:
    """The runtime inputs of a version; none without one."""
    return [
        RuntimeInputOut(
            id=input_id(chain_id, asked.name),
            name=asked.name,
            type=asked.type,
            label=asked.label or asked.name,
            description=asked.description,
            required=asked.required,
            default=asked.default if isinstance(asked.default, str | int | float) else None,
            options=list(asked.options),
        )
        for asked in (definition.inputs if definition else ())
    ]


def published_of(version: Version | None) -> PublishedOut | None:
    """The publish of a version."""
    if version is None:
        return None
    return PublishedOut(version=version.number, published_at=version.published_at, comment=version.comment)


def chain_out(
    chain: Chain,
    version: Version | None,
    commands: Mapping[str, CommandSpec],
    permissions: list[str],
    switched_by: Person | None = None,
) -> ChainOut:
    """A chain with its published version."""
    switched = None
    if chain.switched_at is not None:
        switched = SwitchedOut(at=chain.switched_at, by=None if switched_by is None else switched_by.name)
    return ChainOut(
        id=str(chain.id),
        environment_id=str(chain.environment_id),
        name=chain.name,
        description=chain.description,
        disabled=chain.disabled,
        allow_concurrent_runs=chain.allow_concurrent_runs,
        tags=list(chain.tags),
        switched=switched,
        unpublished_changes=chain.draft_differs,
        published=published_of(version),
        runtime_inputs=inputs_of(chain.id, version.definition if version else None),
        graph=graph_of(chain.id, version.definition, commands) if version else None,
        created_at=chain.created_at,
        updated_at=chain.updated_at,
        permissions=permissions,
    )
