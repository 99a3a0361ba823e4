"""The one way in which every command of this connector works: open the inputs, query them, write, store."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from onecloud.connector import Context, Stop, stoppable
from onecloud.connectors.tabular.dialect import Header
from onecloud.connectors.tabular.engine import Ground, Table, open_ground
from onecloud.connectors.tabular.opened import local_path, opened
from onecloud.connectors.tabular.result import (
    MEDIA_TYPES,
    CsvResult,
    Made,
    ResultFormat,
    TableResult,
    Wanted,
    made,
    result_name,
)
from onecloud.connectors.tabular.source import SAME, Source, TypedSource

# The SELECT for the inputs, in their order. Raises CommandFailed when they have not what it needs.
Build: TypeAlias = Callable[[Ground, Sequence[Table]], str]


@dataclass(frozen=True, slots=True)
class Target:
    """What kind of result is wanted; an empty name is taken from the first input."""

    name: str = ""
    format: ResultFormat = "csv"
    delimiter: str = SAME
    preview_rows: int = 0
    sheet: str = "Sheet1"

    @staticmethod
    def csv(fields: CsvResult) -> Target:
        """A CSV result as the command's fields ask for it."""
        return Target(fields.result_name, "csv", fields.result_delimiter, fields.preview_rows)


@dataclass(frozen=True, slots=True)
class Input:
    """A source on its way to becoming the view `name`."""

    name: str
    source: Source
    path: Path
    label: str
    header: Header


async def transform(
    ctx: Context, sources: Mapping[str, Source], build: Build, target: Target, header: Header | None = None
) -> TableResult:
    """Run the SELECT that `build` gives over the sources, each a view under its key, and store the result.

    Raises: CommandFailed (1 limits and missing files, 2 the data, 3 the SQL or a column name).
    """
    inputs = [
        Input(name, source, *await local_path(ctx, source.file), header or header_of(source))
        for name, source in sources.items()
    ]
    ended = await stoppable(ctx, work, inputs, ctx.workdir / "tabular", ctx.memory_limit_bytes, build, target)
    ctx.log(f"{ended.row_count} rows, {len(ended.columns)} columns.")
    return TableResult(
        result_file=await ctx.save_file(ended.path, ended.wanted.name, MEDIA_TYPES[ended.wanted.format]),
        row_count=ended.row_count,
        columns=[column.name for column in ended.columns],
        preview=list(ended.preview),
    )


def header_of(source: Source) -> Header:
    """What the first record of a source is; it names the columns unless its fields say otherwise."""
    return "none" if isinstance(source, TypedSource) and not source.has_header else "names"


def work(stop: Stop, inputs: Sequence[Input], scratch: Path, memory: int, build: Build, target: Target) -> Made:
    """The blocking part of `transform`."""
    files = [
        opened(stop, i.source, i.path, i.label, scratch / f"in{number}", i.header) for number, i in enumerate(inputs)
    ]
    with open_ground(stop, scratch, memory, [file.path for file in files]) as ground:
        for given, file in zip(inputs, files, strict=True):
            ground.add(given.name, file)
        first = files[0].dialect
        delimiter = "\t" if target.format == "tsv" else target.delimiter
        if delimiter == SAME:
            delimiter = first.delimiter if first else ","
        name = result_name(target.name, files[0].label, target.format)
        wanted = Wanted(name, target.format, delimiter, target.preview_rows, target.sheet)
        return made(ground, build(ground, ground.tables), wanted)
