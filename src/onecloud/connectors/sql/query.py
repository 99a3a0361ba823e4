"""Query: what a SELECT gives, streamed into a CSV file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Final

from pydantic import Field, JsonValue

from onecloud.connector import MULTILINE, Command, CommandFailed, Context, FileRef, Inputs, Outputs, Stop, stoppable
from onecloud.connectors.sql import parameters, statements
from onecloud.connectors.sql.faults import EXIT_CODES, INPUT, only_sql
from onecloud.connectors.sql.rows import as_json, line_writer, unique_names
from onecloud.connectors.sql.session import Place, SqliteFile, place, transaction
from onecloud.connectors.tabular.result import MOST_PREVIEW
from onecloud.connectors.tabular.source import SAME, ResultDelimiter

# Rows that travel from the server at a time; the memory of a query is a few times that many rows.
BATCH: Final = 1000
_CURSOR: Final = {"SELECT", "WITH", "VALUES", "TABLE"}


class _Statement(Inputs):
    sql: str = Field(
        min_length=1,
        title="SQL",
        description=f"One statement that reads, in the database's dialect. {parameters.SYNTAX}",
        json_schema_extra=MULTILINE,
        examples=["SELECT region, sum(amount) AS total FROM sales WHERE period = :period GROUP BY region"],
    )


class _Result(Inputs):
    result_name: str = Field(default="result.csv", title="Result name", description="Name of the result file.")
    result_delimiter: ResultDelimiter = Field(
        default=",", title="Result delimiter", description="What separates the fields: one character, or its name."
    )
    preview_rows: int = Field(
        default=25,
        ge=0,
        le=MOST_PREVIEW,
        title="Preview rows",
        description="How many of the first rows to give in `preview`, up to 1000.",
    )


class QueryInputs(_Result, parameters.Parameters, _Statement):
    """Inputs of Query."""


class QueryOutputs(Outputs):
    """Outputs of Query."""

    result_file: FileRef = Field(
        title="Result file", description='All rows as CSV with a header: NULL is an empty field, an empty text is "".'
    )
    row_count: int = Field(title="Row count", description="How many rows there are.")
    columns: list[str] = Field(title="Columns", description="The names of the columns, in order.")
    preview: list[dict[str, JsonValue]] = Field(
        title="Preview", description="The first rows, each an object of column and value."
    )
    first_value: JsonValue = Field(
        title="First value", description="The first column of the first row; null when there is no row."
    )


@dataclass(frozen=True, slots=True)
class Found:
    """The written file and what it holds."""

    row_count: int
    columns: list[str]
    first_rows: list[list[JsonValue]]


def fetch(stop: Stop, where: Place, inputs: QueryInputs, path: Path) -> Found:
    """Write the rows to `path`, a batch in memory at a time. Blocks.

    Raises: CommandFailed; Stopped.
    """
    asked = statements.split(inputs.sql, sqlite=isinstance(where, SqliteFile))
    if len(asked) != 1:
        message = f"Query takes one statement, and this is {len(asked)}. Put changes into an Execute command before it."
        raise CommandFailed(INPUT, message, retryable=False)
    parameters.check_used(inputs.parameters, asked)
    delimiter = "," if inputs.result_delimiter == SAME else inputs.result_delimiter
    line = line_writer(delimiter)
    count, first_rows = 0, list[list[JsonValue]]()
    with transaction(stop, where, reads_only=True) as connection, path.open("w", encoding="utf-8", newline="") as out:
        if (
            statements.first_word(asked[0]) in _CURSOR
        ):  # what PostgreSQL declares no cursor for (SHOW, EXPLAIN) is short
            connection.execution_options(stream_results=True)
        result = parameters.run(connection, asked[0], inputs.parameters)
        if not result.returns_rows:
            raise CommandFailed(INPUT, "The statement gives no rows. Use Execute for it.", retryable=False)
        columns = unique_names(list(result.keys()))
        out.write(line(columns))
        for batch in result.partitions(BATCH):
            stop.check()
            out.writelines(line(row) for row in batch)
            for row in batch[: max(inputs.preview_rows, 1) - len(first_rows)]:
                first_rows.append([as_json(value) for value in row])
            count += len(batch)
    return Found(count, columns, first_rows)


async def run(ctx: Context, inputs: QueryInputs) -> QueryOutputs:
    """Run the query and store its result."""
    path = ctx.workdir / "result.csv"
    try:
        found = await stoppable(ctx, fetch, place(ctx), inputs, path)
    except CommandFailed as failed:
        raise only_sql(failed) from failed
    ctx.log(f"{found.row_count} rows, {len(found.columns)} columns.")
    return QueryOutputs(
        result_file=await ctx.save_file(path, PurePath(inputs.result_name).name or "result.csv", "text/csv"),
        row_count=found.row_count,
        columns=found.columns,
        preview=[dict(zip(found.columns, row, strict=True)) for row in found.first_rows[: inputs.preview_rows]],
        first_value=found.first_rows[0][0] if found.first_rows and found.columns else None,
    )


COMMAND: Final = Command(
    id="query",
    title="Query",
    description="Runs one statement that reads, in a read-only transaction, and gives all rows as a CSV file.",
    inputs=QueryInputs,
    outputs=QueryOutputs,
    run=run,
    exit_codes=EXIT_CODES,
    needs_connection=True,
)
