"""The shape of a chain: what the start reaches, who comes before whom, and circles; pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from onecloud.chains.model import Definition, Link, When


@dataclass(frozen=True, slots=True)
class Shape:
    """The links between nodes that exist, and the nodes that run.

    `connected` holds what the start reaches, and of each group among that the members that its Group Start reaches.
    `groups` names the group of every member. Links never cross a group's border.
    """

    links: tuple[Link, ...]
    connected: frozenset[str]
    parents: Mapping[str, tuple[Link, ...]]
    sources: Mapping[str, tuple[str, ...]]
    groups: Mapping[str, str]

    def before(self, key: str) -> frozenset[str]:
        """Every node that runs before this one, near or far: across links, and with a group its members."""
        return self._with_members(self._linked_before(key), key)

    def finished_before(self, key: str) -> frozenset[str]:
        """Those of `before` that may have ended well: some path leaves them by another link than `failure`.

        Only they can have outputs when the node runs. Source: product facts 2.9.
        """
        reached = self._linked_before(key) | {key}
        group = self.groups.get(key)
        if group is not None:
            reached |= {group}
        ended_well = frozenset(
            li.source for to in reached for li in self.parents.get(to, ()) if li.when is not When.FAILURE
        )
        return self._with_members(ended_well, key)

    def _linked_before(self, key: str) -> frozenset[str]:
        found = reach([key], self.sources) - {key}
        group = self.groups.get(key)
        return found if group is None else found | (reach([group], self.sources) - {group})

    def _with_members(self, found: frozenset[str], key: str) -> frozenset[str]:
        members = {m for m, group in self.groups.items() if group in found and m in self.connected}
        return (found | members) - {key}


def shape_of(definition: Definition) -> Shape:
    """The shape of a definition. Links from nodes that do not run do not count (product facts 2.6)."""
    scopes: list[tuple[tuple[str, ...], tuple[Link, ...], frozenset[str]]] = [
        ((definition.start,), definition.links, frozenset(n.key for n in definition.nodes if n.group is None))
    ]
    scopes += [
        (n.starts or (), n.links, frozenset(m.key for m in definition.members(n.key)))
        for n in definition.nodes
        if n.is_group
    ]
    all_links: list[Link] = []
    parents: dict[str, list[Link]] = {}
    connected: frozenset[str] = frozenset()
    for starts, given, keys in scopes:
        links = tuple(dict.fromkeys(li for li in given if li.source in keys and li.target in keys))
        children: dict[str, list[str]] = {}
        for link in links:
            children.setdefault(link.source, []).append(link.target)
        reached = reach([s for s in starts if s in keys], children)
        connected |= reached
        all_links += links
        for link in links:
            if link.source in reached or link.target not in reached:
                parents.setdefault(link.target, []).append(link)
    groups = {n.key: n.group for n in definition.nodes if n.group is not None}
    return Shape(
        links=tuple(all_links),
        connected=frozenset(k for k in connected if groups.get(k) is None or groups[k] in connected),
        parents={key: tuple(found) for key, found in parents.items()},
        sources={key: tuple(li.source for li in found) for key, found in parents.items()},
        groups=groups,
    )


def reach(start: Iterable[str], steps: Mapping[str, Collection[str]]) -> frozenset[str]:
    """The start and everything that the steps lead to from there."""
    found = set(start)
    frontier = list(found)
    while frontier:
        for after in steps.get(frontier.pop(), ()):
            if after not in found:
                found.add(after)
                frontier.append(after)
    return frozenset(found)


def circles(links: Collection[Link]) -> list[tuple[str, ...]]:
    """One circle for every knot of nodes that lead back to themselves: its keys in order, the first not repeated."""
    children: dict[str, list[str]] = {}
    for link in links:
        children.setdefault(link.source, []).append(link.target)
    found: list[tuple[str, ...]] = []
    done: set[str] = set()
    for root, first in children.items():
        trail: list[str] = []
        place: dict[str, int] = {}
        # (node, the children not yet tried); explicit, because a chain may be deeper than Python's stack
        stack = [(root, iter(first))] if root not in done else []
        if stack:
            place[root] = 0
            trail.append(root)
        while stack:
            node, rest = stack[-1]
            for child in rest:
                if child in place:
                    found.append(tuple(trail[place[child] :]))
                elif child not in done:
                    place[child] = len(trail)
                    trail.append(child)
                    stack.append((child, iter(children.get(child, ()))))
                    break
            else:
                stack.pop()
                trail.pop()
                del place[node]
                done.add(node)
    return found
