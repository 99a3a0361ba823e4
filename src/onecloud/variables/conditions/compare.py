"""One comparison of two values that are already known; pure."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, Literal, TypeAlias

from onecloud.kernel.jsonvalue import Json, dump
from onecloud.variables.conditions.model import CompareAs, Operator
from onecloud.variables.moments import read_moment
from onecloud.variables.patterns import Budget, PatternFault, compiled, found_in
from onecloud.variables.rules import number_text

Kind: TypeAlias = Literal["text", "number", "date"]

# A text that counts as a number unasked: no exponent and no leading zeros, for `1E5` and `007` may be account codes.
PLAIN_NUMBER: Final = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")
NUMBER: Final = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?")
LONGEST_NUMBER: Final = 400

ORDER: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "equals": operator.eq,
    "not_equals": operator.ne,
    "less_than": operator.lt,
    "greater_than": operator.gt,
    "less_than_or_equal_to": operator.le,
    "greater_than_or_equal_to": operator.ge,
}
OPPOSITE: Final[dict[str, Operator]] = {
    "not_null": "null",
    "does_not_contain": "contains",
    "does_not_begin_with": "begins_with",
    "does_not_end_with": "ends_with",
    "does_not_match": "matches",
}


class CannotCompare(ValueError):
    """Values that cannot be compared in the way that was asked for.

    `side` names the field that is at fault, `detail` what its value is: not for secrets.
    """

    def __init__(self, side: Literal["value", "other"], message: str, mend: str, detail: str = "") -> None:
        super().__init__(message)
        self.side: Literal["value", "other"] = side
        self.message = message
        self.mend = mend
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Compared:
    """What came out, and how both sides were read."""

    holds: bool
    kind: Kind


@dataclass(frozen=True, slots=True)
class How:
    """How two values are compared; `budget` is the time that patterns may take."""

    operator: Operator
    compare_as: CompareAs
    case_sensitive: bool
    budget: Budget


def compare(value: Json, other: Json, how: How) -> Compared:
    """Whether the value stands in that relation to the other.

    Raises: CannotCompare when a side is not what `compare_as` says, or a pattern cannot be used.
    """
    is_ = how.operator
    if is_ in OPPOSITE:
        return Compared(not compare(value, other, replace(how, operator=OPPOSITE[is_])).holds, "text")
    if is_ == "null":
        return Compared(value is None or value == "", "text")
    if is_ in ORDER:
        left, right, kind = _sides(value, other, how)
        return Compared(ORDER[is_](left, right), kind)
    if is_ == "matches":
        return Compared(_matches(text_of(value), text_of(other), how), "text")
    wanted = _folded(other, how)
    if is_ == "contains" and isinstance(value, Sequence) and not isinstance(value, str):
        return Compared(any(_folded(item, how) == wanted for item in value), "text")
    text = _folded(value, how)
    if is_ == "contains":
        return Compared(wanted in text, "text")
    return Compared(text.startswith(wanted) if is_ == "begins_with" else text.endswith(wanted), "text")


def text_of(value: Json) -> str:
    """The value as it stands in text: nothing for null, plain digits, compact JSON for lists and objects."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    return number_text(value) if isinstance(value, float) else dump(value)


def _sides(value: Json, other: Json, how: How) -> tuple[Any, Any, Kind]:
    if how.compare_as == "number":
        return _wanted(value, "value", _number, "number"), _wanted(other, "other", _number, "number"), "number"
    if how.compare_as == "date":
        return _wanted(value, "value", _date, "date"), _wanted(other, "other", _date, "date"), "date"
    if how.compare_as == "auto":
        numbers = _plain_number(value), _plain_number(other)
        if numbers[0] is not None and numbers[1] is not None:
            return *numbers, "number"
        dates = _whole_date(value), _whole_date(other)
        if dates[0] is not None and dates[1] is not None:
            return *dates, "date"
    return _folded(value, how), _folded(other, how), "text"


def _wanted(side: Json, name: Literal["value", "other"], read: Callable[[Json], Any], kind: Kind) -> Any:
    came = read(side)
    if came is not None:
        return came
    if side is None or side == "":
        message = f"the {'value' if name == 'value' else 'other side'} is empty and not a {kind}"
        raise CannotCompare(name, message, "Test for `not_null` first, in an `all` group.")
    mend = "Use digits such as 12.5." if kind == "number" else "Use an ISO date such as 2026-01-31."
    raise CannotCompare(name, f"this is not a {kind}", mend, text_of(side))


def _plain_number(side: Json) -> Decimal | None:
    if isinstance(side, str) and PLAIN_NUMBER.fullmatch(side) is None:
        return None
    return _number(side)


def _number(side: Json) -> Decimal | None:
    if isinstance(side, bool):
        return None
    if isinstance(side, int | float):
        number = Decimal(repr(side)) if isinstance(side, float) else Decimal(side)
        return number if number.is_finite() else None
    if not isinstance(side, str) or len(side) > LONGEST_NUMBER:
        return None
    return Decimal(side.strip()) if NUMBER.fullmatch(side.strip()) else None


def _date(side: Json) -> datetime | None:
    moment = read_moment(side) if isinstance(side, str) else None
    return None if moment is None else moment.comparable()


def _whole_date(side: Json) -> datetime | None:
    """The date unasked: a month alone, such as 2026-03, is as well compared as text."""
    moment = read_moment(side) if isinstance(side, str) and side == side.strip() else None
    return None if moment is None or moment.precision == "month" else moment.comparable()


def _matches(text: str, pattern: str, how: How) -> bool:
    try:
        return found_in(compiled(pattern, case_sensitive=how.case_sensitive), text, how.budget)
    except PatternFault as fault:
        raise CannotCompare("other", fault.message, fault.mend) from None


def _folded(value: Json, how: How) -> str:
    return text_of(value) if how.case_sensitive else text_of(value).casefold()
