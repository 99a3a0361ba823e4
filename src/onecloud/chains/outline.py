"""Walking a chain's document for what it uses elsewhere: child chains, connections, workspace variables; pure.

All work on the document as a value, so that what new fields hold is found too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from onecloud.kernel.jsonvalue import Json, JsonObject
from onecloud.variables.model import TemplateFault
from onecloud.variables.rules import parse, shown, texts

RUN_CHAIN: Final = "event.run_chain"
CONNECTION: Final = "connection"
# Fields whose content is the author's own, so that a name in it means nothing here.
FREE: Final = ("inputs", "value", "values", "over", "other")


@dataclass(frozen=True, slots=True)
class Used:
    """A name that the document uses, and the place of the use."""

    name: str
    where: str


def nodes_in(document: JsonObject) -> Iterator[tuple[str, JsonObject]]:
    """Every node with its place, members of groups too."""
    yield from _nodes(document.get("nodes"), ("nodes",))


def _nodes(nodes: Json, steps: tuple[str | int, ...]) -> Iterator[tuple[str, JsonObject]]:
    if not isinstance(nodes, Mapping):
        return
    for key, node in nodes.items():
        if isinstance(node, Mapping):
            yield shown((*steps, key)), node
            group = node.get("group")
            if isinstance(group, Mapping):
                yield from _nodes(group.get("nodes"), (*steps, key, "group", "nodes"))


def children(document: JsonObject) -> list[Used]:
    """The chains that the document runs, by name; a name that only a run can tell is as it is written."""
    found: list[Used] = []
    for where, node in nodes_in(document):
        inputs = node.get("inputs")
        if node.get("command") == RUN_CHAIN and isinstance(inputs, Mapping):
            name = inputs.get("chain")
            if isinstance(name, str) and name:
                found.append(Used(name, f"{where}.inputs.chain"))
    return found


def is_fixed(name: str) -> bool:
    """Whether a name is written out and not a reference."""
    return "${{" not in name


def runs_chain(document: JsonObject, name: str) -> bool:
    """Whether the document runs the chain of that name."""
    return any(child.name == name for child in children(document))


def connections(document: JsonObject) -> list[Used]:
    """The connections that the document names, wherever it has a field for one."""
    return [Used(value, where) for where, value in _connections(document, ())]


def _connections(value: Json, steps: tuple[str | int, ...]) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            if key == CONNECTION and isinstance(item, str):
                yield shown((*steps, key)), item
            elif key not in FREE or _names_parts(steps):
                yield from _connections(item, (*steps, key))
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for index, item in enumerate(value):
            yield from _connections(item, (*steps, index))


def _names_parts(steps: tuple[str | int, ...]) -> bool:
    """Whether the keys at this place are names that the author chose, such as those of nodes."""
    return bool(steps) and steps[-1] == "nodes"


def workspace_variables(document: JsonObject) -> list[Used]:
    """The workspace variables that the document refers to, each once, with the first place."""
    found: dict[str, Used] = {}
    for where, text in texts(document):
        if "${{" not in text:
            continue
        try:
            references = parse(text).references
        except TemplateFault:
            continue  # the check tells of it
        for reference in references:
            if reference.scope == "workspace":
                found.setdefault(reference.name, Used(reference.name, where))
    return list(found.values())


def with_connections(document: JsonObject, mapping: Mapping[str, str | None]) -> dict[str, Json]:
    """The document with other connections; one that is mapped to None is taken out."""

    def changed(value: Json, steps: tuple[str | int, ...]) -> Json:
        if isinstance(value, Mapping):
            kept: dict[str, Json] = {}
            for key, item in value.items():
                if key == CONNECTION and isinstance(item, str):
                    target = mapping.get(item, item)
                    if target is not None:
                        kept[key] = target
                elif key in FREE and not _names_parts(steps):
                    kept[key] = item
                else:
                    kept[key] = changed(item, (*steps, key))
            return kept
        if isinstance(value, Sequence) and not isinstance(value, str):
            return [changed(item, (*steps, index)) for index, item in enumerate(value)]
        return value

    return {key: changed(value, (key,)) if key not in FREE else value for key, value in document.items()}


def with_children(document: JsonObject, names: Mapping[str, str]) -> dict[str, Json]:
    """The document with other names for the chains that it runs."""

    def renamed(node: JsonObject) -> JsonObject:
        inputs = node.get("inputs")
        if node.get("command") == RUN_CHAIN and isinstance(inputs, Mapping):
            name = inputs.get("chain")
            if isinstance(name, str) and name in names:
                return {**node, "inputs": {**inputs, "chain": names[name]}}
        return node

    return _each_node(document, renamed)


def _each_node(document: JsonObject, change: Callable[[JsonObject], JsonObject]) -> dict[str, Json]:
    def one(node: JsonObject) -> JsonObject:
        node = change(node)
        group = node.get("group")
        if not isinstance(group, Mapping) or "nodes" not in group:
            return node
        return {**node, "group": {**group, "nodes": all_of(group["nodes"])}}

    def all_of(nodes: Json) -> Json:
        if not isinstance(nodes, Mapping):
            return nodes
        found: dict[str, Json] = {}
        for key, node in nodes.items():
            found[key] = one(node) if isinstance(node, Mapping) else node
        return found

    return {**document, "nodes": all_of(document["nodes"])} if "nodes" in document else dict(document)
