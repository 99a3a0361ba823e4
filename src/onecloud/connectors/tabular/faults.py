"""What DuckDB says went wrong, as one sentence with a mend. Exit codes: 1 limits, 2 the data, 3 the SQL."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

import duckdb

from onecloud.connector import CommandFailed, ExitCode

EXIT_CODES: Final = (
    ExitCode(0, "success", "Success"),
    ExitCode(1, "error", "Error running the command"),
    ExitCode(2, "error", "A file is not a well-formed table, or a value is not of its type"),
    ExitCode(3, "error", "The SQL, an expression or a column name is wrong"),
)

_LINE: Final = re.compile(r"CSV Error on Line: (\d+)\s*\n(?:Original Line: ?(.*)\n)?(.*)")
_COUNTS: Final = re.compile(r"Expected Number of Columns: (\d+) Found: (\d+)")
_CONVERT: Final = re.compile(r'Error when converting column "(.*)"\. (Could not convert .*)')
_FILE: Final = re.compile(r"^ {2}file = (.*)$", re.MULTILINE)
_KIND: Final = re.compile(r"^[A-Z][A-Za-z ]* Error: ")
_SHOWN: Final = 120


def explained(error: duckdb.Error, labels: Mapping[str, str], columns: Mapping[str, Sequence[str]]) -> CommandFailed:
    """The failure to raise: `labels` gives files' names by path, `columns` the columns of each table by its name."""
    text = str(error)
    for path, label in labels.items():  # no path of this machine is for the reader
        text = text.replace(path, label)
    if found := _LINE.search(text):
        return _data(_csv_fault(text, found))
    reason = _first_lines(text)
    match error:
        case duckdb.OutOfMemoryException():
            mend = "Read fewer columns, sort less, or give the worker a higher memory limit."
            return CommandFailed(1, f"The query needs more memory than its limit: {reason} {mend}", retryable=False)
        case duckdb.PermissionException():
            message = f"{reason} SQL may read the tables of this command and nothing else; add the file as a table."
            return CommandFailed(3, message, retryable=False)
        case duckdb.BinderException() | duckdb.CatalogException() | duckdb.ParserException() | duckdb.SyntaxException():
            return CommandFailed(3, f"{reason} {_mend(text, columns)}", retryable=False)
        case duckdb.ConversionException() | duckdb.OutOfRangeException():
            return _data(f"{reason} Filter such values out, or use TRY_CAST, which gives NULL for them.")
        case duckdb.IOException():
            return CommandFailed(1, f"{reason} See that the disk has room.")
        case duckdb.InvalidInputException() if not any(label in text for label in labels.values()):
            return CommandFailed(3, f"{reason} Correct the expression.", retryable=False)  # such as a regular one
        case duckdb.InvalidInputException() | duckdb.DataError():
            return _data(f"{reason} See that the file's format, delimiter and encoding are the right ones.")
        case _:
            return CommandFailed(1, reason, retryable=False)


def _csv_fault(text: str, found: re.Match[str]) -> str:
    line, original, reason = found[1], (found[2] or "").strip(), found[3].strip()
    file = _FILE.search(text)
    where = f"{file[1] if file else 'The file'}, line {line}"
    shown = f" ({original[:_SHOWN]}{'…' if len(original) > _SHOWN else ''})" if original else ""
    if counts := _COUNTS.search(text):
        return (
            f"{where}: {counts[2]} fields where the first line has {counts[1]}{shown}. "
            "Correct that line, or choose the right delimiter."
        )
    if convert := _CONVERT.search(text):
        reason = convert[2].rstrip(".")
        mend = "Correct it, read the column as text, or use TRY_CAST."
        return f"{where}, column {convert[1]!r}: {reason}{shown}. {mend}"
    if "unterminated quote" in text:
        return f"{where}: a quoted field does not end where it should{shown}. Double the quotes inside it."
    if "unicode" in text:
        return f"{where}: not UTF-8. Choose the file's encoding, often windows-1252."
    if "Maximum line size" in text:
        return f"{where}: the line is longer than 2000000 bytes, the limit; a quote may be left open before it."
    return f"{where}: {reason or 'it cannot be read'}{shown}. Correct that line."


def _mend(text: str, columns: Mapping[str, Sequence[str]]) -> str:
    if "VARCHAR)'" in text or "VARCHAR," in text:
        return "Columns of a CSV file are text: write CAST(column AS DECIMAL(18,2)), or set their types."
    if "column" in text.lower() and columns:
        there = "; ".join(f"{table}: {', '.join(names)}" for table, names in columns.items())
        return f"The columns are {there[:1000]}{'…' if len(there) > 1000 else ''}."
    if "does not exist" in text and columns:
        return f"The tables are {', '.join(columns)}."
    return "Correct the SQL; its dialect is DuckDB's."


def _first_lines(text: str) -> str:
    """The message without its kind, its picture of the statement and its list of candidates, as a sentence."""
    body = re.split(r"\n\s*\n|\nLINE \d+|\n\s*Candidate functions", text, maxsplit=1)[0]
    sentence = " ".join(part.strip() for part in _KIND.sub("", body).splitlines())
    return sentence if sentence.endswith((".", "!", "?")) else sentence + "."


def _data(message: str) -> CommandFailed:
    return CommandFailed(2, message, retryable=False)
