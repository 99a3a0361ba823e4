"""Add Headers: name the columns of a table that has no header, or name them anew."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field

from onecloud.connector import Command, CommandFailed, Context, Inputs
from onecloud.connectors.tabular import quoting
from onecloud.connectors.tabular.engine import Ground, Table
from onecloud.connectors.tabular.faults import EXIT_CODES
from onecloud.connectors.tabular.result import CsvResult, TableResult
from onecloud.connectors.tabular.source import Source
from onecloud.connectors.tabular.transform import Target, transform


def _distinct(headers: list[str]) -> list[str]:
    if len({header.lower() for header in headers}) != len(headers):
        raise ValueError("two headers are equal but for their case: give each column its own name")
    if "" in headers:
        raise ValueError("a header is empty: give each column a name")
    return headers


class _Headers(Inputs):
    headers: Annotated[list[str], AfterValidator(_distinct)] = Field(
        min_length=1,
        title="Headers",
        description="The names of all columns, in order.",
        examples=[["id", "name", "amount"]],
    )
    first_row: Literal["is_data", "is_replaced"] = Field(
        default="is_data",
        title="First row",
        description="is_data: the file has no header yet. is_replaced: its first row is a header, which these replace; "
        "so it always is with Parquet and JSON.",
    )


class AddHeadersInputs(CsvResult, _Headers, Source):
    """Inputs of Add Headers."""


async def run(ctx: Context, inputs: AddHeadersInputs) -> TableResult:
    """Write the table under its new header."""

    def build(_: Ground, tables: Sequence[Table]) -> str:
        old = tables[0].names
        if len(old) != len(inputs.headers):
            message = (
                f"{tables[0].label} has {len(old)} columns; there are {len(inputs.headers)} headers. Name each column."
            )
            raise CommandFailed(3, message, retryable=False)
        pairs = zip(old, inputs.headers, strict=True)
        return f"SELECT {', '.join(f'{quoting.name(a)} AS {quoting.name(b)}' for a, b in pairs)} FROM input"

    header = "none" if inputs.first_row == "is_data" else "ignored"
    return await transform(ctx, {"input": inputs}, build, Target.csv(inputs), header)


COMMAND: Final = Command(
    id="add_headers",
    title="Add Headers",
    description="Gives the columns of a table their names; every value stays as it is.",
    inputs=AddHeadersInputs,
    outputs=TableResult,
    run=run,
    exit_codes=EXIT_CODES,
)
