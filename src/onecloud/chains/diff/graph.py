"""Nodes and links of two documents, groups taken apart: a member that moves is one change, not two; pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from onecloud.chains.diff.values import (
    Change,
    Kind,
    Steps,
    change,
    fields,
    items_of,
    objects_of,
    renames,
    reordered,
)
from onecloud.kernel.jsonvalue import Json, JsonObject

Arrow: TypeAlias = tuple[str, str, str, str]

INSIDE: Final = ("start", "nodes", "links")  # of a group: told as nodes and links of their own


@dataclass(frozen=True, slots=True)
class Placed:
    """A node taken out of its group: what it holds, where it stands, and the key of its group."""

    value: JsonObject
    steps: Steps
    scope: str = ""


def graph_changes(old: JsonObject, new: JsonObject) -> Iterator[Change]:
    """Differences of nodes, then of links."""
    nodes, nodes_now = nodes_of(old), nodes_of(new)
    renamed = renamed_nodes(nodes, nodes_now)
    moved = {renamed.get(key, key): Placed(p.value, p.steps, renamed.get(p.scope, p.scope)) for key, p in nodes.items()}
    back = {now: key for key, now in renamed.items()}
    for key, part in nodes_now.items():
        was = moved.get(key)
        if was is None:
            yield change("added", "nodes", key, "", part.steps, None, part.value)
            continue
        if key in back:
            yield change("renamed", "nodes", key, "", part.steps, back[key], key)
        if was.scope != part.scope:
            kind: Kind = "added" if not was.scope else "removed" if not part.scope else "changed"
            yield change(kind, "nodes", key, "group", part.steps, was.scope or None, part.scope or None)
        yield from fields("nodes", key, _outline(was.value, renamed), _outline(part.value, {}), (), part.steps)
    for key, part in nodes.items():
        if renamed.get(key, key) not in nodes_now:
            yield change("removed", "nodes", key, "", part.steps, part.value, None)
    for scope in dict.fromkeys(p.scope for p in nodes_now.values()):
        here = [key for key, p in moved.items() if p.scope == scope]
        now = [key for key, p in nodes_now.items() if p.scope == scope]
        yield from reordered("nodes", scope, "", ("nodes",), here, now)
    yield from _links(old, new, renamed)


def _links(old: JsonObject, new: JsonObject, renamed: Mapping[str, str]) -> Iterator[Change]:
    was = [
        (renamed.get(scope, scope), renamed.get(a, a), renamed.get(b, b), when) for scope, a, b, when in _arrows(old)
    ]
    now = _arrows(new)
    gone, come = Counter(was) - Counter(now), Counter(now) - Counter(was)
    for arrow in sorted(come.elements(), key=now.index):
        scope, source, target, when = arrow
        others = [a for a in gone if a[:3] == arrow[:3]]
        alone = len(others) == 1 and sum(a[:3] == arrow[:3] for a in (*was, *now)) == 2
        place = _links_place(scope)
        if alone:  # the same arrow with another condition
            gone -= Counter(others)
            yield change("changed", "links", f"{source} → {target}", "when", place, others[0][3], when)
        else:
            yield change("added", "links", f"{source} → {target}", "", place, None, _arrow_value(arrow))
    for arrow in gone.elements():
        name = f"{arrow[1]} → {arrow[2]}"
        yield change("removed", "links", name, "", _links_place(arrow[0]), _arrow_value(arrow), None)
    for scope in dict.fromkeys(arrow[0] for arrow in now):
        both = [[_arrow_text(a) for a in side if a[0] == scope] for side in (was, now)]
        yield from reordered("links", scope, "", _links_place(scope), both[0], both[1])


def _links_place(scope: str) -> Steps:
    return ("nodes", scope, "group", "links") if scope else ("links",)


def _arrow_value(arrow: Arrow) -> dict[str, Json]:
    return {"from": arrow[1], "to": arrow[2], "when": arrow[3]}


def _arrow_text(arrow: Arrow) -> str:
    return f"{arrow[1]} → {arrow[2]} ({arrow[3]})"


def _arrows(document: JsonObject) -> list[Arrow]:
    """Group, source, target and condition of every link."""
    found = [("", item) for item in objects_of(document.get("links"))]
    for key, part in nodes_of(document).items():
        group = part.value.get("group")
        if isinstance(group, Mapping):
            found += [(key, item) for item in objects_of(group.get("links"))]
    return [
        (scope, str(item.get("from")), str(item.get("to")), str(item.get("when", "success"))) for scope, item in found
    ]


def nodes_of(document: JsonObject) -> dict[str, Placed]:
    """Every node by its key, members right behind their group."""
    found: dict[str, Placed] = {}

    def walk(nodes: Json, steps: Steps, scope: str) -> None:
        if not isinstance(nodes, Mapping):
            return
        for key, value in nodes.items():
            if not isinstance(value, Mapping):
                continue
            found[key] = Placed(value, (*steps, key), scope)
            group = value.get("group")
            if isinstance(group, Mapping):
                walk(group.get("nodes"), (*steps, key, "group", "nodes"), key)

    walk(document.get("nodes"), ("nodes",), "")
    return found


def _outline(node: JsonObject, renamed: Mapping[str, str]) -> dict[str, Json]:
    """A node without what is told elsewhere: its members and the links among them."""
    group = node.get("group")
    if not isinstance(group, Mapping):
        return dict(node)
    starts = [renamed.get(str(key), key) for key in items_of(group.get("start"))]
    rest = {key: value for key, value in group.items() if key not in INSIDE}
    return {**node, "group": {**rest, "start": starts}}


def renamed_nodes(old: Mapping[str, Placed], new: Mapping[str, Placed]) -> dict[str, str]:
    """Old key to new key of nodes that only have another key now."""

    def bare(part: Placed) -> dict[str, Json]:
        value = _outline(part.value, {})
        return {**value, "group": None} if "group" in value else value

    return renames({key: bare(p) for key, p in old.items()}, {key: bare(p) for key, p in new.items()})
