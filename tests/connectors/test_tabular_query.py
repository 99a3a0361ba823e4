"""Advanced Query: faithful values, a locked door, clear errors, bounded memory, a prompt end."""

from __future__ import annotations

import csv
import io
import threading
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from onecloud.connector.testing import FakeContext, check_cancel, check_connector, check_repeatable, run_command
from onecloud.connectors.tabular import CONNECTOR, advanced_query

COMMAND = advanced_query.COMMAND


@pytest.fixture
def ctx(tmp_path: Path) -> FakeContext:
    return FakeContext(tmp_path)


def orders(
    ctx: FakeContext, text: str = "id,region,amount\n007,North,1.50\n008,South,2.25\n009,North,\n"
) -> dict[str, Any]:
    return {"name": "orders", "file": ctx.add_file("orders.csv", text)}


def rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


def test_the_manifest_keeps_the_contract() -> None:
    check_connector(CONNECTOR)


async def test_a_query_gives_a_file_its_count_its_columns_and_a_preview(ctx: FakeContext) -> None:
    total = "sum(CAST(amount AS DECIMAL(18,2))) AS total"
    sql = f"SELECT region, count(*) AS n, {total} FROM orders GROUP BY region ORDER BY 1"
    ended = await run_command(COMMAND, ctx, {"tables": [orders(ctx)], "sql": sql})
    assert ctx.text(ended.outputs.result_file) == "region,n,total\nNorth,2,1.50\nSouth,1,2.25\n"
    assert ended.outputs.row_count == 2
    assert ended.outputs.columns == ["region", "n", "total"]
    assert ended.outputs.preview == [
        {"region": "North", "n": 2, "total": "1.50"},
        {"region": "South", "n": 1, "total": "2.25"},
    ]
    assert ended.outputs.first_value == "North"
    assert ended.outputs.result_file.media_type == "text/csv"


async def test_values_of_a_csv_file_pass_through_letter_by_letter(ctx: FakeContext) -> None:
    text = 'id,text,date,number\n007,"a, ""b""",2024-1-5,1.50\n" x ",,03/04/2024,1e5\n+1,"",TRUE,"two\nlines"\n'
    ended = await run_command(COMMAND, ctx, {"tables": [orders(ctx, text)], "sql": "FROM orders"})
    assert ctx.text(ended.outputs.result_file) == text.replace('" x "', " x ")


async def test_several_files_of_different_kinds_are_joined(ctx: FakeContext) -> None:
    json = ctx.add_file("regions.json", '[{"region":"North","since":"2024-01-01T00:00:00Z","tags":{"a":[1]}}]')
    tables = [orders(ctx), {"name": "regions", "file": json}]
    sql = "SELECT o.id, r.since, r.tags FROM orders o JOIN regions r USING (region) ORDER BY o.id"
    ended = await run_command(COMMAND, ctx, {"tables": tables, "sql": sql})
    expected = [["id", "since", "tags"]] + [[i, "2024-01-01T00:00:00Z", '{"a":[1]}'] for i in ("007", "009")]
    assert rows(ctx.text(ended.outputs.result_file)) == expected


async def test_a_parquet_result_keeps_its_types_for_the_next_query(ctx: FakeContext) -> None:
    sql = "SELECT CAST(id AS INTEGER) AS id, CAST(amount AS DECIMAL(18,2)) AS amount FROM orders"
    first = await run_command(COMMAND, ctx, {"tables": [orders(ctx)], "sql": sql, "result_format": "parquet"})
    assert first.outputs.preview[0] == {"id": 7, "amount": "1.50"}
    ctx.next_attempt()
    table = {"name": "t", "file": first.outputs.result_file}
    ended = await run_command(COMMAND, ctx, {"tables": [table], "sql": "SELECT sum(amount) AS s, max(id) AS m FROM t"})
    assert ctx.text(ended.outputs.result_file) == "s,m\n3.75,9\n"


@pytest.mark.parametrize(
    ("delimiter", "text"),
    [(";", "a;b\n1,5;2\n"), ("\t", "a\tb\n1,5\t2\n"), ("|", 'a|b\n"1,5"|2\n')],
)
async def test_the_delimiter_is_found_in_the_first_line(ctx: FakeContext, delimiter: str, text: str) -> None:
    table = {"name": "t", "file": ctx.add_file("t.csv", text)}
    ended = await run_command(COMMAND, ctx, {"tables": [table], "sql": "FROM t"})
    assert ended.outputs.preview == [{"a": "1,5", "b": "2"}]
    assert ctx.text(ended.outputs.result_file) == text.replace('"', "")
    assert ended.outputs.columns == ["a", "b"]
    assert delimiter in ctx.text(ended.outputs.result_file)


async def test_detected_types_are_exact_and_spare_codes_with_leading_zeros(ctx: FakeContext) -> None:
    header = "code,n,price,day,at,ok,mixed,none\n"
    text = f"{header}007,1,1.5,2024-01-31,2024-01-31 10:00,true,1,\n010,20,2.25,2024-02-01,2024-02-01,false,x,\n"
    table = {**orders(ctx, text), "column_types": "detect"}
    sql = "SELECT column_name, column_type FROM (DESCRIBE orders)"
    ended = await run_command(COMMAND, ctx, {"tables": [table], "sql": sql})
    types = [row["column_type"] for row in ended.outputs.preview]
    assert types == ["VARCHAR", "BIGINT", "DECIMAL(18,2)", "DATE", "TIMESTAMP", "BOOLEAN", "VARCHAR", "VARCHAR"]
    total = await run_command(COMMAND, ctx, {"tables": [table], "sql": "SELECT sum(price) AS s FROM orders"})
    assert total.outputs.first_value == "3.75"


async def test_a_chosen_type_refuses_the_line_that_has_another(ctx: FakeContext) -> None:
    table = {**orders(ctx, "id,amount\n1,2.5\n2,many\n"), "types": {"amount": "number"}}
    ended = await run_command(COMMAND, ctx, {"tables": [table], "sql": "FROM orders"})
    assert (ended.exit_code, ended.retryable) == (2, False)
    assert ended.message.startswith("orders.csv, line 3, column 'amount': Could not convert string \"many\"")


@pytest.mark.parametrize(
    ("text", "sql", "code", "parts"),
    [
        (
            "a,b\n1,2\n3\n",
            "FROM orders",
            2,
            ["orders.csv, line 3: 1 fields where the first line has 2 (3)", "delimiter"],
        ),
        ("a,b\n1,2\n3,4,5\n", "FROM orders", 2, ["line 3: 3 fields"]),
        ("a,b\n1,2\n", "SELECT c FROM orders", 3, ['"c" not found', "orders: a, b"]),
        ("a,b\n1,2\n", "SELECT sum(a) FROM orders", 3, ["sum(VARCHAR)", "CAST(column AS DECIMAL(18,2))"]),
        ("a,b\n1,2\n", "FROM nothing", 3, ["nothing does not exist", "The tables are orders."]),
        (
            "a,b\nx,2\n",
            "SELECT CAST(a AS INTEGER) FROM orders",
            2,
            ["column 'a': Could not convert string \"x\"", "TRY_CAST"],
        ),
        ("a,b\n1,2\n", "SELEC a", 3, ['syntax error at or near "SELEC"']),
        ("a,A\n1,2\n", "FROM orders", 2, ["columns 1 and 2 are both named 'A'"]),
        ("", "FROM orders", 2, ["is empty"]),
        ('a,"b\n1,2\n', "FROM orders", 2, ["quote", "never closed"]),
        ('a,b\n"x" y",2\n', "FROM orders", 2, ["line 2", "Double the quotes"]),
    ],
)
async def test_errors_name_the_place_the_reason_and_the_mend(
    ctx: FakeContext, text: str, sql: str, code: int, parts: list[str]
) -> None:
    ended = await run_command(COMMAND, ctx, {"tables": [orders(ctx, text)], "sql": sql})
    assert (ended.means, ended.exit_code, ended.retryable) == ("error", code, False)
    for part in parts:
        assert part in ended.message
    assert "\n" not in ended.message
    assert str(ctx.workdir.parent) not in ended.message


async def test_a_wrong_encoding_is_said_and_the_right_one_reads_the_file(ctx: FakeContext) -> None:
    table = {"name": "t", "file": ctx.add_file("t.csv", "name\nMüller €\n".encode("windows-1252"))}
    ended = await run_command(COMMAND, ctx, {"tables": [table], "sql": "FROM t"})
    assert ended.exit_code == 2
    assert "windows-1252" in ended.message
    right = await run_command(COMMAND, ctx, {"tables": [{**table, "encoding": "windows-1252"}], "sql": "FROM t"})
    assert right.outputs.first_value == "Müller €"


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_text('{secret}')",
        "SELECT * FROM read_csv('{secret}')",
        "SELECT * FROM '{secret}'",
        "SELECT * FROM glob('{folder}/*')",
        "COPY orders TO '{folder}/stolen.csv'",
        "COPY (FROM orders) TO '{folder}/stolen.csv'",
        "ATTACH '{folder}/new.db'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET enable_external_access = true",
        "FROM orders; COPY orders TO '{folder}/stolen.csv'",
        "CREATE TABLE x AS FROM orders",
        "SELECT * FROM sql_of_a_stranger",
        "SELECT 1) TO '{folder}/stolen.csv'; --",
        "",
        " -- nothing",
    ],
)
async def test_sql_reaches_nothing_but_its_tables(ctx: FakeContext, sql: str) -> None:
    secret = ctx.files / "secret.csv"
    secret.write_text("a\nsecret\n")
    sql_of_a_stranger = "a variable of this program"
    assert sql_of_a_stranger
    before = ctx.world()
    text = sql.format(secret=secret, folder=ctx.files) or " "
    ended = await run_command(COMMAND, ctx, {"tables": [orders(ctx)], "sql": text})
    assert (ended.exit_code, ended.retryable) == (3, False)
    assert ctx.world() == before


async def test_a_comment_or_a_semicolon_at_the_end_does_no_harm(ctx: FakeContext) -> None:
    ended = await run_command(COMMAND, ctx, {"tables": [orders(ctx)], "sql": "SELECT id FROM orders; -- all of them\n"})
    assert ended.outputs.row_count == 3


async def test_a_path_in_the_files_folder_is_an_input_too(ctx: FakeContext) -> None:
    (ctx.files / "it's.csv").write_text("a\n1\n")
    table = {"name": "t", "file": "it's.csv"}
    ended = await run_command(COMMAND, ctx, {"tables": [table], "sql": "FROM t"})
    assert ended.outputs.row_count == 1
    missing = await run_command(COMMAND, ctx, {"tables": [{"name": "t", "file": "none.csv"}], "sql": "FROM t"})
    assert (missing.exit_code, missing.retryable) == (1, False)


@pytest.mark.parametrize(
    "change",
    [
        {"name": "a b"},
        {"name": "1a"},
        {"delimiter": "ab"},
        {"delimiter": "same"},
        {"delimiter": '"'},
        {"types": {"a": "money"}},
    ],
)
def test_wrong_inputs_are_refused_before_the_run(ctx: FakeContext, change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        COMMAND.inputs.model_validate({"tables": [{**orders(ctx), **change}], "sql": "FROM orders"})


def test_two_tables_of_one_name_are_refused(ctx: FakeContext) -> None:
    with pytest.raises(ValidationError, match="two tables are named orders"):
        COMMAND.inputs.model_validate(
            {"tables": [orders(ctx), {**orders(ctx), "name": "ORDERS"}], "sql": "FROM orders"}
        )


async def test_running_again_gives_the_same(ctx: FakeContext) -> None:
    await check_repeatable(COMMAND, ctx, {"tables": [orders(ctx)], "sql": "SELECT * FROM orders ORDER BY id DESC"})


async def test_a_cancel_ends_a_long_query_and_its_thread(ctx: FakeContext) -> None:
    sql = "SELECT sum(a.range * b.range) FROM range(1000000) a, range(1000000) b"
    await check_cancel(
        COMMAND, ctx, {"tables": [orders(ctx)], "sql": sql}, started=lambda: _threads("interrupting") > 0
    )
    assert _threads("interrupting") == 0  # the query's own thread ended before the watcher was released


def _threads(name: str) -> int:
    return sum(thread.name == name for thread in threading.enumerate())


@pytest.mark.slow
async def test_a_sort_larger_than_the_memory_limit_spills_and_ends_well(ctx: FakeContext) -> None:
    sql = "SELECT range AS n, md5(CAST(range AS VARCHAR)) AS h FROM range(4000000) ORDER BY h LIMIT 3999999"
    small = FakeContext(ctx.files.parent, memory_limit_bytes=1)  # the least that the command takes is 128 MB
    ended = await run_command(COMMAND, small, {"tables": [orders(ctx)], "sql": sql, "preview_rows": 0})
    assert ended.outputs.row_count == 3999999


async def test_the_order_of_rows_is_kept(ctx: FakeContext) -> None:
    text = "n\n" + "".join(f"{number:06}\n" for number in range(300_000))
    ended = await run_command(
        COMMAND, ctx, {"tables": [orders(ctx, text)], "sql": "SELECT n FROM orders WHERE n <> ''"}
    )
    assert ctx.text(ended.outputs.result_file) == text
