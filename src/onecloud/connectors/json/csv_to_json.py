"""CSV to JSON: a table becomes a list of objects."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path as FilePath
from typing import IO, Final, Literal

from pydantic import Field, JsonValue

from onecloud.connector import (
    Command,
    CommandFailed,
    Context,
    ExitCode,
    FileRef,
    Inputs,
    Outputs,
    Stop,
    safe_name,
    stoppable,
)
from onecloud.connector.fields import TextEncoding
from onecloud.connectors.json.text import Delimiter

# The rows are given as a value, too, while they are few: for iterations and for bodies of requests.
VALUE_BYTES: Final = 1 << 20
# The csv module's own limit of 128 KB is too small for cells that hold documents.
_CELL_CHARS: Final = 1 << 26
_CHECK_EVERY: Final = 256
_NUMBER: Final = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?")


class CsvToJsonInputs(Inputs):
    """Which table, and how it is written."""

    file: FileRef | str = Field(
        title="Input file",
        description="A CSV file of an earlier command, or CSV text.",
        examples=["city,amount\nBern,12\n"],
    )
    delimiter: Delimiter = Field(
        default=",", title="Delimiter", description="One character, or comma, semicolon, tab, pipe, space."
    )
    has_header: bool = Field(
        default=True,
        title="Has a header",
        description="Whether the first row names the columns. Without: column1, column2, …",
    )
    column_types: Literal["text", "detect"] = Field(
        default="text",
        title="Column types",
        description="Keep every value as text, or write numbers, true and false as such and empty cells as null. "
        "A number with leading zeros stays text.",
    )
    layout: Literal["array", "lines"] = Field(
        default="array", title="Layout", description="One JSON array, or one JSON object a line."
    )
    encoding: TextEncoding = Field(
        default="utf-8", title="Encoding", description="How the characters of the CSV file are stored."
    )
    name: str = Field(default="data.json", min_length=1, title="File name", description="The name of the new file.")


class CsvToJsonOutputs(Outputs):
    """The list."""

    file: FileRef = Field(title="JSON file", description="The rows as JSON.")
    rows: list[JsonValue] | None = Field(
        title="Rows", description=f"The rows as a value, when the file has at most {VALUE_BYTES:,} bytes; else null."
    )
    row_count: int = Field(title="Row count", description="How many rows there are.")
    columns: list[str] = Field(title="Columns", description="The names of the columns.")


def _wrong(message: str) -> CommandFailed:
    return CommandFailed(1, message, retryable=False)


def _written(text: str, *, detect: bool) -> str:
    """The cell as JSON text; a number keeps its digits as they stand."""
    if detect:
        if not text:
            return "null"
        if text.lower() in {"true", "false"}:
            return text.lower()
        if _NUMBER.fullmatch(text):
            return text
    return json.dumps(text, ensure_ascii=False)


def _records(stop: Stop, file: IO[str], delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """The records with the number of their last line; empty lines are none."""
    csv.field_size_limit(_CELL_CHARS)
    reader = csv.reader(file, delimiter=delimiter, strict=True)
    try:
        for number, record in enumerate(reader):
            if number % _CHECK_EVERY == 0:
                stop.check()
            if record:
                yield reader.line_num, record
    except csv.Error as error:
        message = f"Line {reader.line_num} is not well-formed CSV: {error}. Check the delimiter and the quotes."
        raise _wrong(message) from error


def _header(first: list[str], *, has_header: bool) -> list[str]:
    if not has_header:
        return [f"column{number}" for number in range(1, len(first) + 1)]
    if "" in first or len(set(first)) < len(first):
        raise _wrong("The header has an empty name or one name twice. Mend it, or say that there is no header.")
    return first


def _write(stop: Stop, source: FilePath | str, target: FilePath, inputs: CsvToJsonInputs) -> tuple[list[str], int]:
    encoding = "utf-8-sig" if inputs.encoding == "utf-8" else inputs.encoding
    opened = io.StringIO(source) if isinstance(source, str) else source.open(encoding=encoding, newline="")
    array, columns, keys, count = inputs.layout == "array", list[str](), list[str](), 0
    with opened as file, target.open("x", encoding="utf-8", newline="\n") as out:
        out.write("[" if array else "")
        for line, record in _records(stop, file, inputs.delimiter):
            if not columns:
                columns = _header(record, has_header=inputs.has_header)
                keys = [json.dumps(column, ensure_ascii=False) for column in columns]
                if inputs.has_header:
                    continue
            if len(record) != len(columns):
                raise _wrong(
                    f"Line {line} has {len(record)} fields, and {len(columns)} are expected. Check the delimiter and "
                    "the quotes."
                )
            cells = (_written(text, detect=inputs.column_types == "detect") for text in record)
            out.write((",\n" if array else "\n") if count else "\n" if array else "")
            out.write("{" + ",".join(f"{key}:{text}" for key, text in zip(keys, cells, strict=True)) + "}")
            count += 1
        out.write("\n]\n" if array and count else "]\n" if array else "\n" if count else "")
    return columns, count


def _value(target: FilePath, *, array: bool) -> list[JsonValue] | None:
    if target.stat().st_size > VALUE_BYTES:
        return None
    text = target.read_text(encoding="utf-8")
    rows: list[JsonValue] = json.loads(text) if array else [json.loads(line) for line in text.split("\n") if line]
    return rows


async def run(ctx: Context, inputs: CsvToJsonInputs) -> CsvToJsonOutputs:
    """Write one object for each row."""
    source = await ctx.open_file(inputs.file) if isinstance(inputs.file, FileRef) else inputs.file
    target = ctx.workdir / "rows.json"
    try:
        columns, count = await stoppable(ctx, _write, source, target, inputs)
    except UnicodeDecodeError as error:
        raise _wrong(
            f"The file is not {inputs.encoding} text from byte {error.start} on. Choose its encoding."
        ) from error
    rows = await ctx.in_thread(_value, target, array=inputs.layout == "array")
    media_type = "application/json" if inputs.layout == "array" else "application/x-ndjson"
    file = await ctx.save_file(target, safe_name(inputs.name), media_type)
    ctx.log(f"{count} rows, {len(columns)} columns" + ("" if rows is not None else "; too large for a value"))
    return CsvToJsonOutputs(file=file, rows=rows, row_count=count, columns=columns)


COMMAND = Command(
    id="csv_to_json",
    title="CSV to JSON",
    description="Turns a CSV file into a list of JSON objects, one for each row.",
    inputs=CsvToJsonInputs,
    outputs=CsvToJsonOutputs,
    run=run,
    exit_codes=(ExitCode(0, "success", "Success"), ExitCode(1, "error", "Error running the command")),
)
