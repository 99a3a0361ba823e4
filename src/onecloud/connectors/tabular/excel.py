"""Excel workbooks, read and written as streams: one row in memory at a time."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import BinaryIO, Final
from zipfile import BadZipFile

from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.utils.exceptions import InvalidFileException

from onecloud.connector import CommandFailed, Stop

# Source: Microsoft, "Excel specifications and limits".
MAX_ROWS: Final = 1_048_576
MAX_COLUMNS: Final = 16_384
MAX_TEXT: Final = 32_767
EXACT_DIGITS: Final = 15

_CHECK_EVERY: Final = 500


def sheet_to_csv(stop: Stop, path: Path, label: str, sheet: str, target: Path) -> Path:
    """Write one sheet as UTF-8 CSV: shown values of formulas, ISO dates, numbers in their shortest form.

    Empty rows are left out, and rows are filled up to the widest column of the header.
    Raises: CommandFailed (exit code 2) when it is no workbook or has no such sheet.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with path.open("rb") as source:
        book = _book(source, label)
        try:
            if sheet and sheet not in book.sheetnames:
                there = ", ".join(repr(name) for name in book.sheetnames)
                raise CommandFailed(2, f"{label} has no sheet {sheet!r}. It has {there}.", retryable=False)
            rows = book[sheet or book.sheetnames[0]].iter_rows(values_only=True)
            with target.open("w", encoding="utf-8", newline="") as out:
                _write_csv(stop, rows, label, csv.writer(out, lineterminator="\n").writerow)
        finally:
            book.close()
    return target


def _book(source: BinaryIO, label: str) -> Workbook:
    try:
        return load_workbook(source, read_only=True, data_only=True)
    except (BadZipFile, InvalidFileException, KeyError, ValueError, OSError) as error:
        message = f"{label} cannot be read as an Excel workbook (.xlsx): {error}. Choose its format."
        raise CommandFailed(2, message, retryable=False) from error


def _write_csv(stop: Stop, rows: Iterable[Sequence[object]], label: str, write: Callable[[list[str]], object]) -> None:
    width = 0
    for number, row in enumerate(rows, 1):
        if number % _CHECK_EVERY == 1:
            stop.check()
        fields = [cell_text(value) for value in row]
        while fields and fields[-1] == "":
            fields.pop()
        if not fields:
            continue
        width = width or len(fields)
        if len(fields) > width:
            message = f"{label}, row {number}: {len(fields)} cells, and the first row has {width}. Name every column."
            raise CommandFailed(2, message, retryable=False)
        write(fields + [""] * (width - len(fields)))


def cell_text(value: object) -> str:
    """A cell's value as CSV text."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case float() if value.is_integer() and abs(value) < 10**EXACT_DIGITS:
            return str(int(value))
        case dt.datetime() if value.time() == dt.time():  # a date in a cell is a date-time at midnight
            return value.date().isoformat()
        case dt.datetime():
            return value.isoformat(sep=" ")
        case _:
            return str(value)


def rows_to_sheet(
    stop: Stop, columns: Sequence[str], rows: Iterator[Sequence[object]], target: Path, sheet: str
) -> int:
    """Write a workbook of one sheet with a header row; gives the number of data rows.

    Text stays text, also when it begins with `=`; a number of more than 15 digits is written as text, since Excel
    would round it. Raises: CommandFailed (exit code 1) when the table passes one of Excel's limits.
    """
    book = Workbook(write_only=True)
    page = book.create_sheet(sheet)
    if len(columns) > MAX_COLUMNS:
        raise _beyond(f"{len(columns)} columns", f"{MAX_COLUMNS} columns")

    def cell(value: object, row: int, column: int) -> object:
        text = _text_of(value)
        if text is None:
            return value
        if len(text) > MAX_TEXT:
            raise _beyond(f"{len(text)} characters in row {row}, column {columns[column]!r}", f"{MAX_TEXT} in a cell")
        if ILLEGAL_CHARACTERS_RE.search(text):
            message = (
                f"Row {row}, column {columns[column]!r} has a control character, which Excel cannot store. Remove it."
            )
            raise CommandFailed(2, message, retryable=False)
        if text[:1] not in {"=", "#"}:
            return text
        made = WriteOnlyCell(page, text)
        made.data_type = "s"  # else openpyxl makes a formula of =… and an error value of #N/A
        return made

    try:
        page.append([cell(name, 1, number) for number, name in enumerate(columns)])
        count = 0
        for count, row in enumerate(rows, 1):
            if count % _CHECK_EVERY == 1:
                stop.check()
            _need_room(count)
            page.append([cell(value, count + 1, number) for number, value in enumerate(row)])
    except BaseException:
        page.close()
        # Else its temporary file lies there until the process ends; a finished book removes it on save.
        page._writer.cleanup()  # noqa: SLF001
        raise
    book.save(target)
    return count


def _text_of(value: object) -> str | None:
    """What is to be written as text; None for a value that Excel has a cell type for."""
    match value:
        case None | bool() | dt.datetime() | dt.date() | dt.time():
            return None
        case int():
            return None if abs(value) < 10**EXACT_DIGITS else str(value)
        case float():
            return None if value - value == 0 else str(value)  # not inf, not nan
        case Decimal():
            return None if len(value.as_tuple().digits) <= EXACT_DIGITS else format(value, "f")
        case _:
            return str(value)


def _need_room(count: int) -> None:
    if count >= MAX_ROWS:
        raise _beyond(f"The result has more than {MAX_ROWS - 1} rows", f"{MAX_ROWS} with the header")


def _beyond(found: str, limit: str) -> CommandFailed:
    return CommandFailed(
        1, f"{found}: Excel allows {limit}. Choose CSV or Parquet, or make the table smaller.", retryable=False
    )
