"""Comparing two JSON values field by field, and the one form of every difference found; pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal, TypeAlias, cast

from onecloud.kernel.jsonvalue import Json, JsonObject, dump
from onecloud.kernel.secret import MASK
from onecloud.variables.rules import shown

Kind: TypeAlias = Literal["added", "removed", "changed", "renamed", "reordered"]
Steps: TypeAlias = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. `area` is `settings`, `nodes`, `links` or a list of the document such as `variables`.

    `name` is a node's key, a thing's name, a link as `a → b`, or the setting. `field` is the place within it, empty
    when the whole thing came or went. `where` is the place in the later document, or in the earlier one for what went.
    Of `renamed` and `reordered` before and after hold names. `hidden`: an encrypted value, shown as dots at most.
    """

    kind: Kind
    area: str
    name: str
    field: str
    where: str
    before: Json = None
    after: Json = None
    hidden: bool = False


class Veiled(str):
    """The fingerprint of a value that is never shown, in the place of the value."""

    __slots__ = ()


def fields(area: str, name: str, old: JsonObject, new: JsonObject, steps: Steps, place: Steps) -> Iterator[Change]:
    """Differences of two objects; `steps` leads from the thing to them, `place` from the document to the thing."""
    for key in either(old, new):
        here = (*steps, key)
        if key not in old or key not in new:
            yield change(kind_of(old, new, key), area, name, shown(here), (*place, *here), old.get(key), new.get(key))
        else:
            yield from values(area, name, old[key], new[key], here, place)
    yield from reordered(area, name, shown(steps), (*place, *steps), list(old), list(new))


def values(area: str, name: str, old: Json, new: Json, steps: Steps, place: Steps) -> Iterator[Change]:
    """Differences of two values, as deep as both have the same form."""
    if same(old, new):
        return
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        yield from fields(area, name, old, new, steps, place)
    elif is_list(old) and is_list(new) and all(isinstance(i, Mapping) for i in (*items_of(old), *items_of(new))):
        for was, now, at in aligned(items_of(old), items_of(new)):
            here = (*steps, at)
            if was is None or now is None:
                kind: Kind = "added" if was is None else "removed"
                yield change(kind, area, name, shown(here), (*place, *here), was, now)
            else:
                yield from values(area, name, was, now, here, place)
    else:
        yield change("changed", area, name, shown(steps), (*place, *steps), old, new)


def renames(old: Mapping[str, JsonObject], new: Mapping[str, JsonObject]) -> dict[str, str]:
    """Old name to new name of what went and came back the same in everything else. Anything less is a guess."""
    gone = {name: dump(value) for name, value in old.items() if name not in new}
    come = {name: dump(value) for name, value in new.items() if name not in old}
    there, here = Counter(gone.values()), Counter(come.values())
    by_value = {value: name for name, value in come.items() if here[value] == 1}
    return {name: by_value[value] for name, value in gone.items() if there[value] == 1 and value in by_value}


def reordered(
    area: str, name: str, at: str, where: Steps, before: Sequence[str], after: Sequence[str]
) -> Iterator[Change]:
    """Whether those that are in both stand in another order now."""
    both = set(before) & set(after)
    was: list[Json] = [key for key in dict.fromkeys(before) if key in both]
    now: list[Json] = [key for key in dict.fromkeys(after) if key in both]
    if was != now:
        yield change("reordered", area, name, at, where, was, now)


def aligned(before: Sequence[Json], after: Sequence[Json]) -> Iterator[tuple[Json, Json, int]]:
    """Items of two lists without names, side by side: what is equal meets, the rest in the order of its place."""
    old, new = [dump(item) for item in before], [dump(item) for item in after]
    for kind, a, b, c, d in SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes():
        if kind == "equal":
            continue
        pairs = min(b - a, d - c)
        for step in range(pairs):
            yield before[a + step], after[c + step], c + step
        for index in range(a + pairs, b):
            yield before[index], None, index
        for index in range(c + pairs, d):
            yield None, after[index], index


def change(kind: Kind, area: str, name: str, at: str, where: Steps, before: Json, after: Json) -> Change:
    """The difference with its secrets turned into dots."""
    hidden = _holds_secret(before) or _holds_secret(after)
    return Change(kind, area, name, at, shown(where), _open(before), _open(after), hidden)


def _holds_secret(value: Json) -> bool:
    if isinstance(value, Mapping):
        return any(_holds_secret(item) for item in value.values())
    if isinstance(value, Sequence) and not isinstance(value, str):
        return any(_holds_secret(item) for item in value)
    return isinstance(value, Veiled)


def _open(value: Json) -> Json:
    """The value as it may be shown: dots for a secret, null for one that was never set."""
    if isinstance(value, Veiled):
        return MASK if value else None
    if isinstance(value, Mapping):
        return {key: _open(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_open(item) for item in value]
    return value


def kind_of(old: JsonObject, new: JsonObject, key: str) -> Kind:
    """Whether a key came, went or stayed."""
    return "changed" if key in old and key in new else "added" if key in new else "removed"


def same(before: Json, after: Json) -> bool:
    """Whether two values are written the same way."""
    return dump(before) == dump(after)  # as values, 1 and True would be equal


def either(old: JsonObject, new: JsonObject) -> list[str]:
    """The keys of both, the later ones first."""
    return list(dict.fromkeys((*new, *old)))


def is_list(value: Json) -> bool:
    """Whether this is a JSON list."""
    return isinstance(value, Sequence) and not isinstance(value, str)


def items_of(value: Json) -> Sequence[Json]:
    """The items of a list; none of anything else."""
    return cast(Sequence[Json], value) if is_list(value) else ()


def objects_of(value: Json | Sequence[Json]) -> list[JsonObject]:
    """The objects in a list."""
    return [item for item in items_of(value) if isinstance(item, Mapping)]
