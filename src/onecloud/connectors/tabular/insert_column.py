"""Insert Column: a new column with one text, or with what a SQL expression gives for each row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

from pydantic import Field

from onecloud.connector import Command, CommandFailed, Context, Inputs
from onecloud.connectors.tabular import quoting
from onecloud.connectors.tabular.engine import Ground, Table
from onecloud.connectors.tabular.faults import EXIT_CODES
from onecloud.connectors.tabular.result import CsvResult, TableResult
from onecloud.connectors.tabular.source import Source
from onecloud.connectors.tabular.transform import Target, transform


class _NewColumn(Inputs):
    name: str = Field(min_length=1, title="Name", description="The new column's name.", examples=["period"])
    kind: Literal["text", "expression"] = Field(
        default="text",
        title="Kind",
        description="text: the value itself in every row. expression: SQL over the columns.",
    )
    value: str = Field(
        title="Value",
        description="The text, or a SQL expression (DuckDB). Columns of a CSV file are text there; cast them.",
        examples=["2024-01", "CAST(price AS DECIMAL(18,2)) * CAST(quantity AS INTEGER)", "row_number() OVER ()"],
    )
    place: Literal["first", "last", "before", "after"] = Field(
        default="last", title="Place", description="Where it goes; before and after need a column."
    )
    column: str = Field(default="", title="Column", description="The column that it goes before or after.")


class InsertColumnInputs(CsvResult, _NewColumn, Source):
    """Inputs of Insert Column."""


def position(place: Literal["first", "last", "before", "after"], column: str, there: Sequence[str]) -> int:
    """How many of the present columns come before the new one; `column` is one of `there` where it is needed."""
    match place:
        case "first":
            return 0
        case "last":
            return len(there)
        case "before":
            return there.index(column)
        case "after":
            return there.index(column) + 1


async def run(ctx: Context, inputs: InsertColumnInputs) -> TableResult:
    """Write the table with one column more."""

    def build(ground: Ground, tables: Sequence[Table]) -> str:
        table = tables[0]
        if inputs.place in {"before", "after"}:
            table.need([inputs.column])
        if inputs.name.lower() in (name.lower() for name in table.names):
            raise CommandFailed(
                3, f"{table.label} has a column {inputs.name!r} already. Choose another name.", retryable=False
            )
        value = quoting.literal(inputs.value)
        if inputs.kind == "expression":
            value = f"(\n{inputs.value}\n)"
            if len(ground.columns(ground.one_select(f"SELECT {value} FROM input"))) != 1:
                raise CommandFailed(3, f"{inputs.value!r} is more than one expression. Give one.", retryable=False)
        at = position(inputs.place, inputs.column, table.names)
        listed = [quoting.name(name) for name in table.names]
        listed.insert(at, f"{value} AS {quoting.name(inputs.name)}")
        return f"SELECT {', '.join(listed)} FROM input"

    return await transform(ctx, {"input": inputs}, build, Target.csv(inputs))


COMMAND: Final = Command(
    id="insert_column",
    title="Insert Column",
    description="Adds a column that holds one text or the result of a SQL expression; other values stay as they are.",
    inputs=InsertColumnInputs,
    outputs=TableResult,
    run=run,
    exit_codes=EXIT_CODES,
)
