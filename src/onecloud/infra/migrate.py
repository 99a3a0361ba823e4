"""Bring the application database to this program's schema, one process at a time.

Alembic is loaded only when there is something to migrate: it takes a tenth of a second of every start.
"""

from __future__ import annotations

import contextlib
import fcntl
from collections.abc import Generator
from pathlib import Path
from typing import Final

import sqlalchemy

from onecloud.infra.db import async_url
from onecloud.infra.settings import Settings
from onecloud.kernel.errors import Conflict

FOLDER: Final = Path(__file__).resolve().parent / "migrations"
LOCK: Final = 0x0C010001  # any number that nothing else on the same database uses


def sync_engine(settings: Settings) -> sqlalchemy.Engine:
    """A plain engine on the application database, for migrations and short commands."""
    url = async_url(settings.database_url, settings.data)
    driver = "sqlite" if url.get_backend_name() == "sqlite" else "postgresql+psycopg"
    return sqlalchemy.create_engine(url.set(drivername=driver), poolclass=sqlalchemy.NullPool)


@contextlib.contextmanager
def one_at_a_time(settings: Settings, connection: sqlalchemy.Connection) -> Generator[None]:
    """Wait until no other process migrates this database."""
    if connection.dialect.name == "postgresql":
        connection.execute(sqlalchemy.text("select pg_advisory_lock(:key)"), {"key": LOCK})
        connection.commit()
        try:
            yield
        finally:
            connection.execute(sqlalchemy.text("select pg_advisory_unlock(:key)"), {"key": LOCK})
            connection.commit()
        return
    with (settings.data / "migrate.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def upgrade(settings: Settings) -> None:
    """Run every migration that the database has not seen.

    Raises: Conflict when the database is newer than this program.
    """
    settings.data.mkdir(parents=True, exist_ok=True)
    engine = sync_engine(settings)
    try:
        with engine.connect() as connection, one_at_a_time(settings, connection):
            if connection.dialect.name == "sqlite":
                connection.exec_driver_sql("PRAGMA journal_mode=WAL")
            current = stored_revision(connection)
            if current != newest_revision():
                _migrate(connection, current)
    finally:
        engine.dispose()


def stored_revision(connection: sqlalchemy.Connection) -> str | None:
    """The revision that the database has come to; None before its first migration."""
    there = sqlalchemy.inspect(connection).has_table("alembic_version")
    stored = connection.execute(sqlalchemy.text("select version_num from alembic_version")).scalar() if there else None
    connection.rollback()
    return stored


def newest_revision() -> str:
    """The revision of the last migration. Its file's name begins with it: a usual start need not load them all."""
    return max(file.name for file in (FOLDER / "versions").glob("[0-9]*.py")).partition("_")[0]


def _migrate(connection: sqlalchemy.Connection, current: str | None) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if current is not None and current not in known:
        raise Conflict(
            "database.newer",
            f"The database has the schema {current}, which this program does not know: it was used by a newer "
            "version of OneCloud. Start that version, or restore a backup made before the upgrade.",
        )
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    connection.commit()
