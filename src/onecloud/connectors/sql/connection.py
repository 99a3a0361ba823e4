"""A connection to a database: the form, and the target that it means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, Self, TypeAlias

from pydantic import Field, SecretStr, model_validator
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from onecloud.connector import CommandFailed, Context, Inputs

CONNECT_TIMEOUT_S: Final = 10

_POSTGRES: Final = {"postgresql", "postgres", "postgresql+psycopg"}
# Others of libpq's parameters name files of this machine; a connection may not.
_PARAMETERS: Final = {"sslmode", "application_name", "options", "target_session_attrs", "connect_timeout"}


@dataclass(frozen=True, slots=True)
class Postgres:
    """What psycopg needs to connect; the password is among it."""

    parameters: Mapping[str, str | int]


@dataclass(frozen=True, slots=True)
class Sqlite:
    """A database file: a path in the files folder, as a person wrote it."""

    path: str
    create: bool


Target: TypeAlias = Postgres | Sqlite


class SqlConnection(Inputs):
    """Which database, and who we are there."""

    system: Literal["postgresql", "sqlite"] = Field(
        default="postgresql", title="System", description="What kind of database it is. An URL decides by itself."
    )
    url: SecretStr = Field(
        default=SecretStr(""),
        title="URL",
        description="The whole address in one: postgresql://user:password@host:5432/database?sslmode=require, or "
        "sqlite:///path. Empty: the fields below are used.",
    )
    host: str = Field(
        default="", title="Host", description="PostgreSQL: name or address of the server.", examples=["localhost"]
    )
    port: int = Field(default=5432, ge=1, le=65535, title="Port", description="PostgreSQL: port of the server.")
    database: str = Field(
        default="", title="Database", description="PostgreSQL: name of the database.", examples=["sales"]
    )
    username: str = Field(default="", title="User name", description="PostgreSQL: who signs in.")
    password: SecretStr = Field(default=SecretStr(""), title="Password", description="PostgreSQL: the password.")
    tls: Literal["disable", "prefer", "require", "verify-full"] = Field(
        default="prefer",
        title="TLS",
        description="PostgreSQL: whether the line is encrypted. verify-full also checks the server's certificate.",
    )
    path: str = Field(
        default="", title="File", description="SQLite: the database file, in the files folder.", examples=["sales.db"]
    )
    create_file: bool = Field(
        default=True, title="Create the file", description="SQLite: make a new, empty database when there is no file."
    )

    @model_validator(mode="after")
    def _names_a_database(self) -> Self:
        target_of(self)
        return self


def target_of(connection: SqlConnection) -> Target:
    """The database that a connection means.

    Raises: ValueError that never repeats the URL, since a password may be in it.
    """
    url = connection.url.get_secret_value().strip()
    if url:
        return _from_url(url, create=connection.create_file)
    if connection.system == "sqlite":
        if not connection.path:
            raise ValueError("name the database file")
        return Sqlite(connection.path, connection.create_file)
    if not connection.host or not connection.database:
        raise ValueError("name the host and the database, or give the URL")
    return Postgres(
        {
            "host": connection.host,
            "port": connection.port,
            "dbname": connection.database,
            "sslmode": connection.tls,
            "connect_timeout": CONNECT_TIMEOUT_S,
            **({"user": connection.username} if connection.username else {}),
            **({"password": connection.password.get_secret_value()} if connection.password.get_secret_value() else {}),
        }
    )


def _from_url(text: str, *, create: bool) -> Target:
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise ValueError("the URL cannot be read: write it as postgresql://user:password@host:5432/database") from None
    if url.drivername == "sqlite":
        if not url.database or url.database == ":memory:":
            raise ValueError("name the database file: sqlite:///path")
        return Sqlite(url.database, create)
    if url.drivername not in _POSTGRES:
        raise ValueError("the URL must begin with postgresql:// or sqlite:///")
    unknown = sorted(set(url.query) - _PARAMETERS)
    if unknown:
        raise ValueError(f"the URL may not set {', '.join(unknown)}; it may set {', '.join(sorted(_PARAMETERS))}")
    if not url.host or not url.database:
        raise ValueError("the URL must name a host and a database")
    parts: dict[str, str | int | None] = {
        "host": url.host,
        "port": url.port or 5432,
        "dbname": url.database,
        "user": url.username,
        "password": url.password,
        "connect_timeout": CONNECT_TIMEOUT_S,
        **{name: str(value) for name, value in url.query.items()},
    }
    return Postgres({name: value for name, value in parts.items() if value is not None})


def target(ctx: Context) -> Target:
    """The database of the command's connection.

    Raises: CommandFailed (exit code 1) when it has none.
    """
    if not isinstance(ctx.connection, SqlConnection):
        raise CommandFailed(1, "This command needs a connection to a database. Choose one.", retryable=False)
    return target_of(ctx.connection)
