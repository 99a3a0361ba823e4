"""The commands that change one table, and the join: what they give, and that the rest stays letter by letter."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from onecloud.connector import Command
from onecloud.connector.testing import Ended, FakeContext, check_repeatable, run_command
from onecloud.connectors.tabular import (
    CONNECTOR,
    add_headers,
    column_filter,
    filter_rows,
    find_and_replace,
    insert_column,
    join,
)

PEOPLE = 'id;name;age;born\n007;"Ann; Bee";9;2001-05-01\n008;bob;;1999-12-31\n010;Carl;100;\n'


@pytest.fixture
def ctx(tmp_path: Path) -> FakeContext:
    return FakeContext(tmp_path)


async def change(ctx: FakeContext, command: Command[Any], text: str = PEOPLE, **more: Any) -> Ended:
    return await run_command(command, ctx, {"file": ctx.add_file("people.csv", text), **more})


async def given(ctx: FakeContext, command: Command[Any], text: str = PEOPLE, **more: Any) -> str:
    ended = await change(ctx, command, text, **more)
    assert ended.means == "success", ended.message
    return ctx.text(ended.outputs.result_file)


async def ids(ctx: FakeContext, *conditions: dict[str, Any], **more: Any) -> list[str]:
    ended = await change(ctx, filter_rows.COMMAND, conditions=list(conditions), **more)
    assert ended.means == "success", ended.message
    return [row["id"] for row in ended.outputs.preview]


def when(column: str, operator: str, value: str = "", **more: Any) -> dict[str, Any]:
    return {"column": column, "operator": operator, "value": value, **more}


# Filter Rows


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (when("id", "equals", "007"), ["007"]),
        (when("id", "equals", "7"), []),
        (when("id", "equals", "7", compare_as="number"), ["007"]),
        (when("name", "not_equals", "bob"), ["007", "010"]),
        (when("name", "contains", "; B"), ["007"]),
        (when("name", "does_not_contain", "b"), ["007", "010"]),
        (when("name", "begins_with", "A"), ["007"]),
        (when("name", "does_not_begin_with", "A"), ["008", "010"]),
        (when("name", "ends_with", "l"), ["010"]),
        (when("name", "does_not_end_with", "l"), ["007", "008"]),
        (when("name", "matches", "[a-z]+"), ["008"]),
        (when("name", "does_not_match", "[a-z]+"), ["007", "010"]),
        (when("age", "greater_than", "9"), ["010"]),
        (when("age", "greater_than_or_equal_to", "9"), ["007", "010"]),
        (when("age", "less_than", "20"), ["007"]),
        (when("age", "less_than", "20", compare_as="text"), ["010"]),
        (when("born", "less_than_or_equal_to", "1999-12-31"), ["008"]),
        (when("age", "is_empty"), ["008"]),
        (when("age", "is_not_empty"), ["007", "010"]),
        (when("age", "not_equals", "9"), ["008", "010"]),
        (when("name", "equals", "O'Neil"), []),
    ],
)
async def test_each_operator_keeps_its_rows(ctx: FakeContext, condition: dict[str, Any], expected: list[str]) -> None:
    assert await ids(ctx, condition) == expected
    rest = [row for row in ("007", "008", "010") if row not in expected]
    assert await ids(ctx, condition, action="remove") == rest


async def test_conditions_are_joined_by_all_or_any(ctx: FakeContext) -> None:
    conditions = (when("name", "contains", "b"), when("age", "is_not_empty"))
    assert await ids(ctx, *conditions) == []
    assert await ids(ctx, *conditions, match="any") == ["007", "008", "010"]
    assert await ids(ctx, when("name", "contains", "B"), when("name", "equals", "BOB"), match="any") == ["007"]


async def test_case_counts_unless_it_should_not(ctx: FakeContext) -> None:
    for operator, value in (("equals", "BOB"), ("contains", "OB"), ("matches", "B.B"), ("begins_with", "B")):
        assert await ids(ctx, when("name", operator, value), case_sensitive=False) == ["008"]
        assert await ids(ctx, when("name", operator, value)) == []


async def test_filtered_rows_keep_delimiter_order_and_values(ctx: FakeContext) -> None:
    expected = 'id;name;age;born\n007;"Ann; Bee";9;2001-05-01\n010;Carl;100;\n'
    assert await given(ctx, filter_rows.COMMAND, conditions=[when("age", "is_not_empty")]) == expected


@pytest.mark.parametrize(
    ("condition", "code", "part"),
    [
        (when("gone", "is_empty"), 3, "people.csv has no column 'gone'. It has 'id', 'name', 'age', 'born'."),
        (when("name", "greater_than", "9"), 2, 'Could not convert string "Ann; Bee"'),
        (when("age", "equals", "many", compare_as="number"), 3, "'many'"),
        (when("name", "matches", "("), 3, "missing ): (. Correct the expression."),
    ],
)
async def test_a_condition_that_cannot_be_asked_is_refused(
    ctx: FakeContext, condition: dict[str, Any], code: int, part: str
) -> None:
    ended = await change(ctx, filter_rows.COMMAND, conditions=[condition])
    assert (ended.exit_code, ended.retryable) == (code, False)
    assert part in ended.message


# Column Filter


@pytest.mark.parametrize(
    ("action", "columns", "header"),
    [
        ("keep", ["born", "id"], "born;id"),
        ("drop", ["age", "name"], "id;born"),
        ("move_first", ["age"], "age;id;name;born"),
    ],
)
async def test_columns_are_kept_dropped_and_moved(
    ctx: FakeContext, action: str, columns: list[str], header: str
) -> None:
    text = await given(ctx, column_filter.COMMAND, action=action, columns=columns)
    assert text.splitlines()[0] == header
    assert len(text.splitlines()) == 4


@pytest.mark.parametrize(
    ("action", "columns", "part"),
    [
        ("keep", ["nome"], "'nome'"),
        ("drop", ["id", "name", "age", "born"], "No column"),
        ("keep", ["id", "id"], "twice"),
    ],
)
async def test_an_impossible_choice_of_columns_is_refused(
    ctx: FakeContext, action: str, columns: list[str], part: str
) -> None:
    ended = await change(ctx, column_filter.COMMAND, action=action, columns=columns)
    assert ended.exit_code == 3
    assert part in ended.message


# Insert Column


@pytest.mark.parametrize(
    ("more", "lines"),
    [
        ({"value": "2024-01"}, ["id;age;new", "007;9;2024-01", "008;;2024-01"]),
        ({"value": "it's", "place": "first"}, ["new;id;age", "it's;007;9", "it's;008;"]),
        ({"value": "", "place": "after", "column": "id"}, ["id;new;age", '007;"";9', '008;"";']),
        (
            {
                "kind": "expression",
                "value": "id || '-' || coalesce(age, 'none') -- a note",
                "place": "before",
                "column": "age",
            },
            ["id;new;age", "007;007-9;9", "008;008-none;"],
        ),
        ({"kind": "expression", "value": "row_number() OVER ()"}, ["id;age;new", "007;9;1", "008;;2"]),
    ],
)
async def test_a_column_goes_where_it_should(ctx: FakeContext, more: dict[str, Any], lines: list[str]) -> None:
    assert (await given(ctx, insert_column.COMMAND, "id;age\n007;9\n008;\n", name="new", **more)).splitlines() == lines


@pytest.mark.parametrize(
    ("more", "part"),
    [
        ({"name": "ID", "value": "x"}, "has a column 'ID' already"),
        ({"name": "x", "value": "nothing + 1", "kind": "expression"}, '"nothing" not found'),
        ({"name": "x", "value": "1) AS x, (2", "kind": "expression"}, "more than one"),
        ({"name": "x", "value": "1) FROM input; SELECT (2", "kind": "expression"}, "one SELECT"),
        (
            {"name": "x", "value": "(SELECT content FROM read_text('/etc/hostname'))", "kind": "expression"},
            "SQL may read",
        ),
        ({"name": "x", "value": "1", "place": "after", "column": "gone"}, "'gone'"),
        ({"name": "x", "value": "1", "place": "after"}, "''"),
    ],
)
async def test_a_column_that_cannot_be_made_is_refused(ctx: FakeContext, more: dict[str, Any], part: str) -> None:
    ended = await change(ctx, insert_column.COMMAND, **more)
    assert (ended.exit_code, ended.retryable) == (3, False)
    assert part in ended.message


# Find and Replace


@pytest.mark.parametrize(
    ("more", "name"),
    [
        ({"find": "n", "replacement": "m"}, "Amm; Bee"),
        ({"find": "N", "replacement": "m", "case_sensitive": False}, "Amm; Bee"),
        ({"find": ".", "replacement": "m"}, "Ann; Bee"),
        ({"find": "ANN; ", "replacement": r"\1$1 ", "case_sensitive": False}, r"\1$1 Bee"),
        ({"find": "ann; bee", "replacement": "x", "pattern_type": "whole_value", "case_sensitive": False}, "x"),
        ({"find": "Ann", "replacement": "x", "pattern_type": "whole_value"}, "Ann; Bee"),
        ({"find": r"(\w+); (\w+)", "replacement": r"$2 $1 $$ \ $0", "pattern_type": "regex"}, r"Bee Ann $ \ Ann; Bee"),
        ({"find": "^a", "replacement": "O'", "pattern_type": "regex", "case_sensitive": False}, "O'nn; Bee"),
        ({"find": "n", "replacement": "m", "columns": ["born"]}, "Ann; Bee"),
    ],
)
async def test_each_kind_of_replacement_changes_what_it_should(
    ctx: FakeContext, more: dict[str, Any], name: str
) -> None:
    ended = await change(ctx, find_and_replace.COMMAND, **more)
    assert ended.outputs.preview[0]["name"] == name
    assert [row["id"] for row in ended.outputs.preview] == ["007", "008", "010"]
    assert ended.outputs.preview[1]["age"] is None


async def test_a_wrong_pattern_and_a_wrong_column_are_refused(ctx: FakeContext) -> None:
    assert (await change(ctx, find_and_replace.COMMAND, find="(", pattern_type="regex")).means == "error"
    assert (await change(ctx, find_and_replace.COMMAND, find="x", columns=["gone"])).exit_code == 3


# Add Headers


async def test_headers_are_put_on_top_or_in_the_place_of_others(ctx: FakeContext) -> None:
    data = "007,x\n008,\n"
    assert await given(ctx, add_headers.COMMAND, data, headers=["id", "note"]) == f"id,note\n{data}"
    twice = f"a,a\n{data}"
    assert (
        await given(ctx, add_headers.COMMAND, twice, headers=["id", "note"], first_row="is_replaced")
        == f"id,note\n{data}"
    )


async def test_headers_must_be_as_many_as_columns(ctx: FakeContext) -> None:
    ended = await change(ctx, add_headers.COMMAND, "1,2\n", headers=["a"])
    assert ended.exit_code == 3
    assert "has 2 columns; there are 1 headers" in ended.message


@pytest.mark.parametrize("headers", [["a", "A"], ["a", ""], []])
def test_headers_must_tell_columns_apart(headers: list[str]) -> None:
    with pytest.raises(ValidationError):
        add_headers.COMMAND.inputs.model_validate({"file": "x.csv", "headers": headers})


# Join

LEFT = "id,name,note\n2,Bob,x\n1,Ann,\n3,Cy,z\n,Dan,\n1,Ann again,\n"
RIGHT = "key,note,total\n1,r1,10\n4,r4,40\n1,r1b,11\n2,r2,20\n,r0,0\n"


@pytest.mark.parametrize(
    ("kind", "lines"),
    [
        ("inner", ["2,Bob,x,r2,20", "1,Ann,,r1,10", "1,Ann,,r1b,11", "1,Ann again,,r1,10", "1,Ann again,,r1b,11"]),
        (
            "left",
            [
                "2,Bob,x,r2,20",
                "1,Ann,,r1,10",
                "1,Ann,,r1b,11",
                "3,Cy,z,,",
                ",Dan,,,",
                "1,Ann again,,r1,10",
                "1,Ann again,,r1b,11",
            ],
        ),
        (
            "right",
            [
                "2,Bob,x,r2,20",
                "1,Ann,,r1,10",
                "1,Ann,,r1b,11",
                "1,Ann again,,r1,10",
                "1,Ann again,,r1b,11",
                "4,,,r4,40",
                ",,,r0,0",
            ],
        ),
    ],
)
async def test_each_kind_of_join_gives_its_rows_in_order(ctx: FakeContext, kind: str, lines: list[str]) -> None:
    ended = await joined(ctx, kind=kind)
    assert ctx.text(ended.outputs.result_file).splitlines() == ["id,name,note,note_right,total", *lines]


async def test_a_full_join_gives_the_rows_of_both(ctx: FakeContext) -> None:
    ended = await joined(ctx, kind="full")
    lines = ctx.text(ended.outputs.result_file).splitlines()
    assert lines[-2:] == ["4,,,r4,40", ",,,r0,0"]
    assert len(lines) == 1 + 7 + 2


async def test_rows_without_a_match_can_be_asked_for(ctx: FakeContext) -> None:
    ended = await joined(ctx, kind="left_without_match")
    assert ctx.text(ended.outputs.result_file) == "id,name,note\n3,Cy,z\n,Dan,\n"


async def joined(ctx: FakeContext, **more: Any) -> Ended:
    left, right = ctx.add_file("left.csv", LEFT), ctx.add_file("right.csv", RIGHT)
    keys = [{"left": "id", "right": "key"}]
    return await run_command(
        join.COMMAND, ctx, {"left": {"file": left}, "right": {"file": right}, "keys": keys, **more}
    )


async def test_a_join_by_several_keys_of_one_name(ctx: FakeContext) -> None:
    left, right = ctx.add_file("l.csv", "a,b\n1,x\n1,y\n"), ctx.add_file("r.tsv", "b\ta\tn\ny\t1\t007\n")
    inputs = {"left": {"file": left}, "right": {"file": right}, "keys": [{"left": "a"}, {"left": "b"}]}
    ended = await run_command(join.COMMAND, ctx, inputs)
    assert ctx.text(ended.outputs.result_file) == "a,b,n\n1,x,\n1,y,007\n"


async def test_a_missing_key_names_the_file_and_its_columns(ctx: FakeContext) -> None:
    ended = await joined(ctx, keys=[{"left": "id"}])
    assert ended.exit_code == 3
    assert ended.message == "right.csv has no column 'id'. It has 'key', 'note', 'total'."


# All of them


@pytest.mark.parametrize(
    ("command", "more"),
    [
        (filter_rows.COMMAND, {"conditions": [when("id", "is_not_empty")]}),
        (column_filter.COMMAND, {"columns": ["id"]}),
        (insert_column.COMMAND, {"name": "new", "value": "x"}),
        (find_and_replace.COMMAND, {"find": "b"}),
        (add_headers.COMMAND, {"headers": ["a", "b", "c", "d"]}),
    ],
    ids=lambda value: value.id if isinstance(value, Command) else "",
)
async def test_they_may_run_again_and_refuse_a_ragged_row(
    ctx: FakeContext, command: Command[Any], more: dict[str, Any]
) -> None:
    await check_repeatable(command, ctx, {"file": ctx.add_file("people.csv", PEOPLE), **more})
    ended = await run_command(command, ctx, {"file": ctx.add_file("bad.csv", PEOPLE + "1;2\n"), **more})
    assert ended.exit_code == 2
    assert ended.message.startswith("bad.csv, line 5: 2 fields where the first line has 4 (1;2).")


def test_every_command_is_in_the_manifest() -> None:
    assert [command.id for command in CONNECTOR.commands] == [
        "advanced_query",
        "filter_rows",
        "column_filter",
        "insert_column",
        "join",
        "add_headers",
        "find_and_replace",
        "convert",
    ]
