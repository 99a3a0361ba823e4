"""How a CSV file is laid out, read from its first record: delimiter and column names. Nothing else is guessed."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TypeAlias

from onecloud.connector import CommandFailed
from onecloud.connectors.tabular.source import AUTO

# In this order when the first line holds two of them equally often.
CANDIDATES: Final = (",", ";", "\t", "|")
# DuckDB's own limit for a line; a first record beyond it is a file with an unclosed quote, or no CSV.
MAX_RECORD: Final = 2_000_000


# The first record names the columns, or is data, or is passed over because its names are not wanted.
Header: TypeAlias = Literal["names", "none", "ignored"]


@dataclass(frozen=True, slots=True)
class Dialect:
    """The delimiter, the names of the columns in order, and what the first record is."""

    delimiter: str
    columns: tuple[str, ...]
    header: Header


def first_record(path: Path, label: str) -> str:
    """The text of the first record of a UTF-8 file, without its line end; a quoted field may hold line ends.

    Raises: CommandFailed (exit code 2) when the file is empty, is not UTF-8, or never closes a quote.
    """
    record = ""
    try:
        with path.open(encoding="utf-8-sig", newline=None) as lines:
            while line := lines.readline(MAX_RECORD):
                record += line
                if not record.strip("\n"):
                    record = ""  # DuckDB passes over empty lines before the header, and so do we
                elif record.count('"') % 2 == 0:
                    return record.removesuffix("\n")
                if len(record) > MAX_RECORD:
                    break
    except UnicodeDecodeError as error:
        message = f"{label} is not UTF-8 (byte {error.start}: {error.reason}). Choose its encoding, often windows-1252."
        raise CommandFailed(2, message, retryable=False) from error
    if not record:
        raise CommandFailed(2, f"{label} is empty: it has not even a header row.", retryable=False)
    if record.count('"') % 2 == 0:
        return record
    raise CommandFailed(
        2, f"{label}: a quote in the first record is never closed. Double it, or remove it.", retryable=False
    )


def most_frequent_delimiter(record: str) -> str:
    """The candidate that the record holds most often outside quotes; a comma when it holds none."""
    outside = "".join(record.split('"')[::2])
    counted = Counter(character for character in outside if character in CANDIDATES)
    return max(CANDIDATES, key=lambda candidate: counted[candidate])


def read_dialect(path: Path, label: str, delimiter: str, header: Header) -> Dialect:
    """The layout of a UTF-8 CSV file. A column that the header gives no name gets `columnN`.

    Raises: CommandFailed (exit code 2) for an unreadable file or two columns of one name.
    """
    record = first_record(path, label)
    chosen = most_frequent_delimiter(record) if delimiter == AUTO else delimiter
    fields = next(csv.reader([record], delimiter=chosen), [""])
    return Dialect(chosen, named(fields, label) if header == "names" else numbered(len(fields)), header)


def numbered(count: int) -> tuple[str, ...]:
    """The names `column1`, `column2` and so on."""
    return tuple(f"column{number}" for number in range(1, count + 1))


def named(fields: Sequence[str], label: str) -> tuple[str, ...]:
    """The header's fields as column names.

    Raises: CommandFailed (exit code 2) when two are equal but for their case, which SQL does not tell apart.
    """
    columns = tuple(field or f"column{number}" for number, field in enumerate(fields, 1))
    seen: dict[str, int] = {}
    for number, column in enumerate(columns, 1):
        first = seen.setdefault(column.lower(), number)
        if first != number:
            message = f"{label}: columns {first} and {number} are both named {column!r}. Give the file other headers."
            raise CommandFailed(2, message, retryable=False)
    return columns
