"""Column Filter: keep, drop or move columns."""

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


class _Columns(Inputs):
    action: Literal["keep", "drop", "move_first"] = Field(
        default="keep",
        title="Action",
        description="keep: only these columns, in this order. drop: all but these. move_first: these, then the rest.",
    )
    columns: list[str] = Field(
        min_length=1, title="Columns", description="Names of columns.", examples=[["id", "amount"]]
    )


class ColumnFilterInputs(CsvResult, _Columns, Source):
    """Inputs of Column Filter."""


def chosen(action: Literal["keep", "drop", "move_first"], columns: Sequence[str], there: Sequence[str]) -> list[str]:
    """The names of the result's columns, in order.

    Raises: CommandFailed (exit code 3) when none is left, or one is named twice.
    """
    if len(set(columns)) != len(columns):
        raise CommandFailed(3, f"A column is named twice in {quoting.like(columns)}. Name it once.", retryable=False)
    rest = [name for name in there if name not in columns]
    result = {"keep": list(columns), "drop": rest, "move_first": [*columns, *rest]}[action]
    if not result:
        raise CommandFailed(3, "No column is left. Drop fewer.", retryable=False)
    return result


async def run(ctx: Context, inputs: ColumnFilterInputs) -> TableResult:
    """Write the file with the chosen columns."""

    def build(_: Ground, tables: Sequence[Table]) -> str:
        tables[0].need(inputs.columns)
        return f"SELECT {quoting.names(chosen(inputs.action, inputs.columns, tables[0].names))} FROM input"

    return await transform(ctx, {"input": inputs}, build, Target.csv(inputs))


COMMAND: Final = Command(
    id="column_filter",
    title="Column Filter",
    description="Keeps, drops or reorders the columns of a table; every value stays as it is.",
    inputs=ColumnFilterInputs,
    outputs=TableResult,
    run=run,
    exit_codes=EXIT_CODES,
)
