"""What only one of the databases has: PostgreSQL's types and servers, SQLite's files."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from onecloud.connector import CommandFailed
from onecloud.connector.testing import FakeContext, check_cancel, run_command
from onecloud.connectors.sql import execute, probe, query
from onecloud.connectors.sql.connection import SqlConnection
from tests.connectors.databases import World, is_busy

# PostgreSQL alone.


async def test_exact_types_of_postgresql_reach_the_file(postgres: World) -> None:
    sql = """SELECT 1.10::numeric AS n, true AS b, '2024-01-02 03:04:05+00'::timestamptz AT TIME ZONE 'UTC' AS t,
             ARRAY[1,2] AS a, '{"k": [1]}'::jsonb AS j, '\\x01ff'::bytea AS y, 12::bigint AS i"""
    ended = await postgres.query(sql)
    expected = 'n,b,t,a,j,y,i\n1.10,true,2024-01-02 03:04:05,"[1, 2]","{""k"": [1]}",\\x01ff,12\n'
    assert postgres.ctx.text(ended.outputs.result_file) == expected


async def test_statements_without_a_cursor_answer_too(postgres: World) -> None:
    assert (await postgres.query("SHOW server_encoding")).outputs.first_value == "UTF8"


async def test_a_wrong_value_names_its_line_and_column(postgres: World) -> None:
    await postgres.execute("CREATE TABLE t (id integer, n integer)")
    ended = await postgres.load('id,n\n1,""\n2,many\n')
    assert ended.exit_code == 4
    assert 'line 3, column n: "many"' in ended.message


async def test_a_schema_is_named_apart(postgres: World) -> None:
    await postgres.execute("CREATE SCHEMA stage")
    await postgres.load("id\n1\n", db_schema="stage")
    assert postgres.rows("SELECT id FROM stage.t") == [("1",)]


async def test_no_server_and_a_wrong_database_are_told_apart_and_the_password_stays_hidden(
    postgres: World, postgres_url: str
) -> None:
    nobody = SqlConnection(host="127.0.0.1", port=1, database="x", username="u", password=_secret("hunter2"))
    ended = await run_command(query.COMMAND, FakeContext(postgres.ctx.files.parent / "a", nobody), {"sql": "SELECT 1"})
    assert (ended.exit_code, ended.retryable) == (2, True)
    wrong = SqlConnection(url=_secret(f"{postgres_url.replace('postgres@', 'postgres:hunter2@')}/gone"))
    ended = await run_command(query.COMMAND, FakeContext(postgres.ctx.files.parent / "b", wrong), {"sql": "SELECT 1"})
    assert (ended.exit_code, ended.retryable) == (2, False)
    assert "gone" in ended.message


def _secret(text: str) -> Any:
    return SqlConnection.model_validate({"url": "sqlite:///x", "password": text}).password


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"system": "sqlite"},
        {"url": "mysql://u:hunter2@h/d"},
        {"url": "postgresql://u:hunter2@h/d?sslkey=/etc/passwd"},
        {"url": "postgresql://u:hunter2@"},
        {"url": "hunter2 is no url"},
        {"url": "sqlite://"},
        {"url": "sqlite:///:memory:"},
    ],
)
def test_a_connection_that_names_no_database_is_refused_without_repeating_it(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as refused:
        SqlConnection.model_validate(fields)
    assert "hunter2" not in str(refused.value)


# SQLite alone.


@pytest.mark.parametrize(
    "sql",
    [
        "ATTACH 'other.db' AS o",
        "ATTACH '{folder}/other.db' AS o",
        "VACUUM INTO '{folder}/other.db'",
        "PRAGMA writable_schema = 1",
        "PRAGMA query_only = 0",
        "SELECT load_extension('x')",
    ],
)
async def test_sql_reaches_no_other_file(sqlite: World, sql: str) -> None:
    await sqlite.execute("CREATE TABLE t (a)")
    for run in (sqlite.execute, sqlite.query):
        assert (await run(sql.format(folder=sqlite.ctx.files))).exit_code == 3
    assert sorted(path.name for path in sqlite.ctx.files.iterdir()) == ["data.db"]


async def test_a_database_outside_the_folders_is_refused(tmp_path: Path) -> None:
    ctx = FakeContext(tmp_path, SqlConnection(system="sqlite", path="../outside.db"))
    ended = await run_command(execute.COMMAND, ctx, {"sql": "CREATE TABLE t (a)"})
    assert (ended.exit_code, ended.retryable) == (1, False)


async def test_a_missing_file_is_made_only_when_that_was_asked_for(tmp_path: Path) -> None:
    ctx = FakeContext(tmp_path, SqlConnection(system="sqlite", path="new.db", create_file=False))
    assert (await run_command(execute.COMMAND, ctx, {"sql": "CREATE TABLE t (a)"})).exit_code == 2
    with pytest.raises(CommandFailed, match=r"new\.db"):
        await probe.run(ctx)
    assert not (ctx.files / "new.db").exists()


async def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    ctx = FakeContext(tmp_path, SqlConnection(system="sqlite", path="text.db"))
    (ctx.files / "text.db").write_text("no database at all, only text " * 100)
    with pytest.raises(CommandFailed) as failed:
        await probe.run(ctx)
    assert failed.value.exit_code == 2


async def test_a_writer_waits_for_another_and_a_cancel_ends_the_wait(sqlite: World) -> None:
    await sqlite.execute("CREATE TABLE t (a)")
    other = sqlite3.connect(sqlite.ctx.files / "data.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    await check_cancel(execute.COMMAND, sqlite.ctx, {"sql": "INSERT INTO t VALUES (1)"}, started=is_busy)
    other.execute("COMMIT")
    other.close()
    assert sqlite.rows("SELECT * FROM t") == []
