"""What a template, a condition or a rule comes to with sample values, or what is wrong with it; pure.

For panes in which people try things out: a fault is an answer here, not an error.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from onecloud.kernel.jsonvalue import Json, dump
from onecloud.variables import conditions
from onecloud.variables.conditions import ConditionFault, Verdict
from onecloud.variables.extract import ExtractFault, extract, read
from onecloud.variables.model import Known, Reference, Resolved, TemplateFault, Unresolved
from onecloud.variables.piping import revealed
from onecloud.variables.rules import look_up, resolve
from onecloud.variables.transform.kinds import kind_of

ValueType: TypeAlias = Literal["text", "number", "boolean", "list", "object", "file", "null"]

LONGEST_SHOWN: Final = 1_000_000
PATTERN_S: Final = 2.0
TYPES: Final[Mapping[str, ValueType]] = {
    "a text": "text",
    "a number": "number",
    "true or false": "boolean",
    "a list": "list",
    "an object": "object",
    "a file": "file",
    "nothing (null)": "null",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong. `start` and `end` are the part of the template at fault (characters from 0), where it is known."""

    where: str
    message: str
    mend: str
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True)
class Previewed:
    """What a template gave."""

    value: Json
    type: ValueType


@dataclass(frozen=True, slots=True)
class Tried:
    """What a condition says in words, and how it was decided, unless it could not be."""

    explanation: str | None
    verdict: Verdict | None
    fault: Fault | None


@dataclass(frozen=True, slots=True)
class Picked:
    """What a rule picked out of the sample text."""

    value: str | list[str] | None
    notes: tuple[str, ...]


def preview_template(template: str, known: Known) -> Previewed | Fault:
    """The value of the template with its type, or its fault."""
    try:
        value = revealed(resolve(template, lambda reference: look_up(known, reference)))
    except TemplateFault as fault:
        start = fault.position - 1
        return Fault("", fault.message, fault.mend, start, min(start + 1, len(template)))
    except Unresolved as fault:
        return Fault("", fault.message, fault.mend, *fault.span)
    shown: Json = value  # pyright: ignore[reportAssignmentType] - what is resolved holds no Decimal
    length = len(dump(shown))
    if length > LONGEST_SHOWN:
        message = f"the value has {length} characters, the limit of a preview is {LONGEST_SHOWN}"
        return Fault("", message, "Try it with smaller values; a run has no such limit.")
    return Previewed(shown, TYPES[kind_of(value)])


def preview_condition(document: Json, known: Known) -> Tried:
    """The condition in words and decided, or the fault that is in the way."""

    def lookup(reference: Reference) -> Resolved:
        return look_up(known, reference)

    explanation: str | None = None
    try:
        condition = conditions.read(document)
        explanation = conditions.explain(condition)
        return Tried(explanation, conditions.explain_result(condition, lookup), None)
    except ConditionFault as fault:
        return Tried(explanation, None, Fault(fault.where, fault.message, fault.mend))


def preview_rule(document: Json, text: str) -> Picked | Fault:
    """What the rule of a dynamic output picks out of the text, or its fault."""
    try:
        came = extract(read(document), text, seconds=PATTERN_S)
    except ExtractFault as fault:
        return Fault(fault.field, fault.message, fault.mend)
    return Picked(came.value, came.notes)
