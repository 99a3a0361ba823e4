"""Rows of a database as CSV text and as JSON: exact decimals, ISO times, NULL apart from an empty text."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable, Sequence
from decimal import Decimal

from pydantic import JsonValue


def as_text(value: object) -> str:
    """A value other than NULL as text."""
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case Decimal():
            return format(value, "f")
        case dt.datetime():
            return value.isoformat(sep=" ")
        case dt.date() | dt.time():
            return value.isoformat()
        case bytes():
            return "\\x" + bytes(value).hex()
        case list() | dict():
            return json.dumps(value, ensure_ascii=False, default=as_text)
        case _:
            return str(value)


def as_json(value: object) -> JsonValue:
    """A value as JSON: whole numbers, finite floats and truths as they are, all else as text."""
    match value:
        case None | bool() | int() | str():
            return value
        case float() if value - value == 0:
            return value
        case _:
            return as_text(value)


def line_writer(delimiter: str) -> Callable[[Sequence[object]], str]:
    """A function that gives a row as a line of CSV. NULL is an empty field, an empty text is `""`."""
    special = re.compile(f'[\r\n"{re.escape(delimiter)}]')

    def field(value: object) -> str:
        if value is None:
            return ""
        text = as_text(value)
        return '"' + text.replace('"', '""') + '"' if not text or special.search(text) else text

    return lambda row: delimiter.join([field(value) for value in row]) + "\n"


def unique_names(names: Sequence[str]) -> list[str]:
    """The columns' names, a repeated one with `_2`, `_3`, … so that each can be asked for."""
    taken: set[str] = set()
    result: list[str] = []
    for name in names:
        free, number = name, 1
        while free in taken:
            number += 1
            free = f"{name}_{number}"
        taken.add(free)
        result.append(free)
    return result
