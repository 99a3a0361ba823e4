"""Join: the columns of two tables side by side, matched by keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

from pydantic import Field

from onecloud.connector import Command, Context, Inputs
from onecloud.connectors.tabular import quoting
from onecloud.connectors.tabular.engine import Ground, Table
from onecloud.connectors.tabular.faults import EXIT_CODES
from onecloud.connectors.tabular.result import CsvResult, TableResult
from onecloud.connectors.tabular.source import Source
from onecloud.connectors.tabular.transform import Target, transform


class Key(Inputs):
    """A pair of columns that must be equal."""

    left: str = Field(title="Left column", description="The key's column in the left file.", examples=["customer_id"])
    right: str = Field(
        default="", title="Right column", description="The key's column in the right file; empty: the same name."
    )


class _Join(Inputs):
    left: Source = Field(
        title="Left file", description="The first table; its order is kept and its columns come first."
    )
    right: Source = Field(title="Right file", description="The second table.")
    keys: list[Key] = Field(
        min_length=1,
        title="Keys",
        description="The columns that must be equal, compared as text just as written. An empty field equals nothing.",
    )
    kind: Literal["inner", "left", "right", "full", "left_without_match"] = Field(
        default="left",
        title="Kind",
        description="Which rows to give. inner: those with a match. left, right: all of that file. full: all of both. "
        "left_without_match: those of the left file that have none.",
    )
    suffix: str = Field(
        default="_right",
        min_length=1,
        title="Suffix",
        description="Added to the name of a right column when the left file has one of that name.",
    )


class JoinInputs(CsvResult, _Join):
    """Inputs of Join."""


def right_names(left: Sequence[str], right: Sequence[str], suffix: str) -> dict[str, str]:
    """Right columns by name, each with a name that is not taken in the result; SQL does not tell cases apart."""
    taken = {name.lower() for name in left}
    result: dict[str, str] = {}
    for name in right:
        free = name
        while free.lower() in taken:
            free += suffix
        taken.add(free.lower())
        result[name] = free
    return result


def query(inputs: JoinInputs, left: Table, right: Table) -> str:
    """The SELECT: left columns, then right ones that are no keys; ordered by the left file, then by the right."""
    pairs = {key.left: key.right or key.left for key in inputs.keys}
    # A row of the right file alone has its keys on the right only.
    both = inputs.kind in {"right", "full"}
    columns = [
        f"coalesce({_text('l', name)}, {_text('r', pairs[name])}) AS {quoting.name(name)}"
        if both and name in pairs
        else f"l.{quoting.name(name)}"
        for name in left.names
    ]
    others = [name for name in right.names if name not in pairs.values()]
    on = " AND ".join(f"{_text('l', one)} = {_text('r', other)}" for one, other in pairs.items())
    numbered = "(SELECT *, row_number() OVER () AS {0} FROM {1})"
    rows = [
        numbered.format(quoting.name(name), view)
        for name, view in (("left row", "left_file"), ("right row", "right_file"))
    ]
    if inputs.kind == "left_without_match":
        return f'SELECT {", ".join(columns)} FROM {rows[0]} l ANTI JOIN right_file r ON {on} ORDER BY l."left row"'
    renamed = right_names(left.names, others, inputs.suffix)
    columns += [f"r.{quoting.name(name)} AS {quoting.name(renamed[name])}" for name in others]
    order = 'l."left row" NULLS LAST, r."right row"'
    return f"SELECT {', '.join(columns)} FROM {rows[0]} l {inputs.kind} JOIN {rows[1]} r ON {on} ORDER BY {order}"


def _text(side: str, column: str) -> str:
    # Keys of a CSV and of a Parquet file compare as they print.
    return f"nullif(CAST({side}.{quoting.name(column)} AS VARCHAR), '')"


async def run(ctx: Context, inputs: JoinInputs) -> TableResult:
    """Write the joined table."""

    def build(_: Ground, tables: Sequence[Table]) -> str:
        left, right = tables
        left.need([key.left for key in inputs.keys])
        right.need([key.right or key.left for key in inputs.keys])
        return query(inputs, left, right)

    return await transform(ctx, {"left_file": inputs.left, "right_file": inputs.right}, build, Target.csv(inputs))


COMMAND: Final = Command(
    id="join",
    title="Join Columns",
    description="Puts the columns of two tables side by side where their keys are equal.",
    inputs=JoinInputs,
    outputs=TableResult,
    run=run,
    exit_codes=EXIT_CODES,
)
