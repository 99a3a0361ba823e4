"""Filter Rows: keep or remove the rows that meet conditions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, Literal, TypeAlias

from pydantic import Field

from onecloud.connector import Command, CommandFailed, Context, Inputs
from onecloud.connectors.tabular import quoting
from onecloud.connectors.tabular.engine import Ground, Table
from onecloud.connectors.tabular.faults import EXIT_CODES
from onecloud.connectors.tabular.result import CsvResult, TableResult
from onecloud.connectors.tabular.source import Source
from onecloud.connectors.tabular.transform import Target, transform

Operator: TypeAlias = Literal[
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
    "less_than_or_equal_to",
    "greater_than",
    "greater_than_or_equal_to",
    "is_empty",
    "is_not_empty",
]
CompareAs: TypeAlias = Literal["auto", "text", "number", "date"]

_ORDER: Final = {"less_than": "<", "less_than_or_equal_to": "<=", "greater_than": ">", "greater_than_or_equal_to": ">="}
_FUNCTIONS: Final[dict[Operator, str]] = {
    "contains": "contains",
    "begins_with": "starts_with",
    "ends_with": "ends_with",
}
_POSITIVE: Final[dict[Operator, Operator]] = {
    "not_equals": "equals",
    "does_not_contain": "contains",
    "does_not_begin_with": "begins_with",
    "does_not_end_with": "ends_with",
    "does_not_match": "matches",
}
_NUMBER: Final = re.compile(r"[-+]?\d+(\.\d+)?")
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_TYPES: Final = {"text": "VARCHAR", "number": "DECIMAL(38,10)", "date": "DATE"}


class Condition(Inputs):
    """One thing to ask of a row."""

    column: str = Field(title="Column", description="The column to look at.", examples=["status"])
    operator: Operator = Field(
        default="equals",
        title="Operator",
        description="How to compare. matches takes a regular expression for the whole value. "
        "A negative operator is true of an empty field, a positive one is not.",
    )
    value: str = Field(
        default="", title="Value", description="What to compare with; not used by is_empty, is_not_empty."
    )
    compare_as: CompareAs = Field(
        default="auto",
        title="Compare as",
        description="How to read both sides. auto: as text; less and greater as numbers when the value is a number, as "
        "dates when it is an ISO date. A field that cannot be read so fails the command.",
    )


class _Conditions(Inputs):
    conditions: list[Condition] = Field(min_length=1, title="Conditions", description="What to ask of each row.")
    match: Literal["all", "any"] = Field(
        default="all", title="Match", description="Whether a row must meet all conditions, or any of them."
    )
    action: Literal["keep", "remove"] = Field(
        default="keep", title="Action", description="Whether the rows that match are kept or removed."
    )
    case_sensitive: bool = Field(
        default=True, title="Case sensitive", description="Whether capital and small letters differ in texts."
    )


class FilterRowsInputs(CsvResult, _Conditions, Source):
    """Inputs of Filter Rows."""


def predicate(condition: Condition, *, case_sensitive: bool) -> str:
    """The condition in SQL, true or false and never NULL."""
    column = quoting.name(condition.column)
    text = f"coalesce(CAST({column} AS VARCHAR), '')"
    operator = condition.operator
    if operator in {"is_empty", "is_not_empty"}:
        return f"{text} {'=' if operator == 'is_empty' else '<>'} ''"
    if operator in _POSITIVE:
        opposite = condition.model_copy(update={"operator": _POSITIVE[operator]})
        return f"NOT {predicate(opposite, case_sensitive=case_sensitive)}"
    read_as = _read_as(condition)
    if read_as != "text":
        return _typed(condition, column, read_as)
    value = quoting.literal(condition.value)
    if operator == "matches":
        return f"regexp_full_match({text}, {value}, '{'c' if case_sensitive else 'i'}s')"
    if not case_sensitive:
        text, value = f"lower({text})", f"lower({value})"
    if operator in _ORDER:
        return f"({text} <> '' AND {text} {_ORDER[operator]} {value})"
    if operator == "equals":
        return f"{text} = {value}"
    return f"{_FUNCTIONS[operator]}({text}, {value})"


def _read_as(condition: Condition) -> Literal["text", "number", "date"]:
    if condition.operator not in {*_ORDER, "equals"}:
        return "text"
    if condition.compare_as != "auto":
        return condition.compare_as
    if condition.operator in _ORDER and _NUMBER.fullmatch(condition.value):
        return "number"
    return "date" if condition.operator in _ORDER and _DATE.fullmatch(condition.value) else "text"


def _typed(condition: Condition, column: str, read_as: Literal["number", "date"]) -> str:
    if not (_NUMBER if read_as == "number" else _DATE).fullmatch(condition.value):
        kind = "number, such as 12.50" if read_as == "number" else "ISO date, such as 2024-01-31"
        message = f"{condition.value!r}, the value for column {condition.column!r}, is no {kind}. Or compare as text."
        raise CommandFailed(3, message, retryable=False)
    cast = f"CAST(nullif(trim(CAST({column} AS VARCHAR)), '') AS {_TYPES[read_as]})"
    value = f"CAST({quoting.literal(condition.value)} AS {_TYPES[read_as]})"
    return f"coalesce({cast} {_ORDER.get(condition.operator, '=')} {value}, false)"


async def run(ctx: Context, inputs: FilterRowsInputs) -> TableResult:
    """Write the rows that are to stay, in their order."""

    def build(_: Ground, tables: Sequence[Table]) -> str:
        tables[0].need([condition.column for condition in inputs.conditions])
        asked = [predicate(condition, case_sensitive=inputs.case_sensitive) for condition in inputs.conditions]
        where = (" AND " if inputs.match == "all" else " OR ").join(f"({one})" for one in asked)
        return f"SELECT * FROM input WHERE {'' if inputs.action == 'keep' else 'NOT '}({where})"

    return await transform(ctx, {"input": inputs}, build, Target.csv(inputs))


COMMAND: Final = Command(
    id="filter_rows",
    title="Filter Rows",
    description="Keeps or removes the rows of a table that meet conditions; order and values stay as they are.",
    inputs=FilterRowsInputs,
    outputs=TableResult,
    run=run,
    exit_codes=EXIT_CODES,
)
