"""JSON values as text: in a cell of a table, or as compact JSON that keeps decimals as they were written."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Final, TypeAlias, cast

from pydantic import AfterValidator

_NAMED: Final = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|", "space": " "}


def _one_character(text: str) -> str:
    character = _NAMED.get(text, text)
    if len(character) != 1 or character in '"\r\n\0':
        names = ", ".join(_NAMED)
        raise ValueError(f"{text!r} is no delimiter: give one character other than a quote, or one of {names}")
    return character


Delimiter: TypeAlias = Annotated[str, AfterValidator(_one_character)]


def cell(value: object, between: str) -> str:
    """The value as the text of one cell; a list of plain values is joined by `between`, other nesting becomes JSON."""
    if isinstance(value, list):
        items = cast("list[object]", value)
        if not any(isinstance(item, list | Mapping) for item in items):
            return between.join(cell(item, between) for item in items)
    if value is None:
        return ""
    return value if isinstance(value, str) else compact(cast("object", value))


def compact(value: object) -> str:
    """Compact JSON text; a decimal keeps its digits."""
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Mapping):
        fields = cast("Mapping[str, object]", value).items()
        return "{" + ",".join(f"{json.dumps(k, ensure_ascii=False)}:{compact(v)}" for k, v in fields) + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ",".join(compact(item) for item in cast("Sequence[object]", value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def as_floats(value: object) -> object:
    """The value with binary numbers instead of decimals, which JMESPath's functions do not take."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, Mapping):
        return {key: as_floats(item) for key, item in cast("Mapping[str, object]", value).items()}
    if isinstance(value, list):
        return [as_floats(item) for item in cast("list[object]", value)]
    return value
