"""Fills the database of a server by SQL: what years of use leave behind, in a minute."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import sqlalchemy

from bench.main_job import WORKSPACE
from onecloud.infra.migrate import sync_engine
from onecloud.infra.settings import Settings
from tests.e2e.server import Server


class Seed:
    """The application database of a server's data folder, or of ONECLOUD_DATABASE_URL."""

    def __init__(self, server: Server) -> None:
        url = server.environment.get("ONECLOUD_DATABASE_URL", "")
        self._engine = sync_engine(Settings(data=server.data, database_url=url))
        self._on_sqlite = self._engine.dialect.name == "sqlite"

    def run(self, *statements: str) -> None:
        """Carry statements out in one transaction."""
        with self._engine.begin() as connection:
            for statement in statements:
                connection.execute(sqlalchemy.text(statement))

    def ask(self, query: str) -> list[tuple[object, ...]]:
        """The rows of a query."""
        with self._engine.connect() as connection:
            return [tuple(row) for row in connection.execute(sqlalchemy.text(query))]

    def moment(self, seconds_ago: str) -> str:
        """SQL for the moment so many seconds (an SQL expression) before now."""
        if self._on_sqlite:
            return f"strftime('%Y-%m-%d %H:%M:%f000', 'now', '-' || ({seconds_ago}) || ' seconds')"
        return f"(now() - ({seconds_ago}) * interval '1 second')"

    def settle(self) -> None:
        """Leave the database as use would: PostgreSQL knows by itself what is in it, SQLite was never asked to look."""
        with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(sqlalchemy.text("PRAGMA wal_checkpoint(TRUNCATE)" if self._on_sqlite else "ANALYZE"))

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()


def numbers(first: int, last: int) -> str:
    """The beginning of a statement that selects from `numbers`, whose `n` goes from `first` to `last`."""
    return f"WITH RECURSIVE numbers(n) AS (SELECT {first} UNION ALL SELECT n + 1 FROM numbers WHERE n < {last})"


@contextmanager
def seeded(**environment: str) -> Generator[tuple[Server, Seed]]:
    """A stopped server with a workspace on a fresh data folder, and its database to fill."""
    with TemporaryDirectory(prefix="onecloud-bench-") as folder:
        server = Server(Path(folder) / "data", {"ONECLOUD_LOG_LEVEL": "warning", **environment})
        server.start()
        server.workspace(WORKSPACE)
        server.stop()
        seed = Seed(server)
        try:
            yield server, seed
        finally:
            seed.close()
            if server.running:
                server.stop()
