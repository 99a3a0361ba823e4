"""The test of a connection: can we sign in and ask?"""

from __future__ import annotations

from onecloud.connector import CommandFailed, Context, Stop, stoppable
from onecloud.connectors.sql.session import Place, SqliteFile, place, transaction


def ask(stop: Stop, where: Place) -> None:
    """Ask the database one thing. Blocks. A SQLite file that is yet to be made passes."""
    if isinstance(where, SqliteFile) and where.create and not where.path.exists():
        return
    with transaction(stop, where, reads_only=True) as connection:
        # The first page of a file is only read, and found to be no database, when its schema is asked for.
        question = "SELECT count(*) FROM sqlite_master" if isinstance(where, SqliteFile) else "SELECT 1"
        connection.exec_driver_sql(question).scalar_one()


async def run(ctx: Context) -> None:
    """Return when the connection works.

    Raises: CommandFailed with the reason and a mend.
    """
    if ctx.connection is None:
        raise CommandFailed(1, "There is no connection to test.", retryable=False)
    await stoppable(ctx, ask, place(ctx))
