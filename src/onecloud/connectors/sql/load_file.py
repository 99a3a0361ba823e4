"""Load File: the rows of a file into a table, in one transaction."""

from __future__ import annotations

import re
from typing import Annotated, Final, Literal, TypeAlias

from pydantic import AfterValidator, Field

from onecloud.connector import Command, CommandFailed, Context, Inputs, Outputs, stoppable
from onecloud.connectors.sql.faults import INPUT, LOAD_EXIT_CODES
from onecloud.connectors.sql.loading import Job, load
from onecloud.connectors.sql.session import place
from onecloud.connectors.tabular.opened import local_path
from onecloud.connectors.tabular.source import Source

Mode: TypeAlias = Literal["append", "replace", "upsert"]

# A type's name, its size, and whether it is an array: nothing with which a statement could go on.
_TYPE: Final = re.compile(r"[A-Za-z][A-Za-z0-9_ ]{0,60}(\( ?\d{1,4}( ?, ?\d{1,4})? ?\))?(\[\])?")


def _type_name(text: str) -> str:
    if not _TYPE.fullmatch(text):
        raise ValueError(f"{text!r} is no type's name, such as integer or numeric(18,2)")
    return text


class _Table(Inputs):
    has_header: bool = Field(
        default=True,
        title="Has a header",
        description="Whether the first row names the columns; they must be the table's. Without: column1, column2, …",
    )
    table: str = Field(min_length=1, title="Table", description="The table's name.", examples=["sales"])
    db_schema: str = Field(default="", title="Schema", description="PostgreSQL: its schema; empty: by the search path.")
    mode: Mode = Field(
        default="append",
        title="Mode",
        description="append: add the rows. replace: delete all rows first. upsert: change rows whose keys are there "
        "and add the others.",
    )
    keys: list[str] = Field(
        default_factory=list,
        title="Keys",
        description="Columns that tell one row from another. Needed by upsert: the table must have a unique index "
        "on them; a new table gets them as its primary key.",
        examples=[["id"]],
    )
    create_table: bool = Field(
        default=True,
        title="Create the table",
        description="Make the table when there is none, with the file's columns.",
    )
    types: dict[str, Annotated[str, AfterValidator(_type_name)]] = Field(
        default_factory=dict,
        title="Types",
        description="SQL types of a new table's columns by name; others are text. A table that is there keeps its own.",
        examples=[{"amount": "numeric(18,2)", "booked_on": "date"}],
    )


class LoadFileInputs(_Table, Source):
    """Inputs of Load File."""


class LoadFileOutputs(Outputs):
    """Outputs of Load File."""

    rows_loaded: int = Field(title="Rows loaded", description="How many rows of the file are in the table now.")
    table_created: bool = Field(title="Table created", description="Whether the table was made by this command.")
    columns: list[str] = Field(title="Columns", description="The columns that were loaded, in order.")


def may_run_again(inputs: LoadFileInputs) -> bool:
    """Replace and upsert leave the same table behind however often they run; append would add the rows twice."""
    return inputs.mode != "append"


async def run(ctx: Context, inputs: LoadFileInputs) -> LoadFileOutputs:
    """Load the file."""
    if inputs.mode == "upsert" and not inputs.keys:
        raise CommandFailed(
            INPUT, "Upsert needs keys. Name the columns that tell one row from another.", retryable=False
        )
    path, label = await local_path(ctx, inputs.file)
    job = Job(
        source=inputs,
        path=path,
        label=label,
        header="names" if inputs.has_header else "none",
        scratch=ctx.workdir / "load",
        memory_limit_bytes=ctx.memory_limit_bytes,
        schema=inputs.db_schema or None,
        table=inputs.table,
        mode=inputs.mode,
        keys=tuple(inputs.keys),
        create=inputs.create_table,
        types=inputs.types,
    )
    loaded = await stoppable(ctx, load, place(ctx), job)
    ctx.log(f"{loaded.rows} rows loaded into {inputs.table}{', which was created' if loaded.created else ''}.")
    return LoadFileOutputs(rows_loaded=loaded.rows, table_created=loaded.created, columns=list(loaded.columns))


COMMAND: Final = Command(
    id="load_file",
    title="Load File",
    description="Loads the rows of a file into a table, all of them or none. After a crash of the worker, replace and "
    "upsert are run again; append is not, since the rows may be there.",
    inputs=LoadFileInputs,
    outputs=LoadFileOutputs,
    run=run,
    exit_codes=LOAD_EXIT_CODES,
    needs_connection=True,
    repeatable_when=may_run_again,
)
