"""What a chain accepts when it is started: runtime inputs checked and brought to their types.

The API, the command line and the web app all start runs through `check_inputs`, so one rule decides everywhere.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from onecloud.chains.model import RuntimeInput
from onecloud.kernel.errors import Invalid, Problem
from onecloud.kernel.jsonvalue import Json, dump
from onecloud.variables.rules import near

# Inputs live in the run's row and journal; anything bigger belongs in a file. Source: architecture, section 3.
MAX_INPUT_CHARS: Final = 32_768
SHOWN_CHARS: Final = 60

TRUE: Final = frozenset({"true", "yes", "1"})
FALSE: Final = frozenset({"false", "no", "0"})
NUMBER: Final = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


class NotThatType(ValueError):
    """A value does not fit the type of its input; the text says what would."""


def shown(value: Json) -> str:
    """A value as it may stand in a sentence: quoted, short, and always encodable."""
    text = value if isinstance(value, str) else dump(value)
    text = text.encode("utf-8", "backslashreplace").decode().replace("\x00", "\\0")
    text = text if len(text) <= SHOWN_CHARS else text[: SHOWN_CHARS - 1] + "…"
    return f'"{text}"' if isinstance(value, str) else text


def check_inputs(
    inputs: Sequence[RuntimeInput], given: Mapping[str, Json], *, where: str = "inputs"
) -> dict[str, Json]:
    """The value of every runtime input, in the order of the definition.

    A value that is left out, null or (except for text) empty takes the default; without one it is null.
    Text forms are brought to the type: a number from "12.5", a boolean from "true", a date as `YYYY-MM-DD`.
    `where` is the path that problems start with, such as `runtimeVariables`.

    Raises: Invalid `chain.inputs` with one Problem per fault. Source: product facts 2.14.
    """
    names = {i.name for i in inputs}
    problems = [
        Problem(f"{where}.{shown(name)[1:-1]}", "There is no such input.", near(name, names))
        for name in given
        if name not in names
    ]
    values: dict[str, Json] = {}
    for asked in inputs:
        try:
            values[asked.name] = input_value(asked, given.get(asked.name))
        except NotThatType as fault:
            problems.append(Problem(f"{where}.{asked.name}", str(fault), _mend(asked)))
    if problems:
        first = problems[0].sentence()
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        raise Invalid("chain.inputs", f"{first}{more}", problems=tuple(problems))
    return values


def input_value(asked: RuntimeInput, given: Json) -> Json:
    """One input's value: the given one, else the default, brought to the input's type.

    Raises: NotThatType.
    """
    if given is None or (given == "" and asked.type != "text"):
        given = asked.default
    if asked.required and (given is None or given == ""):
        raise NotThatType("A value is required.")
    return None if given is None else coerce(asked, given)


def coerce(asked: RuntimeInput, given: Json) -> Json:
    """A value that is there, brought to the input's type.

    Raises: NotThatType naming the value and what was expected.
    """
    match asked.type:
        case "text":
            return _text(given)
        case "number":
            return _number(given)
        case "boolean":
            return _boolean(given)
        case "date":
            return _date(given)
        case "file":
            return _file(given)
        case "dropdown":
            chosen = _text(given)
            if chosen not in asked.options:
                raise NotThatType(f"{shown(chosen)} is not one of the options.")
            return chosen


def _text(given: Json) -> str:
    if isinstance(given, bool | int | float):
        given = dump(given)
    if not isinstance(given, str):
        raise NotThatType(f"Expected text, got {_kind(given)}.")
    if len(given) > MAX_INPUT_CHARS:
        raise NotThatType(f"The text has {len(given)} characters; an input holds {MAX_INPUT_CHARS}.")
    # Neither database nor JSON text on the wire can carry these.
    if "\x00" in given or any("\ud800" <= c <= "\udfff" for c in given):
        raise NotThatType("The text holds a NUL or half of a surrogate pair.")
    return given


def _number(given: Json) -> int | float:
    if isinstance(given, str) and NUMBER.fullmatch(given.strip()) and len(given) <= 400:
        text = given.strip()
        given = int(text) if text.lstrip("+-").isdigit() else float(text)
    if isinstance(given, bool) or not isinstance(given, int | float):
        raise NotThatType(f"Expected a number, got {shown(given) if isinstance(given, str) else _kind(given)}.")
    if isinstance(given, float) and not math.isfinite(given):
        raise NotThatType("The number is too large or not a number.")
    return given


def _boolean(given: Json) -> bool:
    if isinstance(given, bool):
        return given
    word = given.strip().lower() if isinstance(given, str) else dump(given)
    if word in TRUE or word in FALSE:
        return word in TRUE
    raise NotThatType(f"Expected true or false, got {shown(given)}.")


def _date(given: Json) -> str:
    text = given.strip() if isinstance(given, str) else ""
    try:
        # fromisoformat alone would also take 20240131 and 2024-W05-3.
        return date.fromisoformat(text if DATE.fullmatch(text) else "").isoformat()
    except ValueError:
        raise NotThatType(f"Expected a date, got {shown(given)}.") from None


def _file(given: Json) -> Json:
    """A stored file's reference. Only the server makes one, of the name that was given (`runs/files.py`)."""
    match given:
        case {"kind": "file", "blob": str(), "name": str(), "size_bytes": int()}:
            return given
        case _:
            raise NotThatType(f"Expected a file, got {shown(given)}.")


def _kind(value: Json) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case str():
            return "text"
        case int() | float():
            return "a number"
        case Mapping():
            return "an object"
        case _:
            return "a list"


def _mend(asked: RuntimeInput) -> str:
    match asked.type:
        case "number":
            return "Give a number such as 12.5."
        case "boolean":
            return "Give true or false."
        case "date":
            return "Give a date as YYYY-MM-DD."
        case "dropdown":
            return f"Choose one of: {', '.join(asked.options)}."
        case "file":
            return "Give the name of a file of the workspace (its Resources)."
        case "text":
            return "Give a text."
