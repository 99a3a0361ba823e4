"""What a transformation is: its words, its parameters, its examples, and the function that does it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, Literal, TypeAlias

from onecloud.kernel.jsonvalue import Json, JsonScalar

# A value on its way: JSON, and between two transformations an exact number.
Value: TypeAlias = JsonScalar | Decimal | Sequence["Value"] | Mapping[str, "Value"]
# What a transformation works on: the value is brought to it before it is called. `date` is a text that is read as one.
Takes: TypeAlias = Literal["text", "number", "date", "list", "json", "any"]
Gives: TypeAlias = Literal["text", "number", "date", "list", "any"]
ParameterKind: TypeAlias = Literal["text", "number", "whole", "choice", "format", "path", "any"]
Group: TypeAlias = Literal["Text", "Number", "Date", "List", "JSON", "Any"]

LONGEST_TEXT: Final = 10_000_000


class PipeFault(ValueError):
    """A transformation that cannot be done.

    `message` and `mend` tell nothing of the value, `detail` may: it is left out when the value is secret.
    """

    def __init__(self, message: str, mend: str, detail: str = "") -> None:
        super().__init__(f"{message}{f' ({detail})' if detail else ''}. {mend}")
        self.message = message
        self.mend = mend
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Parameter:
    """What a transformation is told in its brackets. Optional ones have a default and come last."""

    name: str
    kind: ParameterKind
    description: str
    default: Json = None
    optional: bool = False
    choices: tuple[str, ...] = ()
    least: int | None = None
    most: int | None = None
    may_be_empty: bool = True


@dataclass(frozen=True, slots=True)
class Example:
    """A use of a transformation and what comes out; tested, and shown to people."""

    value: Json
    result: Json
    arguments: tuple[Json, ...] = ()


@dataclass(frozen=True, slots=True)
class Transformation:
    """One transformation. `apply` gets the value as `takes` says and the arguments by their parameters' names."""

    name: str
    title: str
    group: Group
    description: str
    takes: Takes
    gives: Gives
    apply: Callable[[Any, Arguments], Value]
    examples: tuple[Example, ...]
    parameters: tuple[Parameter, ...] = ()


class Arguments:
    """The arguments of one use by their names, already of the kind that the parameter asks for."""

    __slots__ = ("_values",)

    def __init__(self, values: Mapping[str, Value]) -> None:
        self._values = values

    def text(self, name: str) -> str:
        """A text, a choice, a format or a path."""
        return str(self._values[name])

    def whole(self, name: str) -> int:
        """A whole number."""
        value = self._values[name]
        assert isinstance(value, int)
        return value

    def number(self, name: str) -> Decimal:
        """An exact number."""
        value = self._values[name]
        assert isinstance(value, Decimal)
        return value

    def value(self, name: str) -> Value:
        """A value of any kind."""
        return self._values[name]

    def given(self, name: str) -> bool:
        """Whether there is a value at all: not null and not left out."""
        return self._values[name] is not None
