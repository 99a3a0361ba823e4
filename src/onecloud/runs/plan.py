"""A definition as the reducer needs it: the nodes that run, by scope, with their links indexed; pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from onecloud.chains.graph import reach
from onecloud.chains.model import Definition, Link, Node


@dataclass(frozen=True, slots=True)
class Scope:
    """One graph: the chain itself, or the inside of a group. `keys` are in the document's order."""

    starts: tuple[str, ...]
    keys: tuple[str, ...]
    outgoing: Mapping[str, tuple[Link, ...]]
    incoming: Mapping[str, tuple[Link, ...]]


@dataclass(frozen=True, slots=True)
class Plan:
    """The part of a definition that its start reaches. `groups` holds the inside of each group by its key."""

    nodes: Mapping[str, Node]
    root: Scope
    groups: Mapping[str, Scope]

    def scope(self, key: str) -> Scope:
        """The graph that a node stands in."""
        group = self.nodes[key].group
        return self.root if group is None else self.groups[group]

    def after(self, key: str) -> frozenset[str]:
        """The node and everything that its links lead to, within its scope."""
        outgoing = self.scope(key).outgoing
        return reach([key], {source: [li.target for li in links] for source, links in outgoing.items()})

    def repeats(self, key: str) -> bool:
        """Whether the node has passes of its own."""
        return self.nodes[key].iterate is not None

    def is_opened(self, key: str) -> bool:
        """Whether the engine must decide something before the node's passes: their list, or a group's condition."""
        return self.repeats(key) or (self.nodes[key].is_group and self.nodes[key].skip_if is not None)


def plan_of(definition: Definition) -> Plan:
    """The plan of a definition; nodes that nothing starts are left out (product facts 2.6)."""
    members: dict[str, list[str]] = {}
    outside: list[str] = []
    for node in definition.nodes:
        (outside if node.group is None else members.setdefault(node.group, [])).append(node.key)
    root = _scope((definition.start,), tuple(outside), definition.links)
    groups = {
        node.key: _scope(node.starts or (), tuple(members.get(node.key, ())), node.links)
        for node in definition.nodes
        if node.is_group and node.key in root.outgoing
    }
    reached = set(root.keys).union(*(scope.keys for scope in groups.values()))
    nodes = {node.key: node for node in definition.nodes if node.key in reached}
    return Plan(nodes=nodes, root=root, groups=groups)


def _scope(starts: tuple[str, ...], keys: tuple[str, ...], links: tuple[Link, ...]) -> Scope:
    children: dict[str, list[str]] = {}
    known = set(keys)
    links = tuple(li for li in dict.fromkeys(links) if li.source in known and li.target in known)
    for link in links:
        children.setdefault(link.source, []).append(link.target)
    starts = tuple(key for key in dict.fromkeys(starts) if key in known)
    reached = reach(starts, children)
    outgoing: dict[str, list[Link]] = {key: [] for key in keys if key in reached}
    incoming: dict[str, list[Link]] = {key: [] for key in keys if key in reached}
    for link in links:
        if link.source in reached:
            outgoing[link.source].append(link)
            incoming[link.target].append(link)
    return Scope(
        starts=starts,
        keys=tuple(outgoing),
        outgoing={key: tuple(found) for key, found in outgoing.items()},
        incoming={key: tuple(found) for key, found in incoming.items()},
    )
