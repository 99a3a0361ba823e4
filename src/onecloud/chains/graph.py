"""The shape of a chain: what the start reaches, who comes before whom, and circles; pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from onecloud.chains.model import Definition, Link, When


@dataclass(frozen=True, slots=True)
class Shape:
    """The links between nodes that exist, and the nodes that the start reaches."""

    links: tuple[Link, ...]
    connected: frozenset[str]
    parents: Mapping[str, tuple[Link, ...]]
    sources: Mapping[str, tuple[str, ...]]

    def before(self, key: str) -> frozenset[str]:
        """Every node from which links lead to this one, near or far."""
        return reach([key], self.sources) - {key}

    def finished_before(self, key: str) -> frozenset[str]:
        """Those of `before` that may have ended well: some path leaves them by another link than `failure`.

        Only they can have outputs when the node runs. Source: product facts 2.9.
        """
        reached = self.before(key) | {key}
        return frozenset(
            li.source for to in reached for li in self.parents.get(to, ()) if li.when is not When.FAILURE
        ) - {key}


def shape_of(definition: Definition) -> Shape:
    """The shape of a definition. Links from nodes that the start does not reach do not count (product facts 2.6)."""
    keys = {n.key for n in definition.nodes}
    links = tuple(dict.fromkeys(li for li in definition.links if li.source in keys and li.target in keys))
    children: dict[str, list[str]] = {}
    for link in links:
        children.setdefault(link.source, []).append(link.target)
    connected = reach([definition.start], children) if definition.start in keys else frozenset[str]()
    parents: dict[str, list[Link]] = {}
    for link in links:
        if link.source in connected or link.target not in connected:
            parents.setdefault(link.target, []).append(link)
    return Shape(
        links=links,
        connected=connected,
        parents={key: tuple(found) for key, found in parents.items()},
        sources={key: tuple(li.source for li in found) for key, found in parents.items()},
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
