"""What a value is called, and bringing it to what a transformation works on."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final

from onecloud.kernel.jsonvalue import Json
from onecloud.variables.transform.json_values import read_json
from onecloud.variables.transform.model import PipeFault, Takes, Value
from onecloud.variables.transform.numbers import Approximate, read_number, shorten, within

WORDS: Final[Mapping[Takes, str]] = {
    "text": "a text",
    "number": "a number",
    "date": "a date as text",
    "list": "a list",
    "json": "a list or an object",
}
# How to come to it from what is there; the first that fits.
MENDS: Final[Mapping[tuple[str, str], str]] = {
    ("text", "a list"): "Put `join` before it, or `to_json`.",
    ("text", "an object"): "Take one of its fields, or put `to_json` before it.",
    ("number", "a text"): "Put `parse_number` before it, or check where the text comes from.",
    ("list", "a text"): 'Put `split(",")` before it.',
    ("date", "a number"): "Write the date as text, such as 2024-12-31.",
    ("json", "a text"): "Put `parse_json` before it to see what is wrong with the text.",
}
NULL: Final = 'Put `default("…")` before it.'
FILE: Final = "Take its `.name`, `.size_bytes` or `.media_type`, or let the file's reference stand alone."


def kind_of(value: Value) -> str:
    """What a value is called in sentences."""
    match value:
        case None:
            return "nothing (null)"
        case bool():
            return "true or false"
        case str():
            return "a text"
        case int() | float() | Decimal():
            return "a number"
        case Mapping():
            return "a file" if is_stored_file(value) else "an object"
        case _:
            return "a list"


def is_stored_file(value: Value) -> bool:
    """Whether an object is a file as a result's row keeps it."""
    return isinstance(value, Mapping) and value.get("kind") == "file" and "blob" in value and "size_bytes" in value


def number_text(number: float) -> str:
    """The number in plain digits: `10`, not `10.0`; an exponent only past 21 digits, as in JSON's home language."""
    if not math.isfinite(number) or not (number == 0 or 1e-7 <= abs(number) < 1e21):
        return repr(number)
    digits = format(Decimal(repr(number)), "f")
    return "0" if number == 0 else digits.removesuffix(".0")


def settled(value: Value) -> Json:
    """The value as JSON: an exact number becomes a whole one, or the nearest of JSON's that says the same.

    Raises: PipeFault when JSON's numbers cannot hold its digits.
    """
    if not isinstance(value, Decimal):
        return value  # pyright: ignore[reportReturnType] - numbers within lists and objects are JSON's already
    if value == value.to_integral_value():
        return int(value)
    number = float(value)
    if isinstance(value, Approximate):
        return int(number) if number.is_integer() else number
    if Decimal(repr(number)) != value:
        message = "the number has more digits than a JSON number keeps"
        raise PipeFault(message, "Put `round` behind it, or `format_number` to have it as text.", f"{value:f}")
    return number


def plain_text(value: Value) -> str:
    """A text, number or truth value as it stands in text.

    Raises: PipeFault for anything else.
    """
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case Approximate():
            return number_text(float(value))
        case Decimal():
            return str(int(value)) if value == value.to_integral_value() else f"{value.normalize():f}"
        case float():
            return number_text(value)
        case int():
            return str(value)
        case _:
            raise unfit("text", value)


def unfit(takes: Takes, value: Value, detail: str = "") -> PipeFault:
    """What to say when a transformation cannot work on a value."""
    kind = kind_of(value)
    mend = {"nothing (null)": NULL, "a file": FILE}.get(kind) or MENDS.get((takes, kind), "Check where it comes from.")
    return PipeFault(f"it needs {WORDS[takes]}, and this is {kind}", mend, detail)


def taken(value: Value, takes: Takes) -> Value:
    """The value as what a transformation works on.

    Raises: PipeFault when it is something else.
    """
    match takes:
        case "text":
            return plain_text(value)
        case "number":
            return number_of(value)
        case "date":
            if isinstance(value, str):
                return value
            raise unfit(takes, value)
        case "list":
            came = _opened(value, takes)
            if isinstance(came, Sequence) and not isinstance(came, str):
                return came
            raise unfit(takes, value if isinstance(value, str) else came)
        case "json":
            came = _opened(value, takes)
            if isinstance(came, Mapping | Sequence) and not isinstance(came, str) and not is_stored_file(came):
                return came
            raise unfit(takes, came)
        case "any":
            return value


def number_of(value: Value) -> Decimal:
    """A number, or a text that is one, as an exact number.

    Raises: PipeFault.
    """
    if isinstance(value, Decimal):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        if isinstance(value, float) and not math.isfinite(value):
            raise unfit("number", None)
        return within(Decimal(repr(value)) if isinstance(value, float) else Decimal(value))
    number = read_number(value) if isinstance(value, str) else None
    if number is None:
        raise unfit("number", value, shorten(value) if isinstance(value, str) else "")
    return number


def _opened(value: Value, takes: Takes) -> Value:
    """A text as the JSON that it holds, anything else as it is."""
    if not isinstance(value, str):
        return value
    try:
        return read_json(value)
    except PipeFault:
        raise unfit(takes, value, shorten(value)) from None


def dumped(value: Json) -> str:
    """Compact JSON text."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
