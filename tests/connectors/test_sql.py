"""The SQL commands on real databases: the same suite on SQLite and on PostgreSQL, then what only one of them has."""

from __future__ import annotations

import itertools
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from pydantic import ValidationError

from onecloud.connector import CommandFailed
from onecloud.connector.testing import Ended, FakeContext, check_cancel, check_connector, check_repeatable, run_command
from onecloud.connectors.sql import CONNECTOR, execute, load_file, probe, query
from onecloud.connectors.sql.connection import SqlConnection

_numbers = itertools.count(1)


@dataclass(frozen=True)
class World:
    """A database of the test's own, a context connected to it, and a way to look into it from outside."""

    system: str
    ctx: FakeContext
    rows: Callable[[str], list[tuple[Any, ...]]]

    async def query(self, sql: str, **more: Any) -> Ended:
        return await run_command(query.COMMAND, self.ctx, {"sql": sql, **more})

    async def execute(self, sql: str, **more: Any) -> Ended:
        return await run_command(execute.COMMAND, self.ctx, {"sql": sql, **more})

    async def load(self, text: str, **more: Any) -> Ended:
        return await run_command(
            load_file.COMMAND, self.ctx, {"file": self.ctx.add_file("rows.csv", text), "table": "t", **more}
        )


def sqlite_world(root: Path) -> World:
    ctx = FakeContext(root, SqlConnection(system="sqlite", path="data.db"))

    def rows(sql: str) -> list[tuple[Any, ...]]:
        with sqlite3.connect(ctx.files / "data.db") as connection:
            found = connection.execute(sql).fetchall()
        connection.close()
        return found

    return World("sqlite", ctx, rows)


def postgres_world(root: Path, server: str) -> World:
    name = f"sql{next(_numbers)}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"'.encode())
    url = f"{server}/{name}".replace("postgres@", "postgres:s3cret@")

    def rows(sql: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(url) as connection:
            return connection.execute(sql.encode()).fetchall()

    return World("postgresql", FakeContext(root, SqlConnection.model_validate({"url": url})), rows)


@pytest.fixture(params=["sqlite", "postgresql"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> World:
    if request.param == "sqlite":
        return sqlite_world(tmp_path)
    return postgres_world(tmp_path, request.getfixturevalue("postgres_url"))


@pytest.fixture
def postgres(postgres_url: str, tmp_path: Path) -> World:
    return postgres_world(tmp_path, postgres_url)


@pytest.fixture
def sqlite(tmp_path: Path) -> World:
    return sqlite_world(tmp_path)


def test_the_manifest_keeps_the_contract() -> None:
    check_connector(CONNECTOR)


async def test_what_is_executed_can_be_queried(world: World) -> None:
    done = await world.execute(
        "CREATE TABLE t (id integer, name text, amount numeric(18,2)); "
        "INSERT INTO t VALUES (1, 'it''s; %s', 1.5), (2, NULL, 2.25), (3, '', 3); UPDATE t SET id = id WHERE id > 1;"
    )
    assert (done.outputs.records_updated, done.outputs.statements) == (5, 3)
    ended = await world.query("SELECT id, name, id AS id FROM t ORDER BY id -- 100 %s :x")
    assert world.ctx.text(ended.outputs.result_file) == 'id,name,id_2\n1,it\'s; %s,1\n2,,2\n3,"",3\n'
    assert ended.outputs.row_count == 3
    assert ended.outputs.first_value == 1
    assert ended.outputs.preview[1] == {"id": 2, "name": None, "id_2": 2}


async def test_parameters_are_bound_and_never_text_of_the_statement(world: World) -> None:
    await world.execute("CREATE TABLE t (a text, b integer)")
    evil = "'); DROP TABLE t; --"
    await world.execute("INSERT INTO t VALUES (:a, :b); INSERT INTO t VALUES (:a, 2)", parameters={"a": evil, "b": 1})
    ended = await world.query("SELECT b FROM t WHERE a = :a AND b > :low", parameters={"a": evil, "low": 1})
    assert ended.outputs.first_value == 2
    assert world.rows("SELECT a FROM t") == [(evil,), (evil,)]
    unused = await world.query("SELECT :a", parameters={"a": 1, "c": 2})
    assert (unused.exit_code, "'c'" in unused.message) == (1, True)
    missing = await world.query("SELECT :a, :b", parameters={"a": 1})
    assert missing.exit_code == 3
    assert "'b'" in missing.message


async def test_a_list_parameter_is_json_text(world: World) -> None:
    await world.execute("CREATE TABLE t (a integer)")
    ended = await world.query("SELECT CAST(:a AS text) AS a", parameters={"a": [1, {"b": None}]})
    assert ended.outputs.first_value == '[1,{"b":null}]'


async def test_a_failing_statement_undoes_the_ones_before(world: World) -> None:
    await world.execute("CREATE TABLE t (a integer PRIMARY KEY)")
    ended = await world.execute("INSERT INTO t VALUES (1); INSERT INTO t VALUES (2); INSERT INTO t VALUES (1)")
    assert (ended.exit_code, ended.retryable) == (3, False)
    assert "Statement 3 of 3" in ended.message
    assert world.rows("SELECT * FROM t") == []


@pytest.mark.parametrize("sql", ["INSERT INTO t VALUES (1); COMMIT", "/* x */ begin; SELECT 1", "ROLLBACK"])
async def test_a_statement_cannot_end_the_commands_transaction(world: World, sql: str) -> None:
    await world.execute("CREATE TABLE t (a integer)")
    ended = await world.execute(sql)
    assert ended.exit_code == 1
    assert "one transaction" in ended.message
    assert world.rows("SELECT * FROM t") == []


async def test_returned_rows_count_as_updated_and_read_ones_do_not(world: World) -> None:
    await world.execute("CREATE TABLE t (a integer)")
    ended = await world.execute("INSERT INTO t VALUES (1), (2) RETURNING a; SELECT * FROM t; DELETE FROM t WHERE a = 1")
    assert ended.outputs.records_updated == 3


@pytest.mark.parametrize(
    "sql", ["INSERT INTO t VALUES (1)", "DELETE FROM t", "DROP TABLE t", "INSERT INTO t VALUES (1) RETURNING a"]
)
async def test_a_query_cannot_change_anything(world: World, sql: str) -> None:
    await world.execute("CREATE TABLE t (a integer); INSERT INTO t VALUES (7)")
    ended = await world.query(sql)
    assert ended.exit_code == 3
    assert "Execute" in ended.message
    assert world.rows("SELECT a FROM t") == [(7,)]


@pytest.mark.parametrize(
    ("sql", "part"), [("SELECT nothing FROM t", "nothing"), ("SELEC 1", "SELEC"), ("SELECT * FROM gone", "gone")]
)
async def test_an_error_of_the_sql_is_the_databases_reason_in_a_sentence(world: World, sql: str, part: str) -> None:
    await world.execute("CREATE TABLE t (a integer)")
    ended = await world.query(sql)
    assert (ended.exit_code, ended.retryable) == (3, False)
    assert part in ended.message
    assert "\n" not in ended.message


@pytest.mark.parametrize("sql", ["SELECT 1; SELECT 2", " -- nothing"])
async def test_a_query_takes_one_statement(world: World, sql: str) -> None:
    await world.execute("CREATE TABLE t (a integer)")
    assert (await world.query(sql)).exit_code == 1


async def test_a_large_result_streams_through(world: World) -> None:
    numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50000) SELECT i FROM n"
    await world.execute("CREATE TABLE t (a integer)")
    ended = await world.query(numbers, preview_rows=2)
    assert ended.outputs.row_count == 50000
    assert ended.outputs.preview == [{"i": 1}, {"i": 2}]
    assert world.ctx.text(ended.outputs.result_file).endswith("\n49999\n50000\n")


async def test_an_empty_result_has_a_header_and_no_first_value(world: World) -> None:
    await world.execute("CREATE TABLE t (a integer)")
    ended = await world.query("SELECT a FROM t")
    assert world.ctx.text(ended.outputs.result_file) == "a\n"
    assert (ended.outputs.row_count, ended.outputs.first_value, ended.outputs.preview) == (0, None, [])


async def test_a_query_may_run_again(world: World) -> None:
    await world.execute("CREATE TABLE t (a integer)")
    await check_repeatable(query.COMMAND, world.ctx, {"sql": "SELECT 1 AS one"})


def test_only_execute_and_append_must_not_run_again() -> None:
    file = {"file": "a.csv", "table": "t"}
    assert not execute.COMMAND.may_run_again(execute.COMMAND.inputs.model_validate({"sql": "SELECT 1"}))
    assert not load_file.COMMAND.may_run_again(load_file.COMMAND.inputs.model_validate(file))
    for mode in ("replace", "upsert"):
        assert load_file.COMMAND.may_run_again(
            load_file.COMMAND.inputs.model_validate({**file, "mode": mode, "keys": ["id"]})
        )


async def test_a_load_makes_the_table_and_keeps_values_as_they_are(world: World) -> None:
    text = '\ufeffid,na"me,note\n007,"a, b",\n008,"two\nlines",""\n'.replace('na"me', '"na""me"')
    ended = await world.load(text)
    assert (ended.outputs.rows_loaded, ended.outputs.table_created) == (2, True)
    assert ended.outputs.columns == ["id", 'na"me', "note"]
    assert world.rows("SELECT * FROM t ORDER BY id") == [("007", "a, b", None), ("008", "two\nlines", "")]


async def test_a_load_appends_or_replaces_by_the_header_not_by_the_place(world: World) -> None:
    await world.load("id,amount\n1,1.50\n", types={"id": "integer", "amount": "numeric(18,2)"})
    await world.load("amount;id\n2.25;2\n;3\n")
    assert [row[0] for row in world.rows("SELECT id FROM t WHERE amount > 2 OR amount IS NULL ORDER BY id")] == [2, 3]
    replaced = await world.load("id\n9\n", mode="replace")
    assert (replaced.outputs.rows_loaded, replaced.outputs.table_created) == (1, False)
    assert world.rows("SELECT id FROM t") == [(9,)]


async def test_an_upsert_changes_what_is_there_and_adds_the_rest(world: World) -> None:
    await world.load("id,name,n\na,old,1\nb,old,2\n", mode="upsert", keys=["id"])
    ended = await world.load("id,name\nb,new\nc,new\n", mode="upsert", keys=["id"])
    assert ended.outputs.rows_loaded == 2
    assert world.rows("SELECT id, name, n FROM t ORDER BY id") == [
        ("a", "old", "1"),
        ("b", "new", "2"),
        ("c", "new", None),
    ]


@pytest.mark.parametrize(
    ("text", "more", "code", "part"),
    [
        ("id,x\n1,2\n", {}, 1, "'x'"),
        ("id,n\n1\n", {}, 4, "line 2"),
        ("id,n\na,1\n\nb,1,2\n", {}, 4, "line "),
        ("id,n\na,1\na,2\n", {"mode": "upsert", "keys": ["id"]}, 4, "id = 'a'"),
        ("id,n\n,1\n", {"mode": "upsert", "keys": ["id"]}, 4, "without a value"),
        ("id,n\nz,1\n", {"mode": "upsert", "keys": ["n"]}, 3, "ON CONFLICT"),
        ("id,n\nz,1\n", {"mode": "upsert"}, 1, "keys"),
        ("id,n\nz,1\n", {"mode": "upsert", "keys": ["gone"]}, 1, "'gone'"),
        ("id,n\nx,1\n", {}, 4, ""),
        ("id,n\nx,1\n", {"table": "other", "create_table": False}, 1, "no table 'other'"),
        ("", {}, 4, "empty"),
    ],
)
async def test_a_load_that_fails_changes_nothing(
    world: World, text: str, more: dict[str, Any], code: int, part: str
) -> None:
    await world.execute("CREATE TABLE t (id text PRIMARY KEY, n integer); INSERT INTO t VALUES ('x', 1)")
    ended = await world.load(text, **{"mode": "append", **more})
    assert ended.exit_code == code, ended.message
    assert part in ended.message
    assert world.rows("SELECT id, n FROM t") == [("x", 1)]


async def test_a_failed_replace_keeps_the_old_rows(world: World) -> None:
    await world.execute("CREATE TABLE t (id text PRIMARY KEY); INSERT INTO t VALUES ('x')")
    assert (await world.load("id\na\na\n", mode="replace")).exit_code == 4
    assert world.rows("SELECT id FROM t") == [("x",)]


async def test_names_are_quoted_whatever_they_hold(world: World) -> None:
    table = 't"; DROP TABLE x; --'
    ended = await world.load('"a""b","select"\n1,2\n', table=table, keys=['a"b'], mode="upsert")
    assert ended.outputs.table_created
    quoted = table.replace('"', '""')
    assert world.rows(f'SELECT "a""b", "select" FROM "{quoted}"') == [("1", "2")]


@pytest.mark.parametrize("type_", ["text); DROP TABLE t", "text DEFAULT 'x'", ""])
def test_a_type_is_no_way_into_the_statement(type_: str) -> None:
    with pytest.raises(ValidationError):
        load_file.COMMAND.inputs.model_validate({"file": "a.csv", "table": "t", "types": {"a": type_}})


async def test_other_formats_load_too(world: World) -> None:
    file = world.ctx.add_file("rows.json", '[{"id":"007","n":1,"tags":{"a":[1]}},{"id":"008","n":2,"tags":null}]')
    await run_command(load_file.COMMAND, world.ctx, {"file": file, "table": "t", "types": {"n": "integer"}})
    assert world.rows("SELECT * FROM t ORDER BY id") == [("007", 1, '{"a":[1]}'), ("008", 2, None)]


async def test_the_test_of_a_connection_says_what_is_wrong(world: World) -> None:
    await probe.run(world.ctx)
    with pytest.raises(CommandFailed) as failed:
        await probe.run(FakeContext(world.ctx.files.parent / "other"))
    assert failed.value.exit_code == 1


async def test_a_cancel_ends_a_query_and_its_thread(world: World) -> None:
    await world.execute("CREATE TABLE t (a integer)")
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
    await check_cancel(query.COMMAND, world.ctx, {"sql": endless}, started=_is_busy)
    assert not _is_busy()


async def test_a_cancelled_change_is_undone(world: World) -> None:
    await world.execute("CREATE TABLE t (a integer)")
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n"
    sql = f"INSERT INTO t VALUES (1); INSERT INTO t SELECT count(*) FROM ({endless}) x"
    await check_cancel(execute.COMMAND, world.ctx, {"sql": sql}, started=_is_busy)
    assert not _is_busy()
    assert world.rows("SELECT * FROM t") == []


def _is_busy() -> bool:
    return any(thread.name == "interrupting" for thread in threading.enumerate())


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
    await check_cancel(execute.COMMAND, sqlite.ctx, {"sql": "INSERT INTO t VALUES (1)"}, started=_is_busy)
    other.execute("COMMIT")
    other.close()
    assert sqlite.rows("SELECT * FROM t") == []
