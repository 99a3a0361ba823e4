"""Transformations of values of more than one kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from onecloud.variables.transform.kinds import FILE, dumped, kind_of, settled
from onecloud.variables.transform.model import Arguments, Example, Parameter, PipeFault, Transformation, Value

MOST: Final = 1_000_000_000


def default(value: Value, given: Arguments) -> Value:
    """The value, or another one when there is none."""
    return given.value("value") if value is None or value == "" else value


def length(value: Value, given: Arguments) -> int:
    """How many characters, items or fields."""
    if isinstance(value, str | Sequence) or (isinstance(value, Mapping) and kind_of(value) != "a file"):
        return len(value)
    raise _neither(value, "a text, a list or an object")


def slice_of(value: Value, given: Arguments) -> Value:
    """The part from one position up to another."""
    if not isinstance(value, Sequence):
        raise _neither(value, "a text or a list")
    return value[given.whole("start") : given.whole("end") if given.given("end") else None]


def to_json(value: Value, given: Arguments) -> str:
    """The value as compact JSON text."""
    if holds_file(value):
        raise PipeFault("a file cannot be written as JSON", FILE)
    return dumped(settled(value))


def holds_file(value: Value) -> bool:
    """Whether the value is or holds a file."""
    if isinstance(value, Mapping):
        return kind_of(value) == "a file" or any(holds_file(item) for item in value.values())
    return isinstance(value, Sequence) and not isinstance(value, str) and any(holds_file(item) for item in value)


def _neither(value: Value, wanted: str) -> PipeFault:
    kind = kind_of(value)
    mend = FILE if kind == "a file" else "Check where it comes from."
    return PipeFault(f"it needs {wanted}, and this is {kind}", mend)


ANYTHING: Final = (
    Transformation(
        "default",
        "Default",
        "Any",
        "Gives another value when there is none: for null, an empty text, or a field that is not there.",
        "any",
        "any",
        default,
        (Example(None, "none", ("none",)), Example("", 0, (0,)), Example("x", "x", ("y",))),
        (Parameter("value", "any", "Value to take instead."),),
    ),
    Transformation(
        "length",
        "Length",
        "Any",
        "Counts the characters of a text, the items of a list or the fields of an object.",
        "any",
        "number",
        length,
        (Example("Größe", 5), Example(["a", "b"], 2)),
    ),
    Transformation(
        "slice",
        "Slice",
        "Any",
        "Takes a part of a text or a list by positions, as far as there is one.",
        "any",
        "any",
        slice_of,
        (Example("2024-03", "2024", (0, 4)), Example([1, 2, 3], [2, 3], (1,)), Example("sales.csv", "csv", (-3,))),
        (
            Parameter("start", "whole", "Position of the first, from 0; below 0 from the end.", least=-MOST, most=MOST),
            Parameter(
                "end", "whole", "Position behind the last; else to the end.", optional=True, least=-MOST, most=MOST
            ),
        ),
    ),
    Transformation(
        "to_json",
        "To JSON",
        "JSON",
        "Writes a value as JSON text; a text gets quotes.",
        "any",
        "text",
        to_json,
        (Example({"a": [1, None]}, '{"a":[1,null]}'), Example('say "x"', '"say \\"x\\""')),
    ),
)
