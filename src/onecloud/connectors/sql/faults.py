"""What a database says went wrong, as one sentence with a mend, and whether trying again can help."""

from __future__ import annotations

import re
import sqlite3
from typing import Final

import psycopg
from sqlalchemy.exc import DBAPIError, SQLAlchemyError, StatementError

from onecloud.connector import CommandFailed, ExitCode

INPUT: Final = 1
CONNECT: Final = 2
SQL: Final = 3
DATA: Final = 4

EXIT_CODES: Final = (
    ExitCode(0, "success", "Success"),
    ExitCode(INPUT, "error", "Error running the command"),
    ExitCode(CONNECT, "error", "The database cannot be reached, or refused the sign-in"),
    ExitCode(SQL, "error", "The database refused the SQL"),
)
LOAD_EXIT_CODES: Final = (*EXIT_CODES, ExitCode(DATA, "error", "The file is no well-formed table, or does not fit"))

# Connection lost, serialization and deadlock, resources, lock not available, operator intervention.
# Source: PostgreSQL, Appendix A "Error Codes".
_TRANSIENT: Final = ("08", "40", "53", "55P03", "57P")
_SIGN_IN: Final = ("28", "3D000")
# Values and constraints: the data's fault, not the statement's.
_DATA: Final = ("22", "23")
_FULL_OR_STARTING: Final = re.compile(r"too many|connection slots|starting up|shutting down|recovery mode")
_MENDS: Final = {
    "28": "Check the user name and the password of the connection.",
    "3D000": "Check the database of the connection.",
    "42501": "Ask the database's owner for the right.",
    "42P01": "Check the table's name and schema.",
    "42703": "Check the column's name.",
    "42P10": "Make a unique index on the keys, or name other keys.",
    "25006": "This command only reads; use Execute to change data.",
    "25001": "This statement cannot run inside a transaction; run it in the database itself.",
}


def explained(error: SQLAlchemyError | psycopg.Error | sqlite3.Error) -> CommandFailed:
    """The failure to raise for an error of the driver or of SQLAlchemy."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    match cause:
        case psycopg.Error():
            return _postgres(cause)
        case sqlite3.Error():
            return _sqlite(cause)
        case StatementError():
            return CommandFailed(SQL, _sentence(f"{cause.args[0]}. Give every parameter a value."), retryable=False)
        case _:
            return CommandFailed(SQL, _sentence(str(cause)), retryable=False)


def _postgres(error: psycopg.Error) -> CommandFailed:
    state, diag = error.sqlstate, error.diag
    if state is None:  # while connecting psycopg gives no state: only the text tells a refusal from silence
        text = str(error)
        if "FATAL:" in text and not _FULL_OR_STARTING.search(text):
            mend = "Check the user name, the password and the database of the connection."
            return CommandFailed(CONNECT, f"{_sentence(text)} {mend}", retryable=False)
        mend = "Check host, port and TLS of the connection, and see that the server runs."
        return CommandFailed(CONNECT, f"{_sentence(text)} {mend}")
    parts = [diag.message_primary or str(error)]
    if diag.statement_position:
        parts.append(f"at character {diag.statement_position}")
    if diag.context and diag.context.startswith("COPY"):
        parts.append(f"({diag.context.splitlines()[0]})")
    if diag.message_detail:
        parts.append(f"- {diag.message_detail}")
    mend = next((_MENDS[known] for known in (state, state[:2]) if known in _MENDS), diag.message_hint or "")
    message = f"{_sentence(' '.join(parts))} {mend}".strip()
    if state.startswith(_SIGN_IN):
        return CommandFailed(CONNECT, message, retryable=False)
    code = DATA if state.startswith(_DATA) else SQL
    return CommandFailed(code, message, retryable=state.startswith(_TRANSIENT))


def _sqlite(error: sqlite3.Error) -> CommandFailed:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # an extended code keeps the plain one in its low byte
    reason = _sentence(str(error))
    match code:
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return CommandFailed(SQL, f"{reason} Another program is writing the file; try again later.")
        case sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_NOTADB | sqlite3.SQLITE_CORRUPT:
            return CommandFailed(CONNECT, f"{reason} Check the connection's database file.", retryable=False)
        case sqlite3.SQLITE_AUTH:
            mend = "A command may touch only the file of its connection."
            return CommandFailed(SQL, f"{reason} {mend}", retryable=False)
        case sqlite3.SQLITE_READONLY:
            mend = "Query only reads: use Execute to change data. Or the file may not be written."
            return CommandFailed(SQL, f"{reason} {mend}", retryable=False)
        case sqlite3.SQLITE_CONSTRAINT | sqlite3.SQLITE_MISMATCH | sqlite3.SQLITE_TOOBIG:
            return CommandFailed(DATA, reason, retryable=False)
        case sqlite3.SQLITE_FULL | sqlite3.SQLITE_IOERR:
            return CommandFailed(SQL, f"{reason} See that the disk has room.")
        case _:
            return CommandFailed(SQL, reason, retryable=False)


def only_sql(failed: CommandFailed) -> CommandFailed:
    """For commands that know no fault of a file: the data's fault is the statement's."""
    code = SQL if failed.exit_code == DATA else failed.exit_code
    return CommandFailed(code, failed.message, retryable=failed.retryable)


def _sentence(text: str) -> str:
    line = " ".join(text.split())
    line = line[:1].upper() + line[1:]
    return line if line.endswith((".", "!", "?")) else line + "."
