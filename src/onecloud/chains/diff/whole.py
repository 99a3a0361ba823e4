"""Two whole documents: the settings, the graph, and the lists of named things, with secrets veiled; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from onecloud.chains.diff.graph import graph_changes, nodes_of, renamed_nodes
from onecloud.chains.diff.values import (
    Change,
    Veiled,
    aligned,
    change,
    either,
    fields,
    is_list,
    items_of,
    kind_of,
    objects_of,
    renames,
    reordered,
    same,
    values,
)
from onecloud.kernel.jsonvalue import Json, JsonObject

SETTINGS: Final = "settings"  # the area of everything that is one value of the chain
NAMES: Final = ("name", "key", "id")  # what a list's items may be told apart by


@dataclass(frozen=True, slots=True)
class Comparable:
    """A document with a fingerprint of every variable's value: equal ones mean equal values, without telling them.

    The fingerprint of an encrypted variable without a value is empty.
    """

    document: JsonObject
    fingerprints: Mapping[str, str] = field(default_factory=dict[str, str])


def changes(before: Comparable, after: Comparable) -> tuple[Change, ...]:
    """Every difference, in the order of the later document: settings, nodes, links, then the lists."""
    old, new = _veiled(before, after)
    return (*_settings(old, new), *graph_changes(old, new), *_lists(old, new))


def _veiled(before: Comparable, after: Comparable) -> tuple[dict[str, Json], dict[str, Json]]:
    """Both documents with fingerprints for the values of variables that are encrypted in either."""
    secret = {
        str(item.get("name"))
        for side in (before, after)
        for item in objects_of(side.document.get("variables"))
        if item.get("encrypted")
    }

    def veiled(side: Comparable) -> dict[str, Json]:
        items: list[Json] = []
        for item in objects_of(side.document.get("variables")):
            name = str(item.get("name"))
            items.append({**item, "value": Veiled(side.fingerprints.get(name) or "")} if name in secret else item)
        return {**side.document, **({"variables": items} if items else {})}

    return veiled(before), veiled(after)


def _settings(old: JsonObject, new: JsonObject) -> Iterator[Change]:
    renamed = renamed_nodes(nodes_of(old), nodes_of(new))
    for name in either(old, new):
        if name in ("nodes", "links") or _holds_things(old.get(name), new.get(name)):
            continue
        before = old.get(name)
        if name == "start":  # that its node has another key now is told once, with the node
            before = renamed.get(str(before), before)
        if name in old and name in new and same(before, new[name]):
            continue
        yield change(kind_of(old, new, name), SETTINGS, name, "", (name,), old.get(name), new.get(name))


def _lists(old: JsonObject, new: JsonObject) -> Iterator[Change]:
    for area in either(old, new):
        if area not in ("nodes", "links") and _holds_things(old.get(area), new.get(area)):
            yield from _named(area, items_of(old.get(area)), items_of(new.get(area)))


def _holds_things(old: Json, new: Json) -> bool:
    """Whether a field is a list of objects; a list of plain values is a setting as a whole."""
    if not (is_list(old) or is_list(new)):
        return False
    return all(isinstance(item, Mapping) for item in (*items_of(old), *items_of(new)))


def _named(area: str, before: Sequence[Json], after: Sequence[Json]) -> Iterator[Change]:
    """A list of things; without names of their own they are told apart by their place."""
    label = _label(before, after)
    if label is None:
        for was, now, at in aligned(before, after):
            name = f"#{at + 1}"
            if was is None or now is None:
                yield change("added" if was is None else "removed", area, name, "", (area, at), was, now)
            else:
                yield from values(area, name, was, now, (), (area, at))
        return
    old = {str(item[label]): item for item in objects_of(before)}
    new = {str(item[label]): item for item in objects_of(after)}
    places = {name: index for index, name in enumerate(new)}
    renamed = renames(
        {name: _without(item, label) for name, item in old.items()},
        {name: _without(item, label) for name, item in new.items()},
    )
    moved = {renamed.get(name, name): {**item, label: renamed.get(name, name)} for name, item in old.items()}
    back = {now: name for name, now in renamed.items()}
    for name, item in new.items():
        place = (area, places[name])
        if name not in moved:
            yield change("added", area, name, "", place, None, item)
            continue
        if name in back:
            yield change("renamed", area, name, "", place, back[name], name)
        yield from fields(area, name, moved[name], item, (), place)
    for index, (name, item) in enumerate(old.items()):
        if renamed.get(name, name) not in new:
            yield change("removed", area, name, "", (area, index), item, None)
    yield from reordered(area, "", "", (area,), list(moved), list(new))


def _label(before: Sequence[Json], after: Sequence[Json]) -> str | None:
    """The field by which the items of both lists can be told apart, if there is one."""
    for label in NAMES:
        if all(_tells(label, side) for side in (before, after)):
            return label
    return None


def _tells(label: str, items: Sequence[Json]) -> bool:
    names = [item.get(label) for item in objects_of(items)]
    return all(isinstance(name, str) and name for name in names) and len(set(map(str, names))) == len(names)


def _without(item: JsonObject, label: str) -> dict[str, Json]:
    return {key: value for key, value in item.items() if key != label}
