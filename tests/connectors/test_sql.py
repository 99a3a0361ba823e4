"""The SQL commands on real databases: the same suite on SQLite and on PostgreSQL."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from onecloud.connector import CommandFailed
from onecloud.connector.testing import FakeContext, check_cancel, check_connector, check_repeatable, run_command
from onecloud.connectors.sql import CONNECTOR, execute, load_file, probe, query
from tests.connectors.databases import World, is_busy


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
    await check_cancel(query.COMMAND, world.ctx, {"sql": endless}, started=is_busy)
    assert not is_busy()


async def test_a_cancelled_change_is_undone(world: World) -> None:
    await world.execute("CREATE TABLE t (a integer)")
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n"
    sql = f"INSERT INTO t VALUES (1); INSERT INTO t SELECT count(*) FROM ({endless}) x"
    await check_cancel(execute.COMMAND, world.ctx, {"sql": sql}, started=is_busy)
    assert not is_busy()
    assert world.rows("SELECT * FROM t") == []
