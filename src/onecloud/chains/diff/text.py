"""Changes as text for a terminal: one block an area, one line a change; many-line texts line by line; pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import unified_diff
from itertools import groupby
from typing import Final

from onecloud.chains.diff.values import Change
from onecloud.kernel.jsonvalue import Json, dump

SIGNS: Final = {"added": "+", "removed": "-", "changed": "~", "renamed": ">", "reordered": "%"}
MOST_CHARS: Final = 100  # of a value in a line; the JSON form has all of it
HIDDEN: Final = "not shown"


def lines_of(changes: Sequence[Change]) -> list[str]:
    """The changes as lines; none for no changes."""
    found: list[str] = []
    for area, of_area in groupby(changes, key=lambda c: c.area):
        found.append(area)
        for name, of_name in groupby(of_area, key=lambda c: c.name):
            found += _thing(area, name, list(of_name))
    return found


def _thing(area: str, name: str, changes: Sequence[Change]) -> Iterator[str]:
    whole = [change for change in changes if not change.field]
    for change in whole:
        yield f"  {SIGNS[change.kind]} {_whole(area, name, change)}"
    if len(whole) == len(changes):
        return
    if not whole:
        yield f"  ~ {name}"
    for change in changes:
        if change.field:
            yield from _field(change)


def _whole(area: str, name: str, change: Change) -> str:
    if change.kind == "renamed":
        return f"{change.before} → {name}"
    if change.kind == "reordered":
        order = change.after if isinstance(change.after, list | tuple) else []
        return f"order{f' in {name}' if name else ''}: {', '.join(str(item) for item in order)}"
    if area != "settings" and change.kind != "changed":
        return name
    match change.kind:
        case "added":
            return f"{name}: {_shown(change.after)}"
        case "removed":
            return f"{name} (was {_shown(change.before)})"
        case _:
            return f"{name}: {_shown(change.before)} → {_shown(change.after)}"


def _field(change: Change) -> Iterator[str]:
    start = f"      {SIGNS[change.kind]} {change.field}"
    if change.hidden:
        yield f"{start}: {HIDDEN}"
    elif isinstance(change.before, str) and isinstance(change.after, str) and _long(change.before, change.after):
        yield f"{start}:"
        lines = unified_diff(change.before.splitlines(), change.after.splitlines(), lineterm="", n=2)
        yield from (f"          {line}" for line in list(lines)[2:])
    elif change.kind == "added":
        yield f"{start}: {_shown(change.after)}"
    elif change.kind == "removed":
        yield f"{start} (was {_shown(change.before)})"
    elif change.kind == "reordered":
        yield f"{start}: in another order"
    else:
        yield f"{start}: {_shown(change.before)} → {_shown(change.after)}"


def _long(before: str, after: str) -> bool:
    """Whether both are texts of many lines that differ in their lines, not only at the very end."""
    both = before.splitlines(), after.splitlines()
    return both[0] != both[1] and min(map(len, both)) > 1


def _shown(value: Json) -> str:
    text = dump(value)
    return text if len(text) <= MOST_CHARS else f"{text[:MOST_CHARS]}… ({len(text)} characters)"
