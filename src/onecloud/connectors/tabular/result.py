"""A query's result as a file: the fields that choose it, the outputs every command gives, and the writing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Final, Literal, TypeAlias

from pydantic import Field, JsonValue

from onecloud.connector import CommandFailed, FileRef, Inputs, Outputs
from onecloud.connectors.tabular import quoting
from onecloud.connectors.tabular.engine import Column, Ground, csv_scan
from onecloud.connectors.tabular.source import SAME, ResultDelimiter

ResultFormat: TypeAlias = Literal["csv", "tsv", "parquet", "json", "jsonl", "xlsx"]

MEDIA_TYPES: Final[dict[ResultFormat, str]] = {
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
    "parquet": "application/vnd.apache.parquet",
    "json": "application/json",
    "jsonl": "application/jsonl",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
MOST_PREVIEW: Final = 1000
VIEW: Final = "onecloud result"  # no table of a person may hold a space, so it takes no one's name

_WHOLE: Final = {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT"}
_BATCH: Final = 2000


class NamedResult(Inputs):
    """What is asked of every result."""

    result_name: str = Field(
        default="",
        title="Result name",
        description="Name of the result file; empty: the name of the input, with the ending of its format.",
        examples=["report.csv"],
    )
    preview_rows: int = Field(
        default=25,
        ge=0,
        le=MOST_PREVIEW,
        title="Preview rows",
        description="How many of the first rows to give in `preview`, up to 1000.",
    )


class CsvResult(NamedResult):
    """What is asked of a result that is CSV."""

    result_delimiter: ResultDelimiter = Field(
        default=SAME,
        title="Result delimiter",
        description="What separates the fields of the result. same: as in the first input, a comma if that is no CSV.",
        examples=["same", ";"],
    )


class TableResult(Outputs):
    """A table as a file, and what is in it."""

    result_file: FileRef = Field(title="Result file", description="The whole result.")
    row_count: int = Field(title="Row count", description="How many rows the result has, without the header.")
    columns: list[str] = Field(title="Columns", description="The names of the columns, in order.")
    preview: list[dict[str, JsonValue]] = Field(
        title="Preview",
        description="The first rows, each an object of column and value; an empty field is null.",
    )


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a result is to be written; `delimiter` is for CSV only."""

    name: str
    format: ResultFormat
    delimiter: str
    preview_rows: int
    sheet: str = "Sheet1"


@dataclass(frozen=True, slots=True)
class Made:
    """A written result: the file lies in the attempt's folder."""

    path: Path
    wanted: Wanted
    row_count: int
    columns: tuple[Column, ...]
    preview: tuple[dict[str, JsonValue], ...]


def result_name(asked: str, label: str, format_: ResultFormat) -> str:
    """The result's file name: as asked, or the input's with the format's ending; no folders."""
    return PurePath(asked).name or f"{PurePath(label).stem or 'result'}.{format_}"


def made(ground: Ground, sql: str, wanted: Wanted) -> Made:
    """Write what the SELECT gives. Blocks.

    Raises: CommandFailed; Stopped.
    """
    ground.run(f"CREATE TEMP VIEW {quoting.name(VIEW)} AS\n{sql}")
    source = f"SELECT * FROM {quoting.name(VIEW)}"
    columns = ground.columns(source)
    path = ground.out / f"result.{wanted.format}"
    if wanted.format == "xlsx":
        from onecloud.connectors.tabular.excel import rows_to_sheet  # its library is loaded for workbooks only

        with ground.guarded():
            count = rows_to_sheet(ground.stop, [c.name for c in columns], _rows(ground, columns), path, wanted.sheet)
    else:
        listed = ", ".join(_written(column, wanted.format) for column in columns)
        copied = ground.run(
            f"COPY (SELECT {listed} FROM {quoting.name(VIEW)}) TO {quoting.literal(str(path))} ({_options(wanted)})"
        )
        count = int(str(copied[0][0]))
    return Made(path, wanted, count, columns, tuple(_preview(ground, columns, path, wanted)))


def _options(wanted: Wanted) -> str:
    match wanted.format:
        case "csv" | "tsv":
            return f"FORMAT csv, HEADER true, DELIMITER {quoting.literal(wanted.delimiter)}"
        case "parquet":
            return "FORMAT parquet, COMPRESSION zstd"
        case _:
            return f"FORMAT json, ARRAY {wanted.format == 'json'}"


def _written(column: Column, format_: ResultFormat) -> str:
    name = quoting.name(column.name)
    return f"to_json({name}) AS {name}" if format_ in {"csv", "tsv"} and _is_nested(column) else name


def _is_nested(column: Column) -> bool:
    return column.type.endswith("]") or column.type.startswith(("STRUCT", "MAP", "UNION"))


def _rows(ground: Ground, columns: Sequence[Column]) -> Iterator[Sequence[object]]:
    listed = ", ".join(_for_sheet(column) for column in columns)
    ground.db.execute(f"SELECT {listed} FROM {quoting.name(VIEW)}")
    while batch := ground.db.fetchmany(_BATCH):
        yield from batch


def _for_sheet(column: Column) -> str:
    name = quoting.name(column.name)
    if _is_nested(column):
        return f"CAST(to_json({name}) AS VARCHAR)"
    plain = column.type in _WHOLE | {"DOUBLE", "FLOAT", "BOOLEAN", "DATE", "TIME", "TIMESTAMP"}
    return name if plain or column.type.startswith("DECIMAL") else f"CAST({name} AS VARCHAR)"


def _preview(ground: Ground, columns: Sequence[Column], path: Path, wanted: Wanted) -> Iterator[dict[str, JsonValue]]:
    if not wanted.preview_rows:
        return
    match wanted.format:  # read back what was written, so that the query does not run twice
        case "csv" | "tsv":
            source = csv_scan(path, {column.name: "VARCHAR" for column in columns}, wanted.delimiter)
        case "parquet":
            source = f"read_parquet({quoting.literal(str(path))})"
        case _:
            source = quoting.name(VIEW)
    listed = ", ".join(f"CAST({quoting.name(column.name)} AS {_json_type(column)})" for column in columns)
    for row in ground.run(f"SELECT {listed} FROM {source} LIMIT {wanted.preview_rows}"):
        yield {column.name: _json(value) for column, value in zip(columns, row, strict=True)}


def _json_type(column: Column) -> str:
    return column.type if column.type in _WHOLE | {"DOUBLE", "BOOLEAN"} else "VARCHAR"


def _json(value: object) -> JsonValue:
    match value:
        case None | bool() | int() | str():
            return value
        case float() if value - value == 0:
            return value
        case _:  # infinity and not-a-number have no JSON
            return str(value)


def need_format(wanted: str, delimiter: str) -> None:
    """Raises: CommandFailed when a TSV result is asked for with another delimiter than a tab."""
    if wanted == "tsv" and delimiter not in {SAME, "\t"}:
        raise CommandFailed(1, f"A TSV file is separated by tabs, not by {delimiter!r}. Choose CSV.", retryable=False)
