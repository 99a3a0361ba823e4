"""Execute: statements that change the database, all in one transaction."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

from pydantic import Field
from sqlalchemy import CursorResult

from onecloud.connector import MULTILINE, Command, CommandFailed, Context, Inputs, Outputs, Stop, stoppable
from onecloud.connectors.sql import parameters, statements
from onecloud.connectors.sql.faults import EXIT_CODES, INPUT, only_sql
from onecloud.connectors.sql.session import Place, SqliteFile, place, transaction

_RETURNING: Final = re.compile(r"\breturning\b", re.IGNORECASE)


class _Statements(Inputs):
    sql: str = Field(
        min_length=1,
        title="SQL",
        description="One or several statements with semicolons between, in the database's dialect. Either all of them "
        f"take effect or none. {parameters.SYNTAX}",
        json_schema_extra=MULTILINE,
        examples=["DELETE FROM sales WHERE period = :period"],
    )


class ExecuteInputs(parameters.Parameters, _Statements):
    """Inputs of Execute."""


class ExecuteOutputs(Outputs):
    """Outputs of Execute."""

    records_updated: int = Field(
        title="Records updated", description="How many rows the statements inserted, changed and deleted together."
    )
    statements: int = Field(title="Statements", description="How many statements ran.")


@dataclass(frozen=True, slots=True)
class Done:
    """What the statements did."""

    records_updated: int
    statements: int


def change(stop: Stop, where: Place, inputs: ExecuteInputs) -> Done:
    """Run the statements in one transaction. Blocks.

    Raises: CommandFailed, which names the statement by its number when there are several; Stopped.
    """
    asked = statements.split(inputs.sql, sqlite=isinstance(where, SqliteFile))
    if not asked:
        raise CommandFailed(INPUT, "There is no statement in the SQL. Write one.", retryable=False)
    for number, statement in enumerate(asked, 1):
        if statements.ends_transaction(statement):
            word = statements.first_word(statement)
            message = f"Statement {number} is {word}. The command is one transaction by itself; remove the statement."
            raise CommandFailed(INPUT, message, retryable=False)
    parameters.check_used(inputs.parameters, asked)
    number = updated = 0
    try:
        with transaction(stop, where) as connection:
            for statement in asked:
                stop.check()
                number += 1
                with parameters.run(connection, statement, inputs.parameters) as result:
                    updated += _changed(result, statement)
    except CommandFailed as failed:
        if number == 0 or len(asked) == 1:
            raise
        message = f"Statement {number} of {len(asked)}: {failed.message} Nothing was changed."
        raise CommandFailed(failed.exit_code, message, retryable=failed.retryable) from failed
    return Done(updated, len(asked))


def _changed(result: CursorResult[Any], statement: str) -> int:
    if result.returns_rows:
        if not _RETURNING.search(statement):
            return 0
        rows = len(result.fetchall())  # SQLite counts such a change only once its rows are read
        return rows if result.rowcount < 0 else result.rowcount
    return max(result.rowcount, 0)


async def run(ctx: Context, inputs: ExecuteInputs) -> ExecuteOutputs:
    """Run the statements."""
    try:
        done = await stoppable(ctx, change, place(ctx), inputs)
    except CommandFailed as failed:
        raise only_sql(failed) from failed
    ctx.log(f"{done.statements} statements, {done.records_updated} records updated.")
    return ExecuteOutputs(records_updated=done.records_updated, statements=done.statements)


COMMAND: Final = Command(
    id="execute",
    title="Execute",
    description="Runs one or several statements in one transaction. "
    "It is not run again after a crash of the worker, since its changes may have been made.",
    inputs=ExecuteInputs,
    outputs=ExecuteOutputs,
    run=run,
    exit_codes=EXIT_CODES,
    repeatable=False,
    needs_connection=True,
)
