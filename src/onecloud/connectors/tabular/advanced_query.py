"""Advanced Query: one SQL SELECT over any number of files."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field, JsonValue

from onecloud.connector import MULTILINE, Command, Context, Inputs
from onecloud.connectors.tabular.engine import Ground, Table
from onecloud.connectors.tabular.faults import EXIT_CODES
from onecloud.connectors.tabular.result import CsvResult, TableResult
from onecloud.connectors.tabular.source import TypedSource
from onecloud.connectors.tabular.transform import Target, transform

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}")


def _table_name(text: str) -> str:
    if not _NAME.fullmatch(text):
        raise ValueError(f"{text!r} is no table name: letters, digits and underscores, not beginning with a digit")
    return text


class QueryTable(TypedSource):
    """An input file under the name that the SQL uses."""

    name: Annotated[str, AfterValidator(_table_name)] = Field(
        title="Table name", description="The name of this file in the SQL.", examples=["orders"]
    )


def _distinct(tables: list[QueryTable]) -> list[QueryTable]:
    names = [table.name.lower() for table in tables]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"two tables are named {', '.join(twice)}: give each its own name")
    return tables


class _Query(Inputs):
    tables: Annotated[list[QueryTable], AfterValidator(_distinct)] = Field(
        min_length=1, title="Tables", description="The input files, each under the name that the SQL uses."
    )
    sql: str = Field(
        min_length=1,
        title="SQL",
        description="One SELECT in DuckDB's dialect. It sees these tables and nothing else. Columns of CSV files are "
        "text unless their types are set, so cast where it counts: SUM(CAST(amount AS DECIMAL(18,2))).",
        json_schema_extra=MULTILINE,
        examples=["SELECT region, count(*) AS orders FROM orders GROUP BY region ORDER BY region"],
    )
    result_format: Literal["csv", "parquet"] = Field(
        default="csv", title="Result format", description="How to write the result. Parquet keeps the types."
    )


class AdvancedQueryInputs(CsvResult, _Query):
    """Inputs of Advanced Query."""


class AdvancedQueryOutputs(TableResult):
    """Outputs of Advanced Query."""

    first_value: JsonValue = Field(
        title="First value", description="The first column of the first row; null when there is none or no preview."
    )


async def run(ctx: Context, inputs: AdvancedQueryInputs) -> AdvancedQueryOutputs:
    """Run the SELECT and store its result."""

    def build(ground: Ground, _: Sequence[Table]) -> str:
        return ground.one_select(inputs.sql)

    target = Target(
        inputs.result_name or f"result.{inputs.result_format}",
        inputs.result_format,
        inputs.result_delimiter,
        inputs.preview_rows,
    )
    result = await transform(ctx, {table.name: table for table in inputs.tables}, build, target)
    first = next(iter(result.preview[0].values()), None) if result.preview else None
    return AdvancedQueryOutputs(**{name: getattr(result, name) for name in TableResult.model_fields}, first_value=first)


COMMAND: Final = Command(
    id="advanced_query",
    title="Advanced Query",
    description="Runs one SQL SELECT over one or more files, also larger than memory, and gives the result as a file.",
    inputs=AdvancedQueryInputs,
    outputs=AdvancedQueryOutputs,
    run=run,
    exit_codes=EXIT_CODES,
)
