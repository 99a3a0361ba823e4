"""DuckDB for one command: bounded memory, spilling into the attempt's folder, locked to the files it was given.

The rule of this file: the SQL of a person runs only on a `Ground`, and a Ground opens nothing but its inputs and its
own result folder, loads no extension and takes no setting.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import duckdb

from onecloud.connector import CommandFailed, Stop
from onecloud.connector.interrupting import interrupting
from onecloud.connectors.tabular import quoting
from onecloud.connectors.tabular.detect import column_types
from onecloud.connectors.tabular.faults import explained
from onecloud.connectors.tabular.opened import Opened
from onecloud.connectors.tabular.source import TypedSource

_MB: Final = 1 << 20
# Python and its libraries need the rest of the command's memory.
SHARE: Final = 0.7
LEAST: Final = 128 * _MB
MOST: Final = 4096 * _MB
# Each thread of a CSV scan and a CSV writer keeps some tens of megabytes of buffers.
PER_THREAD: Final = 128 * _MB


@dataclass(frozen=True, slots=True)
class Column:
    """A column's name and DuckDB type."""

    name: str
    type: str


@dataclass(frozen=True, slots=True)
class Table:
    """An input as the SQL sees it: a view's name, the file's name for people, the columns in order."""

    name: str
    label: str
    columns: tuple[Column, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The columns' names in order."""
        return tuple(column.name for column in self.columns)

    def need(self, columns: Sequence[str]) -> None:
        """Raises: CommandFailed (exit code 3) when one of `columns` is not there."""
        missing = [name for name in columns if name not in self.names]
        if missing:
            message = f"{self.label} has no column {quoting.like(missing)}. It has {quoting.like(self.names)}."
            raise CommandFailed(3, message, retryable=False)


@dataclass(slots=True)
class Ground:
    """A locked connection with the inputs as views, and the folder `out` for results."""

    stop: Stop
    db: duckdb.DuckDBPyConnection
    out: Path
    tables: tuple[Table, ...] = ()
    labels: dict[str, str] = field(default_factory=dict[str, str])

    def run(self, sql: str) -> list[tuple[object, ...]]:
        """Run one statement; gives all rows.

        Raises: CommandFailed with the reason and a mend; Stopped.
        """
        with self.guarded():
            return self.db.execute(sql).fetchall()

    @contextmanager
    def guarded(self) -> Generator[None]:
        """A block that talks to `db`: interrupted by a cancel, its errors explained."""
        self.stop.check()
        try:
            with interrupting(self.stop, self.db.interrupt):
                yield
        except duckdb.Error as error:
            raise explained(error, self.labels, {table.name: table.names for table in self.tables}) from error

    def one_select(self, sql: str) -> str:
        """The SQL, if it is one SELECT; whatever a person wrote passes here before it is run.

        Raises: CommandFailed (exit code 3) when it is anything else.
        """
        with self.guarded():
            statements = self.db.extract_statements(sql)
        if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
            kinds = ", ".join(statement.type.name for statement in statements) or "nothing"
            message = f"The SQL must be one SELECT, and it is {kinds}. Write several steps as WITH … SELECT."
            raise CommandFailed(3, message, retryable=False)
        return statements[0].query

    def columns(self, sql: str) -> tuple[Column, ...]:
        """The columns that a query gives."""
        return tuple(Column(str(row[0]), str(row[1])) for row in self.run(f"DESCRIBE {sql}"))

    def add(self, name: str, opened: Opened) -> Table:
        """Make an input a view of that name."""
        self.labels[str(opened.path)] = opened.label
        source = self._scan(opened)
        self.run(f"CREATE TEMP VIEW {quoting.name(name)} AS SELECT * FROM {source}")
        table = Table(name, opened.label, self.columns(f"SELECT * FROM {quoting.name(name)}"))
        self.tables = (*self.tables, table)
        return table

    def _scan(self, opened: Opened) -> str:
        path = quoting.literal(str(opened.path))
        if opened.kind == "parquet":
            return f"read_parquet({path})"
        if opened.dialect is None:
            # Formats that nothing matches keep text that looks like a date as it is written.
            return f"read_json({path}, dateformat='!', timestampformat='!', sample_size=-1)"
        names, delimiter, source = opened.dialect.columns, opened.dialect.delimiter, opened.source
        header = opened.dialect.header != "none"
        types: Mapping[str, str] = dict.fromkeys(names, "VARCHAR")
        if isinstance(source, TypedSource) and (source.types or source.column_types == "detect"):
            text = csv_scan(opened.path, types, delimiter, header=header, typed=True)
            types = column_types(self.run, text, opened.label, names, source)
            return csv_scan(opened.path, types, delimiter, header=header, typed=True)
        return csv_scan(opened.path, types, delimiter, header=header)


def csv_scan(path: Path, types: Mapping[str, str], delimiter: str, *, header: bool = True, typed: bool = False) -> str:
    """The table function that reads a CSV file strictly; an empty field is NULL, and `""` too when `typed`."""
    columns = ", ".join(f"{quoting.literal(name)}: {quoting.literal(type_)}" for name, type_ in types.items())
    return (
        f"read_csv({quoting.literal(str(path))}, auto_detect = false, header = {header}, "
        f"delim = {quoting.literal(delimiter)}, quote = '\"', escape = '\"', nullstr = '', "
        f"allow_quoted_nulls = {typed}, strict_mode = true, columns = {{{columns}}})"
    )


@contextmanager
def open_ground(stop: Stop, scratch: Path, memory_limit_bytes: int, inputs: Sequence[Path]) -> Generator[Ground]:
    """A Ground that may read `inputs` and write `scratch/out/`, and closes its connection at the end. Blocks."""
    out, spill = scratch / "out", scratch / "spill"
    out.mkdir(parents=True, exist_ok=True)
    memory = max(LEAST, min(MOST, int(memory_limit_bytes * SHARE)))
    threads = max(1, min(4, os.cpu_count() or 1, memory // PER_THREAD))
    db = duckdb.connect(
        ":memory:",
        config={
            "memory_limit": f"{memory // _MB}MiB",
            "threads": threads,
            "temp_directory": str(spill),
            "preserve_insertion_order": True,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "python_enable_replacements": False,  # else FROM x would read a variable of this program
        },
    )
    try:
        db.execute("SET TimeZone = 'UTC'")
        db.execute(f"SET allowed_paths = {quoting.listing(str(path) for path in inputs)}")
        db.execute(f"SET allowed_directories = {quoting.listing([str(out) + '/'])}")
        db.execute("SET enable_external_access = false")
        db.execute("SET lock_configuration = true")
        yield Ground(stop, db, out, labels={str(out): "the result", str(spill): "the disk"})
    finally:
        db.close()
