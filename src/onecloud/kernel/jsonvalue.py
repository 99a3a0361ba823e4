"""JSON values as a type, and the few readers that turn an unknown value into one.

This is the only file where `Any` is at home: everything that comes from outside passes here first.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TypeAlias, cast

JsonScalar: TypeAlias = str | int | float | bool | None
Json: TypeAlias = JsonScalar | Sequence["Json"] | Mapping[str, "Json"]
JsonObject: TypeAlias = Mapping[str, Json]


def parse(text: str | bytes) -> Json:
    """The value of a JSON text.

    Raises: ValueError with the position when the text is not JSON.
    """
    return cast(Json, json.loads(text))


def dump(value: Json) -> str:
    """Compact JSON text; non-ASCII letters stay readable."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def as_object(value: Json) -> dict[str, Json]:
    """The value as an object.

    Raises: ValueError when it is anything else.
    """
    if isinstance(value, Mapping):
        return dict(value)
    raise ValueError(f"expected an object, got {type(value).__name__}")


def as_list(value: Json) -> list[Json]:
    """The value as a list.

    Raises: ValueError when it is anything else.
    """
    if isinstance(value, Sequence) and not isinstance(value, str):
        return list(value)
    raise ValueError(f"expected a list, got {type(value).__name__}")
