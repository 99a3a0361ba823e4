"""A condition of a document, and each of its faults with its place, in words that say what may stand there; pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast, get_args

from pydantic import TypeAdapter, ValidationError

from onecloud.kernel.jsonvalue import Json, dump
from onecloud.variables.conditions.model import OPERATORS, CompareAs, Condition, ConditionFault, bounded
from onecloud.variables.near import near

FIELDS: Final = ("value", "is", "other", "as", "case_sensitive")
CHOICES: Final[Mapping[str, tuple[str, ...]]] = {"is": tuple(OPERATORS), "as": get_args(CompareAs)}
GROUP: Final = "or `all` or `any` with a list of tests"
LONGEST_SHOWN: Final = 40

_ADAPTER: Final[TypeAdapter[Condition]] = TypeAdapter(Condition)


def read(value: Json) -> Condition:
    """The condition of a JSON value, as the chain document has it.

    Raises: ConditionFault for the first fault, with its place.
    """
    found = _read(value)
    if isinstance(found, tuple):
        raise found[0]
    return found


def faults(value: Json) -> tuple[ConditionFault, ...]:
    """Every fault of what should be a condition, each with its place in it; none of one that is sound."""
    found = _read(value)
    return found if isinstance(found, tuple) else ()


def _read(value: Json) -> Condition | tuple[ConditionFault, ...]:
    try:
        bounded(value)  # here already: the JSON reader has a depth of its own, and other words for it
        return _ADAPTER.validate_json(dump(value))
    except ValidationError as fault:
        found: dict[str, ConditionFault] = {}
        # What does not belong there first: it is often the misspelt name of what is missing.
        errors = sorted(
            fault.errors(include_url=False), key=lambda error: error["type"] != "unexpected_keyword_argument"
        )
        for error in errors:
            told = _told(cast("Mapping[str, Any]", error))
            found.setdefault(told.where, told)
        return tuple(found.values())
    except ConditionFault as fault:
        return (fault,)
    except (ValueError, RecursionError):
        return (ConditionFault("", "The value nests too deep", "Use fewer groups."),)


def _told(error: Mapping[str, Any]) -> ConditionFault:
    where, field, in_group = _place(error["loc"])
    here = f"{where}{'.' if where and field else ''}{field}"
    match error["type"]:
        case "value_error" if isinstance(inner := error["ctx"]["error"], ConditionFault):
            return ConditionFault(
                f"{here}{'.' if here and inner.where else ''}{inner.where}", inner.message, inner.mend
            )
        case "unexpected_keyword_argument" if in_group:
            return ConditionFault(
                here, f"A group has no field `{_short(field)}`", "Put it into one of the group's tests."
            )
        case "unexpected_keyword_argument":
            mend = near(field, FIELDS)
            return ConditionFault(
                here, f"A test has no field `{_short(field)}`", f"{mend[:-1]}, {GROUP}." if mend[-1] == "." else mend
            )
        case "missing":
            return ConditionFault(here, f"`{field}` is missing", f"Add `{field}: …`.")
        case "literal_error":
            return _choice(here, field, error["input"])
        case "dataclass_type":
            mend = f"Write a test with {', '.join(f'`{name}`' for name in FIELDS[:3])}, {GROUP}."
            return ConditionFault(here, "This is no condition", mend)
        case "tuple_type":
            return ConditionFault(here, f"`{field}` takes a list of conditions", "Begin each with a dash.")
        case "string_type" if field == "value":
            return ConditionFault(here, "Expected text", "Put the value in quotes.")
        case "bool_type" if field != "other":
            return ConditionFault(here, "Expected true or false", "Write it without quotes.")
        case _ if field == "other":
            return ConditionFault(here, "The value should be a text, a number, true or false", "Write one of these.")
        case _:
            message = str(error["msg"]).removeprefix("Value error, ").replace("Input should", "The value should")
            return ConditionFault(here, message.rstrip("."), f"Change `{field}`." if field else "Change it.")


def _choice(where: str, field: str, given: object) -> ConditionFault:
    choices = CHOICES[field]
    close = near(given, choices) if isinstance(given, str) else ""
    listed = "Use one of " + ", ".join(f"`{one}`" for one in choices) + "."
    mend = f"{close} {listed}" if close.startswith("Did") else listed
    what = "operator" if field == "is" else "way to compare"
    shown = f" `{_short(given)}`" if isinstance(given, str) else " like this"
    return ConditionFault(where, f"There is no {what}{shown}", mend)


def _short(name: str) -> str:
    return name if len(name) <= LONGEST_SHOWN else f"{name[:LONGEST_SHOWN]}…"


def _place(loc: tuple[int | str, ...]) -> tuple[str, str, bool]:
    """Pydantic's location without the names of the union's arms.

    Gives the place of the test or group, the field in it, and whether it is a group.
    """
    place, at = "", 1
    while at + 1 < len(loc) and loc[at] in {"all", "any"} and isinstance(loc[at + 1], int):
        place += f"{'.' if place else ''}{loc[at]}[{loc[at + 1]}]"
        at += 3
    return place, str(loc[at]) if at < len(loc) else "", loc[at - 1] in {"all", "any"}
