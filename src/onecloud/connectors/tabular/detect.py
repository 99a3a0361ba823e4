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
_DECIMAL: Final = r"-?(0|[1-9][0-9]*)\.[0-9]+"
_FLOAT: Final = r"-?(0|[1-9][0-9]*)(\.[0-9]+)?[eE][-+]?[0-9]+"
_DATE: Final = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_TIMESTAMP: Final = r"[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?"

# What a value is, as bits: a column is what all of its values are.
INTEGER: Final = 1
DECIMAL: Final = 2
FLOAT: Final = 4
BOOLEAN: Final = 8
DATE: Final = 16
TIMESTAMP: Final = 32
TEXT: Final = 64

_MOST_DIGITS: Final = 38  # of DuckDB's DECIMAL
_FAST_DIGITS: Final = 18  # of one that fits 64 bits
# A column with a text among its first rows is text; only the others are read to the end.
_FIRST_ROWS: Final = 10_000


@dataclass(frozen=True, slots=True)
class Facts:
    """What the non-empty values of one column are: bits of kinds, digits before and after a number's point."""

    kinds: int
    whole_digits: int
    scale: int

    def only(self, kinds: int) -> bool:
        """Whether there is a value, and none of another kind."""
        return self.kinds != 0 and self.kinds & ~kinds == 0


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
    if facts.only(INTEGER) and facts.whole_digits <= _FAST_DIGITS:
        return "BIGINT"
    if facts.only(INTEGER | DECIMAL):
        return _exact(facts) or "VARCHAR"  # more digits than any exact type has: nothing may be lost
    for kinds, type_ in (
        (INTEGER | DECIMAL | FLOAT, "DOUBLE"),
        (BOOLEAN, "BOOLEAN"),
        (DATE, "DATE"),
        (DATE | TIMESTAMP, "TIMESTAMP"),
    ):
        if facts.only(kinds):
            return type_
    return "VARCHAR"


def _exact(facts: Facts | None) -> str | None:
    """The smallest exact decimal type; None when the values are no decimals or have too many digits."""
    if facts is None or not facts.only(INTEGER | DECIMAL) or facts.whole_digits + facts.scale > _MOST_DIGITS:
        return None
    digits = _FAST_DIGITS if facts.whole_digits + facts.scale <= _FAST_DIGITS else _MOST_DIGITS
    return f"DECIMAL({digits},{facts.scale})"


def _facts(run: Run, scan: str, names: Sequence[str]) -> dict[str, Facts]:
    first = _measured(run, f"(SELECT * FROM {scan} LIMIT {_FIRST_ROWS})", names)
    open_names = [name for name in names if not first[name].kinds & TEXT]
    return {**first, **_measured(run, scan, open_names)}


def _measured(run: Run, source: str, names: Sequence[str]) -> dict[str, Facts]:
    if not names:
        return {}
    row = run(f"SELECT {', '.join(_measure(quoting.name(name)) for name in names)} FROM {source}")[0]
    numbers = [cast(int, cell) for cell in row]
    return {name: Facts(*numbers[3 * place : 3 * place + 3]) for place, name in enumerate(names)}


def _measure(column: str) -> str:
    """Three numbers of one column, in the order of Facts."""
    kind = f"""CASE WHEN {column} IS NULL THEN 0
        WHEN regexp_full_match({column}, '{_INTEGER}') THEN {INTEGER}
        WHEN regexp_full_match({column}, '{_DECIMAL}') THEN {DECIMAL}
        WHEN regexp_full_match({column}, '{_FLOAT}') THEN {FLOAT}
        WHEN lower({column}) IN ('true', 'false') THEN {BOOLEAN}
        WHEN regexp_full_match({column}, '{_DATE}') AND TRY_CAST({column} AS DATE) IS NOT NULL THEN {DATE}
        WHEN regexp_full_match({column}, '{_TIMESTAMP}') AND TRY_CAST({column} AS TIMESTAMP) IS NOT NULL
        THEN {TIMESTAMP} ELSE {TEXT} END"""
    return ", ".join(
        (
            f"coalesce(bit_or({kind}), 0)",
            f"coalesce(max(length(ltrim(split_part({column}, '.', 1), '-'))), 0)",
            f"coalesce(max(length(split_part({column}, '.', 2))), 0)",
        )
    )
