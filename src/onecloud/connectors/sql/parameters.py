"""Values bound to the `:names` of a statement; they are never part of its text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from pydantic import Field, JsonValue
from sqlalchemy import Connection, CursorResult, text

from onecloud.connector import CommandFailed, Inputs
from onecloud.connectors.sql.faults import INPUT
from onecloud.connectors.tabular import quoting
from onecloud.kernel import jsonvalue

SYNTAX: Final = "Values are written as :name and given in Parameters; with parameters a plain colon in a text is \\:."


class Parameters(Inputs):
    """The values of a statement."""

    parameters: dict[str, JsonValue] = Field(
        default_factory=dict,
        title="Parameters",
        description="Values for the :names in the SQL, bound by the database. Lists and objects become JSON text.",
        examples=[{"region": "North"}],
    )


def check_used(parameters: Mapping[str, JsonValue], statements: Iterable[str]) -> None:
    """Raises: CommandFailed (exit code 1) when a parameter stands in no statement."""
    if not parameters:
        return
    used = {name for statement in statements for name in names_in(statement)}
    unused = [name for name in parameters if name not in used]
    if unused:
        message = f"No :{unused[0]} stands in the SQL, but a value is given for {quoting.like(unused)}. Remove it."
        raise CommandFailed(INPUT, message, retryable=False)


def names_in(statement: str) -> set[str]:
    """The names of the statement's parameters."""
    return set(text(statement).compile().params)


def run(
    connection: Connection, statement: str, parameters: Mapping[str, JsonValue]
) -> CursorResult[tuple[object, ...]]:
    """Run one statement. Without parameters its text goes to the database untouched, colons and per cents too."""
    if not parameters:
        return connection.execution_options(no_parameters=True).exec_driver_sql(statement)
    own = names_in(statement)
    values = {name: _bound(value) for name, value in parameters.items() if name in own}
    return connection.execute(text(statement), values)


def _bound(value: JsonValue) -> str | float | bool | None:
    return jsonvalue.dump(value) if isinstance(value, list | dict) else value
