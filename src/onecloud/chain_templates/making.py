"""From a chain to a template and from a template to a chain: names found, taken apart and replaced; pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from onecloud.chain_templates.document import NOT_HERE
from onecloud.chain_templates.model import Content, TemplateVariable, VariableType
from onecloud.chains.document import document_value
from onecloud.chains.model import Definition
from onecloud.kernel.jsonvalue import Json, JsonObject
from onecloud.variables.language import parse
from onecloud.variables.model import Reference, TemplateFault
from onecloud.variables.rules import texts

TYPES: Final[tuple[VariableType, ...]] = ("workspace", "chain", "dynamic", "resource")
# A scope and its first step, behind the opening when the reference stands alone.
HEAD: Final = re.compile(r'(?:\$\{\{\s*)?\w+(\.[\w-]+|\["(?:[^"\\]|\\.)*"\])')

Names = Mapping[tuple[str, str], str]


@dataclass(frozen=True, slots=True)
class NodeNeed:
    """A node with a command. `where` is its place in the chain's document."""

    key: str
    where: str
    name: str
    command: str
    has_connection: bool


def template_of(definition: Definition) -> Content:
    """A chain as a template: no connections and nothing that starts it; what it refers to becomes variables.

    Encrypted variables come without their values. Source: product facts 2.20.
    """
    document = document_value(definition)
    chain = without_connections({key: value for key, value in document.items() if key not in NOT_HERE})
    own = [
        TemplateVariable(v.name, "chain", value=None if v.encrypted else v.value, encrypted=v.encrypted)
        for v in definition.variables
    ]
    own += [TemplateVariable(v.name, "dynamic", value=v.value) for v in definition.dynamic_variables]
    used = {(r.scope, r.name): None for r in references_in(chain)}
    outside = [
        TemplateVariable(name, type_) for type_ in ("workspace", "resource") for scope, name in used if scope == type_
    ]
    return Content((*outside, *own), chain)


def references_in(value: Json) -> Iterator[Reference]:
    """Every reference in the value, at any depth; a text that cannot be read has none."""
    for _, text in texts(value):
        if "${{" in text:
            try:
                yield from parse(text).references
            except TemplateFault:
                continue


def unused(content: Content) -> list[TemplateVariable]:
    """Variables of the template that nothing in its chain refers to."""
    used = {(r.scope, r.name) for r in references_in(content.chain)}
    return [variable for variable in content.variables if variable.key not in used]


def renamed(value: Json, names: Names) -> Json:
    """The value with other names in its references: `(scope, name)` to the new name; all else as it was written."""
    if isinstance(value, str):
        return _renamed_text(value, names)
    if isinstance(value, Mapping):
        return {key: renamed(item, names) for key, item in value.items()}
    if isinstance(value, Sequence):
        return [renamed(item, names) for item in value]
    return value


def _renamed_text(text: str, names: Names) -> str:
    if "${{" not in text:
        return text
    try:
        found = parse(text).references
    except TemplateFault:
        return text
    for reference in sorted(found, key=lambda r: r.start, reverse=True):
        new = names.get((reference.scope, reference.name))
        head = HEAD.match(text, reference.start)
        if new is not None and head is not None:
            step = str(Reference(reference.scope, (new,))).removeprefix(reference.scope)
            text = text[: head.start(1)] + step + text[head.end(1) :]
    return text


def chain_of(
    content: Content, name: str, names: Names, values: Mapping[tuple[str, str], Json], connections: Mapping[str, str]
) -> dict[str, Json]:
    """The document of a chain made of the template.

    `names` gives the workspace's own names for its variables and files, `values` those of chain and dynamic variables
    (else the proposed ones), `connections` the connection of each node by its key.
    """
    chain = _with_connections({key: renamed(value, names) for key, value in content.chain.items()}, connections)
    fixed: list[Json] = []
    dynamic: list[Json] = []
    for variable in content.variables:
        value = values.get(variable.key, variable.value)
        if variable.type == "chain" and variable.encrypted:
            fixed.append({"name": variable.name, "value": value or None, "encrypted": True})
        elif variable.type == "chain":
            fixed.append({"name": variable.name, "value": value or ""})
        elif variable.type == "dynamic":
            dynamic.append({"name": variable.name, "value": "" if value is None else value})
    return {"onecloud": 1, "name": name, **chain, "variables": fixed, "dynamic_variables": dynamic}


def nodes_in(chain: JsonObject) -> Iterator[tuple[str, str, JsonObject]]:
    """Key, place and content of every node, members of groups too."""
    yield from _nodes(chain.get("nodes"), "nodes")


def _nodes(nodes: Json, where: str) -> Iterator[tuple[str, str, JsonObject]]:
    if isinstance(nodes, Mapping):
        for key, node in nodes.items():
            if isinstance(node, Mapping):
                place = f"{where}.{key}"
                yield key, place, node
                group = node.get("group")
                if isinstance(group, Mapping):
                    yield from _nodes(group.get("nodes"), f"{place}.group.nodes")


def node_needs(chain: JsonObject) -> list[NodeNeed]:
    """Every node that has a command."""
    return [
        NodeNeed(key, where, str(node.get("name") or key), str(node["command"]), "connection" in node)
        for key, where, node in nodes_in(chain)
        if node.get("command")
    ]


def without_connections(chain: JsonObject) -> dict[str, Json]:
    """The chain with no node's connection."""
    return _each_node(chain, lambda key, node: {k: v for k, v in node.items() if k != "connection"})


def _with_connections(chain: JsonObject, connections: Mapping[str, str]) -> dict[str, Json]:
    return _each_node(
        chain, lambda key, node: {**node, "connection": connections[key]} if key in connections else dict(node)
    )


def _each_node(chain: JsonObject, change: Callable[[str, JsonObject], dict[str, Json]]) -> dict[str, Json]:
    def all_of(nodes: Json) -> Json:
        if not isinstance(nodes, Mapping):
            return nodes
        return {key: one(key, node) if isinstance(node, Mapping) else node for key, node in nodes.items()}

    def one(key: str, node: JsonObject) -> Json:
        changed = change(key, node)
        group = changed.get("group")
        return (
            {**changed, "group": {**group, "nodes": all_of(group["nodes"])}} if isinstance(group, Mapping) else changed
        )

    return {**chain, "nodes": all_of(chain["nodes"])} if "nodes" in chain else dict(chain)
