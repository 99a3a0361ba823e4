"""The blocking part of Load File: make the table if need be, fill it, all in one transaction."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final, Literal

from sqlalchemy import Connection, String, inspect

from onecloud.connector import CommandFailed, Stop
from onecloud.connectors.sql.faults import DATA, INPUT
from onecloud.connectors.sql.session import Place, SqliteFile, transaction
from onecloud.connectors.tabular import quoting
from onecloud.connectors.tabular.dialect import Dialect, Header, read_dialect
from onecloud.connectors.tabular.engine import open_ground
from onecloud.connectors.tabular.opened import Opened, opened
from onecloud.connectors.tabular.result import Wanted, made
from onecloud.connectors.tabular.source import Source

_BATCH: Final = 2000
_CHUNK: Final = 1 << 18
_STAGE: Final = "onecloud_load"
_BOM: Final = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Job:
    """What to load, and how; `scratch` is for files in between."""

    source: Source
    path: Path
    label: str
    header: Header
    scratch: Path
    memory_limit_bytes: int
    schema: str | None
    table: str
    mode: Literal["append", "replace", "upsert"]
    keys: tuple[str, ...]
    create: bool
    types: Mapping[str, str]

    @property
    def target(self) -> str:
        """The table in SQL."""
        return (quoting.name(self.schema) + "." if self.schema else "") + quoting.name(self.table)


@dataclass(frozen=True, slots=True)
class Csv:
    """The rows as a UTF-8 CSV file."""

    opened: Opened
    dialect: Dialect


@dataclass(frozen=True, slots=True)
class Loaded:
    """What was done."""

    rows: int
    created: bool
    columns: tuple[str, ...]


def load(stop: Stop, where: Place, job: Job) -> Loaded:
    """Load the file in one transaction. Blocks.

    Raises: CommandFailed (1 the inputs, 2 the connection, 3 the SQL, 4 the data); Stopped.
    """
    with _data_faults():
        file = _csv(stop, job)
    columns = file.dialect.columns
    for what, names in (("keys", job.keys), ("types", tuple(job.types))):
        _need(names, columns, f"{job.label} has no column {{}}, named in {what}. It has {quoting.like(columns)}.")
    sqlite = isinstance(where, SqliteFile)
    if sqlite and job.schema:
        raise CommandFailed(INPUT, "SQLite has no schemas. Leave the schema empty.", retryable=False)
    with transaction(stop, where) as connection:
        created = _ready(connection, job, columns)
        if job.mode == "replace" and not created:
            connection.exec_driver_sql(f"DELETE FROM {job.target}")
        fill = _fill_sqlite if sqlite else _fill_postgres
        rows = (
            _upsert(stop, connection, job, file)
            if job.mode == "upsert"
            else fill(stop, connection, job, file, job.target)
        )
    return Loaded(rows, created, columns)


def _csv(stop: Stop, job: Job) -> Csv:
    """The file as CSV; another format is written as one first, values as they print."""
    file = opened(stop, job.source, job.path, job.label, job.scratch, job.header)
    if file.dialect is not None:
        return Csv(file, file.dialect)
    with open_ground(stop, job.scratch, job.memory_limit_bytes, [file.path]) as ground:
        ground.add("input", file)
        path = made(ground, "SELECT * FROM input", Wanted("rows.csv", "csv", ",", 0)).path
    dialect = read_dialect(path, job.label, ",", "names")
    return Csv(Opened(job.label, path, "csv", dialect, job.source), dialect)


def _ready(connection: Connection, job: Job, columns: Sequence[str]) -> bool:
    """See to it that the table is there with the file's columns; whether it was made."""
    inspector = inspect(connection)
    if inspector.has_table(job.table, job.schema):
        there = [column["name"] for column in inspector.get_columns(job.table, job.schema)]
        _need(
            columns,
            there,
            f"The table {job.table} has no column {{}}, and {job.label} has. It has {quoting.like(there)}.",
        )
        return False
    if not job.create:
        message = f"There is no table {job.table!r}. Check its name and schema, or let the command create it."
        raise CommandFailed(INPUT, message, retryable=False)
    parts = [f"{quoting.name(column)} {job.types.get(column, 'text')}" for column in columns]
    if job.keys:
        parts.append(f"PRIMARY KEY ({quoting.names(job.keys)})")
    connection.exec_driver_sql(f"CREATE TABLE {job.target} ({', '.join(parts)})")
    return True


def _need(names: Sequence[str], there: Sequence[str], message: str) -> None:
    missing = [name for name in names if name not in there]
    if missing:
        raise CommandFailed(INPUT, message.replace("{}", quoting.like(missing), 1), retryable=False)


def _upsert(stop: Stop, connection: Connection, job: Job, file: Csv) -> int:
    """Fill a temporary table, then change and add the rows from there: a file that has a key twice is refused."""
    columns, keys = quoting.names(file.dialect.columns), quoting.names(job.keys)
    sqlite = connection.dialect.name == "sqlite"
    stage = quoting.name(_STAGE)
    connection.exec_driver_sql(
        f"DROP TABLE IF EXISTS temp.{stage}" if sqlite else f"DROP TABLE IF EXISTS pg_temp.{stage}"
    )
    connection.exec_driver_sql(f"CREATE TEMPORARY TABLE {stage} AS SELECT {columns} FROM {job.target} WHERE 1 = 0")
    rows = (_fill_sqlite if sqlite else _fill_postgres)(stop, connection, job, file, stage)
    _refuse_keys(connection, job, stage)
    others = [column for column in file.dialect.columns if column not in job.keys]
    change = ", ".join(f"{quoting.name(column)} = excluded.{quoting.name(column)}" for column in others)
    connection.exec_driver_sql(
        f"INSERT INTO {job.target} ({columns}) SELECT {columns} FROM {stage} WHERE 1 = 1 "
        f"ON CONFLICT ({keys}) DO {f'UPDATE SET {change}' if change else 'NOTHING'}"
    )
    connection.exec_driver_sql(f"DROP TABLE {stage}")
    return rows


def _refuse_keys(connection: Connection, job: Job, stage: str) -> None:
    keys = quoting.names(job.keys)
    missing = " OR ".join(f"{quoting.name(key)} IS NULL" for key in job.keys)
    if connection.exec_driver_sql(f"SELECT count(*) FROM {stage} WHERE {missing}").scalar_one():
        message = f"{job.label} has a row without a value for {quoting.like(job.keys)}. Give every row its keys."
        raise CommandFailed(DATA, message, retryable=False)
    twice = connection.exec_driver_sql(
        f"SELECT {keys} FROM {stage} GROUP BY {keys} HAVING count(*) > 1 LIMIT 1"
    ).first()
    if twice is not None:
        shown = ", ".join(f"{key} = {value!r}" for key, value in zip(job.keys, twice, strict=True))
        message = f"{job.label} has two rows with {shown}. Keep one of them, or name more keys."
        raise CommandFailed(DATA, message, retryable=False)


def _fill_postgres(stop: Stop, connection: Connection, job: Job, file: Csv, table: str) -> int:
    """Hand the bytes to COPY as they are: PostgreSQL reads them as strictly as we would, and names the line."""
    raw: Any = connection.connection.driver_connection
    options = ["FORMAT csv", "ENCODING 'UTF8'", f"DELIMITER {_escaped(file.dialect.delimiter)}"]
    if file.dialect.header != "none":
        options.append("HEADER true")
    if forced := _not_text(connection, job, file.dialect.columns):
        options.append(f"FORCE_NULL ({quoting.names(forced)})")  # "" is no number and no date: there it is NULL too
    sql = f"COPY {table} ({quoting.names(file.dialect.columns)}) FROM STDIN ({', '.join(options)})"
    with raw.cursor() as cursor:
        with file.opened.path.open("rb") as source, cursor.copy(sql) as copy:
            for chunk in _chunks(source):
                stop.check()
                copy.write(chunk)
        return int(cursor.rowcount)


def _escaped(delimiter: str) -> str:
    return "E'\\t'" if delimiter == "\t" else quoting.literal(delimiter)


def _not_text(connection: Connection, job: Job, columns: Sequence[str]) -> list[str]:
    found = inspect(connection).get_columns(job.table, job.schema)
    texts = {column["name"] for column in found if isinstance(column["type"], String)}
    return [column for column in columns if column not in texts]


def _chunks(source: BinaryIO) -> Iterator[bytes]:
    first = source.read(_CHUNK)
    yield first.removeprefix(_BOM)
    while chunk := source.read(_CHUNK):
        yield chunk


def _fill_sqlite(stop: Stop, connection: Connection, job: Job, file: Csv, table: str) -> int:
    """Read strictly with DuckDB and insert in batches; the columns' affinity makes numbers of texts."""
    columns = file.dialect.columns
    insert = f"INSERT INTO {table} ({quoting.names(columns)}) VALUES ({', '.join('?' * len(columns))})"
    rows = 0
    with (
        _data_faults(),
        open_ground(stop, job.scratch, job.memory_limit_bytes, [file.opened.path]) as ground,
        ground.guarded(),
    ):
        ground.add("rows", Opened(job.label, file.opened.path, "csv", file.dialect, Source(file=job.label)))
        ground.db.execute('SELECT * FROM "rows"')
        while batch := ground.db.fetchmany(_BATCH):
            stop.check()
            connection.exec_driver_sql(insert, batch)
            rows += len(batch)
    return rows


@contextmanager
def _data_faults() -> Generator[None]:
    """The reader's own exit codes are 2 for an ill-formed table and 3 for a column; here both are the data's fault."""
    try:
        yield
    except CommandFailed as failed:
        code = DATA if failed.exit_code in {2, 3} else failed.exit_code
        raise CommandFailed(code, failed.message, retryable=failed.retryable) from failed
