"""Convert: there and back between the formats, without a change that was not asked for."""

from __future__ import annotations

import datetime as dt
import io
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from openpyxl import Workbook, load_workbook
from pydantic import ValidationError

from onecloud.connector import CommandFailed, Stop
from onecloud.connector.testing import Ended, FakeContext, check_cancel, run_command
from onecloud.connectors.tabular import convert, excel

COMMAND = convert.COMMAND
TEXT = 'id,name,amount,day\n007,"a, ""b""",1.50,2024-01-31\n008,=1+1,-2,\n009,"#N/A",,2024-02-01\n'


@pytest.fixture
def ctx(tmp_path: Path) -> FakeContext:
    return FakeContext(tmp_path)


async def converted(ctx: FakeContext, to: str, content: str | bytes = TEXT, name: str = "in.csv", **more: Any) -> Ended:
    ended = await run_command(COMMAND, ctx, {"file": ctx.add_file(name, content), "result_format": to, **more})
    assert ended.means == "success", ended.message
    return ended


def cells(content: bytes, sheet: str = "Sheet1") -> list[tuple[object, ...]]:
    book = load_workbook(io.BytesIO(content))
    return list(book[sheet].iter_rows(values_only=True))


@pytest.mark.parametrize("to", ["tsv", "parquet", "json", "jsonl", "xlsx"])
async def test_there_and_back_gives_the_same_text(ctx: FakeContext, to: str) -> None:
    there = await converted(ctx, to)
    assert there.outputs.result_file.name == f"in.{to}"
    assert there.outputs.row_count == 3
    assert there.outputs.preview[1] == {"id": "008", "name": "=1+1", "amount": "-2", "day": None}
    ctx.next_attempt()
    back = await run_command(
        COMMAND, ctx, {"file": there.outputs.result_file, "result_format": "csv", "result_delimiter": ","}
    )
    assert ctx.text(back.outputs.result_file) == TEXT


async def test_the_delimiter_is_changed_and_nothing_else(ctx: FakeContext) -> None:
    ended = await converted(ctx, "csv", result_delimiter="semicolon")
    expected = 'id;name;amount;day\n007;"a, ""b""";1.50;2024-01-31\n008;=1+1;-2;\n009;"#N/A";;2024-02-01\n'
    assert ctx.text(ended.outputs.result_file) == expected


async def test_excel_gets_texts_as_texts(ctx: FakeContext) -> None:
    content = ctx.content((await converted(ctx, "xlsx")).outputs.result_file)
    assert cells(content)[1:3] == [("007", 'a, "b"', "1.50", "2024-01-31"), ("008", "=1+1", "-2", None)]
    page = load_workbook(io.BytesIO(content))["Sheet1"]
    assert {page[place].data_type for place in ("A2", "B3", "B4")} == {"s"}


async def test_excel_gets_numbers_and_dates_where_types_are_asked_for(ctx: FakeContext) -> None:
    ended = await converted(ctx, "xlsx", column_types="detect", result_sheet="Ört", result_name="report.xlsx")
    assert ended.outputs.result_file.name == "report.xlsx"
    found = cells(ctx.content(ended.outputs.result_file), "Ört")
    assert found[1] == ("007", 'a, "b"', 1.5, dt.datetime(2024, 1, 31))  # noqa: DTZ001 - a date in Excel has no zone
    assert found[2] == ("008", "=1+1", -2, None)


async def test_a_number_that_excel_would_round_becomes_text(ctx: FakeContext) -> None:
    text = "n,d\n123456789012345678,1234567890.1234567\n1,1\n"
    ended = await converted(ctx, "xlsx", text, types={"n": "integer", "d": "number"})
    assert cells(ctx.content(ended.outputs.result_file))[1] == ("123456789012345678", "1234567890.1234567")


async def test_json_and_parquet_carry_the_types(ctx: FakeContext) -> None:
    ended = await converted(ctx, "json", "id,n,ok\n007,1,true\n", column_types="detect")
    assert json.loads(ctx.text(ended.outputs.result_file)) == [{"id": "007", "n": 1, "ok": True}]
    ended = await converted(ctx, "parquet", column_types="detect")
    path = ctx.files / "x.parquet"
    path.write_bytes(ctx.content(ended.outputs.result_file))
    row = duckdb.connect().execute(f"SELECT amount, day FROM '{path}'").fetchone()
    assert row == (Decimal("1.50"), dt.date(2024, 1, 31))


def workbook(rows: list[list[Any]], title: str = "Data") -> bytes:
    book = Workbook()
    first = book.active
    assert first is not None
    first.title = "Cover"
    page = book.create_sheet(title)
    for row in rows:
        page.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


async def test_a_workbook_is_read_by_its_values(ctx: FakeContext) -> None:
    moment = dt.datetime(2024, 1, 2, 3, 4, 5)  # noqa: DTZ001
    rows: list[list[Any]] = [
        ["id", "n", "x", "on", "at", "ok"],
        ["007", 5, 1.25, dt.date(2024, 1, 2), moment, True],
        [None] * 6,
        ["008", 1e3, None, None, None, False],
    ]
    ended = await converted(ctx, "csv", workbook(rows), "in.xlsx", sheet="Data")
    expected = "id,n,x,on,at,ok\n007,5,1.25,2024-01-02,2024-01-02 03:04:05,true\n008,1000,,,,false\n"
    assert ctx.text(ended.outputs.result_file) == expected


@pytest.mark.parametrize(
    ("content", "more", "part"),
    [
        (b"no workbook", {}, "cannot be read as an Excel workbook"),
        (workbook([["a"], ["1"]]), {"sheet": "Gone"}, "It has 'Cover', 'Data'"),
        (workbook([["a"], ["1"]]), {}, "is empty"),
        (workbook([["a"], ["1", "2"]]), {"sheet": "Data"}, "row 2: 2 cells"),
    ],
)
async def test_a_workbook_that_is_no_table_is_refused(
    ctx: FakeContext, content: bytes, more: dict[str, Any], part: str
) -> None:
    inputs = {"file": ctx.add_file("in.xlsx", content), "result_format": "csv", **more}
    ended = await run_command(COMMAND, ctx, inputs)
    assert (ended.exit_code, ended.retryable) == (2, False)
    assert part in ended.message


async def test_a_file_without_a_header_gets_numbered_columns(ctx: FakeContext) -> None:
    ended = await converted(ctx, "csv", "007,x\n", has_header=False)
    assert ctx.text(ended.outputs.result_file) == "column1,column2\n007,x\n"


async def test_a_tsv_result_has_tabs_and_no_other_delimiter(ctx: FakeContext) -> None:
    refused = await run_command(
        COMMAND, ctx, {"file": ctx.add_file("in.csv", TEXT), "result_format": "tsv", "result_delimiter": ";"}
    )
    assert refused.exit_code == 1
    ended = await converted(ctx, "csv", "a\tb\n1,5\t2\n", "in.tsv")
    assert ctx.text(ended.outputs.result_file) == "a\tb\n1,5\t2\n"


@pytest.mark.parametrize("sheet", ["", "a/b", "x" * 32, "'a"])
def test_a_sheet_name_that_excel_refuses_is_refused_before(sheet: str) -> None:
    with pytest.raises(ValidationError):
        COMMAND.inputs.model_validate({"file": "a.csv", "result_format": "xlsx", "result_sheet": sheet})


@pytest.mark.parametrize(
    ("columns", "row", "part"),
    [
        (["a"], ["x" * 32_768], "32768 characters in row 2, column 'a'"),
        (["a"], ["\x01"], "control character"),
        ([str(number) for number in range(16_385)], [], "16385 columns"),
    ],
)
def test_what_excel_cannot_hold_is_an_error_and_leaves_no_file(
    tmp_path: Path, columns: list[str], row: list[str], part: str
) -> None:
    with pytest.raises(CommandFailed, match=part):
        excel.rows_to_sheet(Stop(), columns, iter([row]), tmp_path / "out.xlsx", "Sheet1")
    assert not (tmp_path / "out.xlsx").exists()


async def test_more_rows_than_a_sheet_holds_are_an_error(ctx: FakeContext, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(excel, "MAX_ROWS", 3)  # the real limit takes a minute to reach
    ended = await run_command(COMMAND, ctx, {"file": ctx.add_file("in.csv", TEXT), "result_format": "xlsx"})
    assert (ended.exit_code, ended.retryable) == (1, False)
    assert "Choose CSV or Parquet" in ended.message


async def test_a_cancel_ends_the_writing_of_a_large_sheet(ctx: FakeContext) -> None:
    text = "a,b,c,d\n" + "one,two,three,four\n" * 400_000
    await check_cancel(COMMAND, ctx, {"file": ctx.add_file("in.csv", text), "result_format": "xlsx"})


@pytest.mark.parametrize(
    ("name", "content"),
    [("in.parquet", "no parquet at all"), ("in.json", '[{"a": 1}, {"a": '), ("in.json", "no json")],
)
async def test_a_file_of_another_kind_is_told_by_its_name(ctx: FakeContext, name: str, content: str) -> None:
    ended = await run_command(COMMAND, ctx, {"file": ctx.add_file(name, content), "result_format": "csv"})
    assert (ended.exit_code, ended.retryable) == (2, False)
    assert name in ended.message
    assert str(ctx.workdir.parent) not in ended.message
