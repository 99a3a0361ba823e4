"""The types of text columns, decided over all of their values: a guess from a sample would break at a later row."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias, cast

from onecloud.connector import CommandFailed
from onecloud.connectors.tabular import quoting
from onecloud.connectors.tabular.source import ColumnType, TypedSource

Run: TypeAlias = Callable[[str], list[tuple[object, ...]]]

# A leading zero makes a code, not a number: 007 stays text.
_INTEGER: Final = r"-?(0|[1-9][0-9]*)"
_DECIMAL: Final = r"-?(0|[1-9][0-9]*)(\.[0-9]+)?"
_FLOAT: Final = r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?"
_DATE: Final = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_TIMESTAMP: Final = r"[0-9]{4}-[0-9]{2}-[0-9]{2}([ T][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?)?"

_MOST_DIGITS: Final = 38  # of DuckDB's DECIMAL
_FAST_DIGITS: Final = 18  # of one that fits 64 bits


@dataclass(frozen=True, slots=True)
class Facts:
    """What is true of all non-empty values of one column; digits before and after the point of its decimals."""

    count: int
    integer: bool
    decimal: bool
    floating: bool
    boolean: bool
    date: bool
    timestamp: bool
    whole_digits: int
    scale: int


def column_types(run: Run, scan: str, label: str, names: Sequence[str], source: TypedSource) -> Mapping[str, str]:
    """DuckDB's type of each column; `scan` reads them all as text.

    Raises: CommandFailed (exit code 3) when `source.types` names a column that is not there.
    """
    missing = [name for name in source.types if name not in names]
    if missing:
        message = f"{label} has no column {quoting.like(missing)}, named in types. It has {quoting.like(names)}."
        raise CommandFailed(3, message, retryable=False)
    looked_at = [
        n
        for n in names
        if source.types.get(n) == "number" or (n not in source.types and source.column_types == "detect")
    ]
    facts = _facts(run, scan, looked_at)
    return {
        name: detected(facts[name])
        if name in facts and name not in source.types
        else chosen(source.types.get(name, "text"), facts.get(name))
        for name in names
    }


def chosen(wanted: ColumnType, facts: Facts | None) -> str:
    """DuckDB's type for a type that a person chose; a number gets the scale that its values need."""
    match wanted:
        case "text":
            return "VARCHAR"
        case "integer":
            return "BIGINT"
        case "number":
            return _exact(facts) or "DECIMAL(38,10)"
        case "float":
            return "DOUBLE"
        case "boolean":
            return "BOOLEAN"
        case "date":
            return "DATE"
        case "timestamp":
            return "TIMESTAMP"


def detected(facts: Facts) -> str:
    """DuckDB's type for a column of which these facts hold; text when it has no value at all."""
    if facts.count == 0:
        return "VARCHAR"
    if facts.integer and facts.whole_digits <= _FAST_DIGITS:
        return "BIGINT"
    for holds, type_ in (
        (facts.decimal, _exact(facts)),
        (facts.floating and not facts.decimal, "DOUBLE"),
        (facts.boolean, "BOOLEAN"),
        (facts.date, "DATE"),
        (facts.timestamp, "TIMESTAMP"),
    ):
        if holds and type_:
            return type_
    return "VARCHAR"


def _exact(facts: Facts | None) -> str | None:
    """The smallest exact decimal type; None when the values are no decimals or have too many digits."""
    if facts is None or not facts.count or not facts.decimal or facts.whole_digits + facts.scale > _MOST_DIGITS:
        return None
    return (
        f"DECIMAL({_FAST_DIGITS if facts.whole_digits + facts.scale <= _FAST_DIGITS else _MOST_DIGITS},{facts.scale})"
    )


def _facts(run: Run, scan: str, names: Sequence[str]) -> dict[str, Facts]:
    if not names:
        return {}
    row = run(f"SELECT {', '.join(_measure(quoting.name(name)) for name in names)} FROM {scan}")[0]
    width = len(row) // len(names)
    return {name: _read(row[width * place : width * (place + 1)]) for place, name in enumerate(names)}


def _measure(column: str) -> str:
    def all_match(pattern: str) -> str:
        return f"coalesce(bool_and(regexp_full_match({column}, '{pattern}')), false)"

    def all_cast(pattern: str, type_: str) -> str:
        fits = f"regexp_full_match({column}, '{pattern}') AND TRY_CAST({column} AS {type_}) IS NOT NULL"
        return f"coalesce(bool_and(CASE WHEN {column} IS NULL THEN NULL ELSE {fits} END), false)"

    return ", ".join(
        (
            f"count({column})",
            all_match(_INTEGER),
            all_match(_DECIMAL),
            all_match(_FLOAT),
            all_match("(?i)true|false"),
            all_cast(_DATE, "DATE"),
            all_cast(_TIMESTAMP, "TIMESTAMP"),
            f"coalesce(max(length(ltrim(split_part({column}, '.', 1), '-'))), 0)",
            f"coalesce(max(length(split_part({column}, '.', 2))), 0)",
        )
    )


def _read(cells: Sequence[object]) -> Facts:
    count, integer, decimal, floating, boolean, date, timestamp, whole, scale = cells
    return Facts(
        cast(int, count),
        bool(integer),
        bool(decimal),
        bool(floating),
        bool(boolean),
        bool(date),
        bool(timestamp),
        cast(int, whole),
        cast(int, scale),
    )
