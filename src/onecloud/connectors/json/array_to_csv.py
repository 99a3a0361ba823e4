"""Array to CSV: a list of objects becomes a table, whatever its size."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Final, cast

from pydantic import Field

from onecloud.connector import (
    Command,
    CommandFailed,
    Context,
    ExitCode,
    FileRef,
    Inputs,
    Outputs,
    Stop,
    Warned,
    safe_name,
    stoppable,
)
from onecloud.connectors.json.paths import MISSING, Path
from onecloud.connectors.json.source import Data, path_or_value, rows_of
from onecloud.connectors.json.text import Delimiter, as_floats, cell

# Source: product facts 3.3: exit 10 = warning, the data does not match the columns.
MISMATCH: Final = ExitCode(10, "warning", "Rows do not match the columns")


class Column(Inputs):
    """One column of the table."""

    name: str = Field(min_length=1, title="Name", description="The column's header.", examples=["city"])
    path: str = Field(
        default="",
        title="Path",
        description="Where the value is in each element, in JMESPath; empty for the field of the column's name.",
        examples=["customer.address.city"],
    )


class ArrayToCsvInputs(Inputs):
    """Which array, and what of it."""

    data: Data = Field(
        title="JSON data",
        description="A JSON file of an earlier command, JSON text, or a value.",
        examples=['[{"a": 1}]'],
    )
    root: str = Field(
        default="",
        title="Path to root",
        description="Where the array is, in JMESPath; empty when the data is the array. A path of names only is "
        "followed while reading, so that the file may be of any size.",
        examples=["data.orders"],
    )
    filter: str = Field(
        default="",
        title="Filter",
        description="A JMESPath condition; only elements for which it is true are taken.",
        examples=["status == 'open'"],
    )
    columns: list[Column] = Field(
        default_factory=list[Column],
        title="Columns",
        description="Names and paths of the columns. Without any: every field that occurs, in order of appearance.",
    )
    delimiter: Delimiter = Field(
        default=",", title="Delimiter", description="One character, or comma, semicolon, tab, pipe, space."
    )
    multi_value_delimiter: str = Field(
        default=";", title="Multi-value delimiter", description="What stands between the values of a list in a cell."
    )
    name: str = Field(default="data.csv", min_length=1, title="File name", description="The name of the new file.")


class ArrayToCsvOutputs(Outputs):
    """The table."""

    file: FileRef = Field(title="Converted file", description="The CSV file, in UTF-8 with a header.")
    row_count: int = Field(title="Row count", description="How many rows it has, the header not counted.")
    columns: list[str] = Field(title="Columns", description="The names of its columns.")
    mismatch_count: int = Field(
        title="Mismatches", description="How many elements lack a column, or are no objects and were left out."
    )


@dataclass(slots=True)
class _Tally:
    rows: int = 0
    mismatches: int = 0
    first: str = ""

    def mismatch(self, number: int, why: str) -> None:
        self.mismatches += 1
        self.first = self.first or f"element {number}: {why}"


def _kept(rows: Iterator[object], condition: Path | None) -> Iterator[tuple[int, object]]:
    """The rows that pass the filter, numbered from 1 as they stand in the array."""
    for number, row in enumerate(rows, 1):
        # Anything but false, null and the empty values is true. Source: JMESPath specification, filter expressions.
        if condition is None or condition.search(as_floats(row)) not in (False, None, "", [], {}):
            yield number, row


def _fields(row: object) -> Mapping[str, object]:
    return cast("Mapping[str, object]", row) if isinstance(row, Mapping) else {}


def _is_object(row: object) -> bool:
    return isinstance(row, Mapping)


def _names(rows: Iterator[tuple[int, object]]) -> list[str]:
    names: dict[str, None] = {}
    for _, row in rows:
        names.update(dict.fromkeys(_fields(row)))
    return list(names)


def _getters(columns: list[Column]) -> list[Callable[[object], object]]:
    def field(name: str) -> Callable[[object], object]:
        return lambda row: _fields(row).get(name, MISSING)

    return [Path(c.path, f"columns.{c.name}").find if c.path else field(c.name) for c in columns]


def _write(
    stop: Stop, source: FilePath | None, value: object, target: FilePath, inputs: ArrayToCsvInputs, limit_bytes: int
) -> tuple[list[str], _Tally]:
    root = Path(inputs.root, "root")
    condition = Path(inputs.filter, "filter") if inputs.filter.strip() else None

    def kept() -> Iterator[tuple[int, object]]:
        return _kept(rows_of(stop, source, value, root, limit_bytes), condition)

    # Without columns, every row must be seen before the header can be written: the data is read twice.
    columns = inputs.columns or [Column(name=name) for name in _names(kept()) if name]
    getters, tally = _getters(columns), _Tally()
    with target.open("x", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=inputs.delimiter, lineterminator="\n")
        if columns:
            writer.writerow([column.name for column in columns])
        for number, row in kept():
            if not (inputs.columns or _is_object(row)):
                tally.mismatch(number, "no object, left out")
                continue
            values = [get(row) for get in getters]
            lacking = [c.name for c, v in zip(columns, values, strict=True) if v is MISSING]
            # A field that some elements lack is no fault where nobody said which columns there should be.
            if lacking and inputs.columns:
                tally.mismatch(number, f"no {', '.join(lacking)}")
            writer.writerow(["" if v is MISSING else cell(v, inputs.multi_value_delimiter) for v in values])
            tally.rows += 1
    return [column.name for column in columns], tally


async def run(ctx: Context, inputs: ArrayToCsvInputs) -> ArrayToCsvOutputs | Warned:
    """Write one row for each element."""
    names = [column.name for column in inputs.columns]
    if len(set(names)) < len(names):
        raise CommandFailed(1, "Two columns have one name. Rename one of them.", retryable=False)
    source, value = await path_or_value(ctx, inputs.data, exact=True)
    target = ctx.workdir / "table.csv"
    columns, tally = await stoppable(ctx, _write, source, value, target, inputs, ctx.memory_limit_bytes)
    file = await ctx.save_file(target, safe_name(inputs.name), "text/csv")
    ctx.log(f"{tally.rows} rows, {len(columns)} columns")
    outputs = ArrayToCsvOutputs(file=file, row_count=tally.rows, columns=columns, mismatch_count=tally.mismatches)
    if tally.mismatches:
        message = f"{tally.mismatches} elements do not match the columns; the first is {tally.first}."
        return Warned(outputs, MISMATCH.code, message)
    return outputs


COMMAND = Command(
    id="array_to_csv",
    title="Array to CSV",
    description="Turns a list of JSON objects into a CSV file, reading large files row by row.",
    inputs=ArrayToCsvInputs,
    outputs=ArrayToCsvOutputs,
    run=run,
    exit_codes=(ExitCode(0, "success", "Success"), ExitCode(1, "error", "Error running the command"), MISMATCH),
)
