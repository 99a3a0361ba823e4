"""SQL: databases by SQLAlchemy; SQLite and PostgreSQL. Source: product facts 3.4."""

from typing import Final

from onecloud.connector import Connector
from onecloud.connectors.sql import execute, load_file, probe, query
from onecloud.connectors.sql.connection import SqlConnection

CONNECTOR: Final = Connector(
    id="sql",
    title="SQL Database",
    description="Reads from and writes to PostgreSQL and SQLite databases.",
    commands=(query.COMMAND, execute.COMMAND, load_file.COMMAND),
    properties=SqlConnection,
    test=probe.run,
    icon="database",
)
