"""The application database: one writer and many readers on SQLite, one pool on PostgreSQL.

Nobody outside `infra/` commits: `Database.transaction()` does it at the end of a request or of an engine step.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, cast

from sqlalchemy import (
    BigInteger,
    Connection,
    CursorResult,
    DateTime,
    Dialect,
    Executable,
    Integer,
    MetaData,
    event,
    make_url,
    select,
    text,
)
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import FunctionElement
from sqlalchemy.types import TypeDecorator

from onecloud.infra import sqlite
from onecloud.infra.checkpoints import Checkpoints

# Fixed names let a migration drop or alter a constraint on both databases.
NAMING: Final = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

REPEATABLE: Final = "REPEATABLE READ"

# SQLite numbers rows by itself only for a column declared exactly INTEGER.
BigId = BigInteger().with_variant(Integer(), "sqlite")


class Base(DeclarativeBase):
    """Parent of every table class; relationships are never used, so rows never load lazily."""

    metadata = MetaData(naming_convention=NAMING)


class UtcDateTime(TypeDecorator[datetime]):
    """A moment, always aware and in UTC in Python; microseconds on both databases."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        return dialect.type_descriptor(DateTime(timezone=dialect.name == "postgresql"))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone reached the database")
        value = value.astimezone(UTC)
        return value if dialect.name == "postgresql" else value.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class database_time(FunctionElement[datetime]):  # noqa: N801 - reads as SQL function
    """The database's own clock as an SQL expression (not the transaction's start).

    Source: every time check of a token is made on one clock, the database's.
    """

    type = UtcDateTime()
    inherit_cache = True


@compiles(database_time, "postgresql")
def _postgres_time(element: database_time, compiler: SQLCompiler, **kw: Any) -> str:
    return "clock_timestamp()"


@compiles(database_time, "sqlite")
def _sqlite_time(element: database_time, compiler: SQLCompiler, **kw: Any) -> str:
    # Padded to six digits: the stored text then sorts and compares as time. Parentheses: SQLite wants them in DEFAULT.
    return "(strftime('%Y-%m-%d %H:%M:%f000', 'now'))"


async def database_now(db: AsyncSession) -> datetime:
    """The moment on the database's clock."""
    return cast(datetime, await db.scalar(select(database_time())))


def async_url(database_url: str, data: Path) -> URL:
    """The SQLAlchemy address of the application database.

    Raises: ValueError when the address is neither PostgreSQL nor empty (= SQLite in `data`).
    """
    if not database_url:
        return URL.create("sqlite+aiosqlite", database=str(data / "onecloud.db"))
    url = make_url(database_url)
    if url.get_backend_name() != "postgresql":
        raise ValueError(
            "ONECLOUD_DATABASE_URL must be a postgresql:// address, or empty for SQLite in the data folder"
        )
    return url.set(drivername="postgresql+psycopg")


def prepare_sqlite(connection: Any, _record: Any = None) -> None:
    """Pragmas of every SQLite connection; the driver's own transaction handling is switched off."""
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "foreign_keys=ON",
        f"busy_timeout={sqlite.BUSY_MS}",
        "cache_size=-32000",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def begin_to_write(connection: Connection) -> None:
    """Take SQLite's write lock at once: a transaction that reads first could find it taken when it comes to write."""
    connection.exec_driver_sql("BEGIN IMMEDIATE")


class Database:
    """The two ways to the application database: `transaction()` writes, `reading()` only reads."""

    def __init__(self, url: URL) -> None:
        self.url: Final = url
        self.is_sqlite: Final = url.get_backend_name() == "sqlite"
        self._checkpoints: Checkpoints | None = None
        if self.is_sqlite:
            # One writer connection: writers queue in order here instead of polling the file's lock.
            file = str(url.database)
            checkpoints = self._checkpoints = Checkpoints(file)
            self._writer = create_async_engine(
                url,
                pool_size=1,
                max_overflow=0,
                pool_timeout=60,
                async_creator=lambda: sqlite.connect(file, checkpoints),
            )
            # Nothing is open between two reads, so there is nothing to roll back when a connection is given back.
            reader = create_async_engine(
                url,
                pool_size=4,
                max_overflow=4,
                isolation_level="AUTOCOMMIT",
                pool_reset_on_return=None,
                skip_autocommit_rollback=True,
                async_creator=lambda: sqlite.connect(file),
            )
            for engine in (self._writer, reader):
                event.listen(engine.sync_engine, "connect", prepare_sqlite)
            event.listen(self._writer.sync_engine, "begin", begin_to_write)
            self._reader: AsyncEngine = reader
        else:
            self._writer = create_async_engine(url, pool_size=15, max_overflow=10, pool_pre_ping=True)
            self._reader = self._writer.execution_options(isolation_level="AUTOCOMMIT")
        self._write_sessions = async_sessionmaker(self._writer, expire_on_commit=False)
        self._read_sessions = async_sessionmaker(self._reader, expire_on_commit=False)
        one_moment = self._reader if self.is_sqlite else self._writer.execution_options(isolation_level=REPEATABLE)
        self._snapshot_sessions = async_sessionmaker(one_moment, expire_on_commit=False)

    @asynccontextmanager
    async def _open(self, sessions: async_sessionmaker[AsyncSession]) -> AsyncGenerator[AsyncSession]:
        """A session that gives its connection back at the end.

        A session's own `async with` closes it in a task of its own, so that a cancel cannot leave the work half done.
        On SQLite closing never waits, so no cancel can come in between; the task would only keep the connection for
        another turn of the event loop, in which others, who find none left, queue behind those who come later.
        """
        if not self.is_sqlite:
            async with sessions() as session:
                yield session
            return
        session = sessions()
        try:
            yield session
        finally:
            await session.close()

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[AsyncSession]:
        """A session that commits at the end, or rolls back when an error leaves the block."""
        async with self._open(self._write_sessions) as session:
            try:
                yield session
                await session.commit()
            except BaseException:
                await session.rollback()
                raise

    @asynccontextmanager
    async def reading(self) -> AsyncGenerator[AsyncSession]:
        """A session for reads; each statement sees the newest committed data."""
        async with self._open(self._read_sessions) as session:
            yield session

    @asynccontextmanager
    async def snapshot(self) -> AsyncGenerator[AsyncSession]:
        """A session for reads that must fit together: every statement sees the data of one moment."""
        async with self._open(self._snapshot_sessions) as session:
            if self.is_sqlite:
                await session.execute(text("BEGIN"))
            try:
                yield session
            finally:
                if self.is_sqlite:
                    await session.execute(text("ROLLBACK"))

    @property
    def writer(self) -> AsyncEngine:
        """The engine that writes; for migrations and tests."""
        return self._writer

    async def close(self) -> None:
        """Give every connection back."""
        await self._writer.dispose()
        await self._reader.dispose()
        if self._checkpoints is not None:
            self._checkpoints.close()


async def plain(
    db: AsyncSession, statement: Executable, values: Mapping[str, object] | None = None
) -> CursorResult[*tuple[Any, ...]]:
    """Run a statement whose rows are plain columns on the session's bare connection.

    What the session adds for mapped rows costs as much again as the statement: for what every request asks.
    """
    return await (await db.connection()).execute(statement, values)


def after_commit(db: AsyncSession, call: Callable[[], object]) -> None:
    """Call `call` once the session's transaction is committed; never when it is rolled back."""

    def committed(_session: Any) -> None:
        call()

    event.listen(db.sync_session, "after_commit", committed, once=True)
