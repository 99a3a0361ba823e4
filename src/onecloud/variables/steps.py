"""Steps into a value, `.name`, `[0]` and `["any name"]`: reading them, and walking them through JSON; pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias, TypeVar, cast

from onecloud.variables.model import PLAIN_NAME
from onecloud.variables.near import near

INDEX: Final = re.compile(r"-?\d{1,9}(?!\d)", re.ASCII)

Step: TypeAlias = str | int
T = TypeVar("T")


class StepFault(ValueError):
    """Steps that cannot be read; `at` counts characters from 0."""

    def __init__(self, at: int, message: str, mend: str) -> None:
        super().__init__(f"{message}. {mend}")
        self.at = at
        self.message = message
        self.mend = mend


class NoStep(ValueError):
    """A step that leads nowhere; `missing` when the value could have had it, as a field or an item."""

    def __init__(self, message: str, mend: str, *, missing: bool = False) -> None:
        super().__init__(f"{message}. {mend}")
        self.message = message
        self.mend = mend
        self.missing = missing


def read_step(text: str, at: int) -> tuple[Step, int] | None:
    """The step that begins here and where it ends, or None when none begins here.

    Raises: StepFault when it begins and cannot be read.
    """
    mark = text[at : at + 1]
    if mark == ".":
        word = PLAIN_NAME.match(text, at + 1)
        if word is None:
            raise StepFault(at, "a name must follow the dot", 'Use ["…"] around a name with other characters.')
        return word[0], word.end()
    if mark != "[":
        return None
    step, end = _quoted(text, at + 1) if text.startswith('"', at + 1) else _index(text, at + 1)
    if not text.startswith("]", end):
        raise StepFault(at, "the bracket is not closed", "Add ].")
    return step, end + 1


def _index(text: str, at: int) -> tuple[int, int]:
    number = INDEX.match(text, at)
    if number is None:
        raise StepFault(at, "brackets hold a position or a quoted name", 'Write [0], [-1] or ["name"].')
    return int(number[0]), number.end()


def _quoted(text: str, at: int) -> tuple[str, int]:
    try:
        value, end = json.JSONDecoder().raw_decode(text, at)
    except ValueError:
        raise StepFault(at, "the quoted name cannot be read", 'Close it with " and write \\" for a quote.') from None
    return str(value), end


def read_path(text: str) -> tuple[Step | None, ...]:
    """The steps of a path that stands alone, such as `a.b[0]`; None stands for `[*]`, every item.

    Raises: StepFault.
    """
    shift = 0 if text.startswith("[") else 1
    dotted = text if shift == 0 else f".{text}"
    steps: list[Step | None] = []
    at = 0
    while at < len(dotted):
        if dotted.startswith("[*]", at):
            steps.append(None)
            at += 3
            continue
        try:
            read = read_step(dotted, at)
        except StepFault as fault:
            raise StepFault(max(fault.at - shift, 0), fault.message, fault.mend) from None
        if read is None:
            mend = 'Steps are .name, [0], [*] or ["any name"].'
            raise StepFault(at - shift, f"`{dotted[at]}` cannot stand here", mend)
        steps.append(read[0])
        at = read[1]
    return tuple(steps)


def one_step(value: T, step: Step) -> T:
    """The part of an object or a list that the step names.

    Raises: NoStep.
    """
    if isinstance(value, Mapping):
        fields = cast(Mapping[str, T], value)
        if str(step) in fields:
            return fields[str(step)]
        raise NoStep(f"the object has no field `{step}`", near(str(step), fields.keys()), missing=True)
    if not isinstance(value, Sequence) or isinstance(value, str):
        kind = "nothing (null)" if value is None else f"a single {type(value).__name__}"
        raise NoStep(f"`{step}` leads nowhere, the value is {kind}", "Shorten the path.", missing=value is None)
    if not isinstance(step, int):
        raise NoStep(f"a list has no field `{step}`", "Take an item by position: [0].")
    items = cast(Sequence[T], value)
    if not -len(items) <= step < len(items):
        mend = f"The list has {len(items)} items, the first is [0]." if items else "The list is empty."
        raise NoStep(f"there is no item [{step}]", mend, missing=True)
    return items[step]
