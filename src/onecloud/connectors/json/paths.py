"""The path language of the JSON commands: JMESPath (jmespath.org), and its plain paths, which need no whole document.

A plain path is names and positions only: `orders`, `customer.address.city`, `lines[0].price`, `"first name"`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias, cast

import jmespath  # pyright: ignore[reportMissingTypeStubs] - wrapped here, and only here
import jmespath.exceptions  # pyright: ignore[reportMissingTypeStubs]

from onecloud.connector import CommandFailed

Step: TypeAlias = str | int

_STEP: Final = re.compile(r'\.?(?:([A-Za-z_][A-Za-z0-9_]*)|"([^"\\]+)")|\[(\d+)\]')
_STREAM: Final = re.compile(r'(?:(?:^|\.)(?:[A-Za-z_][A-Za-z0-9_]*|"[^"\\.]+")(?:\[\])?)*')

MISSING: Final = object()


def tidy(path: str) -> str:
    """The path without the `$` that other path languages begin with; `$` alone is the whole value."""
    text = path.strip()
    if text.startswith("$"):
        text = text[1:].removeprefix(".")
    return text or "@"


class Path:
    """A path or an expression, read once and asked of many values.

    Raises: CommandFailed (exit code 1) when it cannot be read; `field` says where it came from.
    """

    def __init__(self, text: str, field: str) -> None:
        self.text = text
        self._field = field
        self._steps = plain_steps(text)
        try:
            self._expression: Any = cast("Any", jmespath).compile(tidy(text))
        except jmespath.exceptions.JMESPathError as error:
            reason = str(error).split("\n")[0]
            message = f'{field}: {text!r} is no path. {reason} Write it as in a.b[0].c; quote other names: "a b".'
            raise CommandFailed(1, message, retryable=False) from error

    def find(self, value: object) -> object:
        """What is there. MISSING when a plain path leads nowhere; None when an expression gives nothing.

        Raises: CommandFailed (exit code 1) when an expression cannot be worked out.
        """
        if self._steps is None:
            return self.search(value)
        for step in self._steps:
            if isinstance(step, str) and isinstance(value, Mapping):
                value = cast("Mapping[str, object]", value).get(step, MISSING)
            elif isinstance(step, int) and isinstance(value, Sequence) and not isinstance(value, str):
                items = cast("Sequence[object]", value)
                value = items[step] if step < len(items) else MISSING
            else:
                return MISSING
        return value

    def search(self, value: object) -> object:
        """What JMESPath gives: None when there is nothing.

        Raises: CommandFailed (exit code 1) when the expression cannot be worked out.
        """
        try:
            return self._expression.search(value)
        except jmespath.exceptions.JMESPathError as error:
            message = f"{self._field}: {self.text!r} cannot be worked out. {error}"
            raise CommandFailed(1, message, retryable=False) from error


def plain_steps(text: str) -> tuple[Step, ...] | None:
    """The steps of a plain path, or None for any other expression."""
    path = tidy(text)
    if path == "@":
        return ()
    steps: list[Step] = []
    at = 0
    while at < len(path):
        found = _STEP.match(path, at)
        if found is None or (path[at] == ".") != (at > 0 and found[3] is None):
            return None
        steps.append(int(found[3]) if found[3] is not None else found[1] or found[2])
        at = found.end()
    return tuple(steps)


def array_prefix(text: str) -> str | None:
    """Where the array is, in ijson's words (`orders.item.lines`), when the path can be followed while reading.

    That is so for names only, with `[*]` or `[]` at the end, or `[]` after an inner array and at the end.
    """
    path = tidy(text)
    if path == "@":
        return ""
    inner = path.removesuffix("[*]").removesuffix("[]")
    if _STREAM.fullmatch(inner) is None or ("[]" in inner and not path.endswith("[]")):
        return None
    return inner.replace("[]", ".item").replace('"', "")
