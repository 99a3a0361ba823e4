"""A condition as the chain document has it: comparisons within `all` and `any` groups.

pydantic reads the document straight into these: `TypeAdapter(Condition)`. Values of both sides are templates.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, ClassVar, Final, Literal, TypeAlias, cast

from pydantic import (
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    model_validator,
)

from onecloud.variables.patterns import PatternFault, compiled

Operator: TypeAlias = Literal[
    "null",
    "not_null",
    "equals",
    "not_equals",
    "contains",
    "does_not_contain",
    "begins_with",
    "does_not_begin_with",
    "ends_with",
    "does_not_end_with",
    "matches",
    "does_not_match",
    "less_than",
    "greater_than",
    "less_than_or_equal_to",
    "greater_than_or_equal_to",
]
CompareAs: TypeAlias = Literal["auto", "text", "number", "date"]
Other: TypeAlias = str | int | float | bool | None

DEEPEST: Final = 10
MOST_COMPARISONS: Final = 200
LONGEST_TEXT: Final = 32_768
CONFIG: Final = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False, serialize_by_alias=True)


class ConditionFault(ValueError):
    """A condition that cannot be read or decided; `where` is the place in it, such as `any[0].value`."""

    def __init__(self, where: str, message: str, mend: str = "") -> None:
        super().__init__(f"{where}{': ' if where else ''}{message}{'.' if mend else ''} {mend}".rstrip())
        self.where = where
        self.message = message
        self.mend = mend


@dataclass(frozen=True, slots=True)
class OperatorFacts:
    """An operator in words, whether it needs the other side, and whether `as` can change what it does."""

    words: str
    needs_other: bool = True
    typed: bool = False


# Source: product facts 10.4, with the regular expressions of 2.12.
OPERATORS: Final[Mapping[Operator, OperatorFacts]] = MappingProxyType(
    {
        "null": OperatorFacts("is empty", needs_other=False),
        "not_null": OperatorFacts("is not empty", needs_other=False),
        "equals": OperatorFacts("equals", typed=True),
        "not_equals": OperatorFacts("does not equal", typed=True),
        "contains": OperatorFacts("contains"),
        "does_not_contain": OperatorFacts("does not contain"),
        "begins_with": OperatorFacts("begins with"),
        "does_not_begin_with": OperatorFacts("does not begin with"),
        "ends_with": OperatorFacts("ends with"),
        "does_not_end_with": OperatorFacts("does not end with"),
        "matches": OperatorFacts("matches the pattern"),
        "does_not_match": OperatorFacts("does not match the pattern"),
        "less_than": OperatorFacts("is less than", typed=True),
        "greater_than": OperatorFacts("is greater than", typed=True),
        "less_than_or_equal_to": OperatorFacts("is less than or equal to", typed=True),
        "greater_than_or_equal_to": OperatorFacts("is greater than or equal to", typed=True),
    }
)


@dataclass(frozen=True, slots=True)
class Comparison:
    """One test of a value."""

    __pydantic_config__: ClassVar[ConfigDict] = CONFIG

    value: Annotated[
        str, Field(max_length=LONGEST_TEXT, description="What is tested: a text that may hold references.")
    ]
    operator: Annotated[
        Operator,
        # In YAML an unquoted `is: null` is no text, and everybody means the operator by it.
        BeforeValidator(lambda given: "null" if given is None else given, json_schema_input_type=Operator | None),
        Field(alias="is", description="How it is tested."),
    ]
    other: Annotated[
        Other,
        Field(description="What it is compared with; a text may hold references. `null` and `not_null` take none."),
    ] = None
    compare_as: Annotated[
        CompareAs,
        Field(
            alias="as",
            description="How both sides are read. `auto`: as numbers when both are numbers, as dates when both are "
            "ISO dates, else as text.",
        ),
    ] = "auto"
    case_sensitive: Annotated[bool, Field(description="Whether upper and lower case differ in text.")] = True

    @model_validator(mode="after")
    def _sound(self) -> Comparison:
        facts = OPERATORS[self.operator]
        if facts.needs_other and self.other is None:
            raise ConditionFault(
                "other", f"`{self.operator}` needs `other`", "Add `other: …`, the value to compare with."
            )
        if not facts.needs_other and self.other is not None:
            raise ConditionFault("other", f"`{self.operator}` takes no `other`", "Leave it out.")
        if isinstance(self.other, str) and len(self.other) > LONGEST_TEXT:
            message = f"`other` has {len(self.other)} characters; the limit is {LONGEST_TEXT}"
            raise ConditionFault("other", message, "Make it shorter.")
        if not facts.typed and self.compare_as not in {"auto", "text"}:
            raise ConditionFault("as", f"`{self.operator}` always compares text", "Leave `as` out.")
        if self.operator in {"matches", "does_not_match"} and isinstance(self.other, str) and "${{" not in self.other:
            try:
                compiled(self.other)
            except PatternFault as fault:
                raise ConditionFault("other", fault.message, fault.mend) from None
        return self


@dataclass(frozen=True, slots=True)
class AllOf:
    """Holds when each of its conditions holds."""

    __pydantic_config__: ClassVar[ConfigDict] = CONFIG

    all: Annotated[
        tuple[Inner, ...],
        Field(strict=False, json_schema_extra={"minItems": 1}, description="Conditions that must all hold."),
    ]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Holds when at least one of its conditions holds."""

    __pydantic_config__: ClassVar[ConfigDict] = CONFIG

    any: Annotated[
        tuple[Inner, ...],
        Field(strict=False, json_schema_extra={"minItems": 1}, description="Conditions of which one must hold."),
    ]


def _kind(given: object) -> str:
    """Which of the three a value of the document is meant to be."""
    if isinstance(given, AllOf) or (isinstance(given, Mapping) and "all" in given):
        return "all"
    if isinstance(given, AnyOf) or (isinstance(given, Mapping) and "any" in given):
        return "any"
    return "comparison"


def bounded(given: object) -> object:
    """Refuse what is too large, before pydantic walks it; works on the document's form and on our own.

    Raises: ConditionFault.
    """
    waiting: list[tuple[object, int, str]] = [(given, 1, "")]
    count = 0
    while waiting:
        part, depth, where = waiting.pop()
        if depth > DEEPEST:
            raise ConditionFault(where, f"The condition nests deeper than {DEEPEST} groups", "Use fewer groups.")
        name, inner = _inner(part)
        if isinstance(inner, list | tuple):
            here = f"{where}{'.' if where else ''}{name}"
            if not inner:
                raise ConditionFault(here, "A group needs at least one condition", "Add one, or remove the group.")
            items = enumerate(cast(list[object], inner))
            waiting += [(item, depth + 1, f"{here}[{index}]") for index, item in items]
        else:
            count += 1
        if count > MOST_COMPARISONS or len(waiting) > MOST_COMPARISONS:
            message = f"The condition has more than {MOST_COMPARISONS} tests"
            raise ConditionFault("", message, "Split it, or use a pattern.")
    return given


def _inner(part: object) -> tuple[str, object]:
    """The name of a group and what is in it; nothing of what is no group."""
    if isinstance(part, Mapping):
        fields = cast(Mapping[str, object], part)
        name = "all" if "all" in fields else "any"
        return name, fields.get(name)
    if isinstance(part, AllOf | AnyOf):
        return "all" if isinstance(part, AllOf) else "any", parts_of(part)
    return "", None


Inner: TypeAlias = Annotated[
    Annotated[AllOf, Tag("all")] | Annotated[AnyOf, Tag("any")] | Annotated[Comparison, Tag("comparison")],
    Discriminator(_kind),
]
Condition: TypeAlias = Annotated[Inner, BeforeValidator(bounded)]


def parts_of(group: AllOf | AnyOf) -> tuple[Condition, ...]:
    """The conditions of a group."""
    return group.all if isinstance(group, AllOf) else group.any


def comparisons(condition: Condition, where: str = "") -> Iterator[tuple[str, Comparison]]:
    """Every comparison with its place, such as `any[0].all[1]` ("" for the condition itself)."""
    if isinstance(condition, Comparison):
        yield where, condition
        return
    name = "all" if isinstance(condition, AllOf) else "any"
    for index, part in enumerate(parts_of(condition)):
        yield from comparisons(part, f"{where}{'.' if where else ''}{name}[{index}]")


def texts(condition: Condition) -> Iterator[tuple[str, str]]:
    """Every text that may hold references, with its place, such as `all[0].value`."""
    for where, comparison in comparisons(condition):
        dot = "." if where else ""
        yield f"{where}{dot}value", comparison.value
        if isinstance(comparison.other, str):
            yield f"{where}{dot}other", comparison.other
