"""Transformations between text and JSON, and picking out of it."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Final, cast

from onecloud.variables.steps import NoStep, Step, StepFault, one_step, read_path
from onecloud.variables.transform.model import Arguments, Example, Parameter, PipeFault, Transformation, Value
from onecloud.variables.transform.numbers import shorten


def read_json(text: str) -> Value:
    """The value of a JSON text.

    Raises: PipeFault.
    """
    try:
        return cast(Value, json.loads(text, parse_constant=_no_constant))
    except ValueError as fault:
        raise PipeFault("the text is not JSON", "Check where it comes from.", f"{fault}: {shorten(text)}") from None
    except RecursionError:
        raise PipeFault("the JSON nests too deep", "Use the JSON connector's commands.") from None


def _no_constant(name: str) -> Value:
    raise ValueError(f"{name} is not a JSON number")


def parse_json(text: str, given: Arguments) -> Value:
    """The value of a JSON text."""
    return read_json(text)


@lru_cache(256)
def steps_of(path: str) -> tuple[Step | None, ...]:
    """The steps of a path.

    Raises: PipeFault.
    """
    try:
        return read_path(path)
    except StepFault as fault:
        raise PipeFault(f"at character {fault.at + 1} of the path {fault.message}", fault.mend) from None


def path_fault(path: str) -> tuple[str, str] | None:
    """What is wrong with a path and the mend, or None."""
    try:
        steps_of(path)
    except PipeFault as fault:
        return fault.message, fault.mend
    return None


def walked(value: Value, steps: tuple[Step | None, ...]) -> Value:
    """What the steps lead to; behind `[*]` a list of what each item leads to.

    Raises: PipeFault.
    """
    for index, step in enumerate(steps):
        if step is None:
            if not isinstance(value, list | tuple):
                raise PipeFault("`[*]` needs a list", "Check the path.", "there is none")
            return [walked(item, steps[index + 1 :]) for item in cast(list[Value], value)]
        try:
            value = one_step(value, step)
        except NoStep as fault:
            detail = f"{fault.message}; {fault.mend[:1].lower()}{fault.mend[1:].rstrip('.')}"
            raise PipeFault("the path leads nowhere", "Check the path.", detail) from None
    return value


def pick_path(value: Value, given: Arguments) -> Value:
    """What a path leads to."""
    return walked(value, steps_of(given.text("path")))


JSON_VALUES: Final = (
    Transformation(
        "parse_json",
        "Parse text as JSON",
        "Text",
        "Reads a text as JSON.",
        "text",
        "any",
        parse_json,
        (Example('{"total": 5}', {"total": 5}), Example("[1, 2]", [1, 2])),
    ),
    Transformation(
        "pick_path",
        "Pick by path",
        "JSON",
        "Picks out of objects and lists by a path. `[*]` stands for every item and gives a list.",
        "json",
        "any",
        pick_path,
        (
            Example({"a": {"b": [7, 8]}}, 7, ("a.b[0]",)),
            Example({"rows": [{"id": 1}, {"id": 2}]}, [1, 2], ("rows[*].id",)),
            Example('{"any name": true}', True, ('["any name"]',)),
        ),
        (Parameter("path", "path", "Steps such as a.b[0], as in references.", may_be_empty=False),),
    ),
)
