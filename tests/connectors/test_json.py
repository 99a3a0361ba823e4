"""The JSON commands: tables out of JSON, JSON out of tables, and queries."""

from __future__ import annotations

import json
import tracemalloc
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from onecloud.connector.testing import Ended, FakeContext, run_command
from onecloud.connectors import find_command
from onecloud.connectors.json.paths import MISSING, Path, array_prefix, plain_steps

ORDERS: dict[str, Any] = {
    "data": {
        "orders": [
            {"id": 1, "who": {"name": "Ann", "city": None}, "tags": ["a", "b"], "total": 1.10, "open": True},
            {"id": 2, "who": {"name": 'B "b", Bob'}, "tags": [], "total": 20, "open": False},
        ]
    }
}
TEXT = json.dumps(ORDERS).replace("1.1,", "1.10,")


async def run(ctx: FakeContext, name: str, /, **inputs: Any) -> Ended:
    command = find_command(f"json.{name}")
    assert command is not None
    ended = await run_command(command, ctx, inputs)
    ctx.next_attempt()
    return ended


@pytest.mark.parametrize("as_file", [True, False])
async def test_columns_are_taken_by_their_paths(ctx: FakeContext, as_file: bool) -> None:
    ended = await run(
        ctx,
        "array_to_csv",
        data=ctx.add_file("orders.json", TEXT) if as_file else TEXT,
        root="data.orders",
        columns=[
            {"name": "id"},
            {"name": "name", "path": "who.name"},
            {"name": "tags"},
            {"name": "first", "path": "tags[0] || 'none'"},
            {"name": "total"},
            {"name": "open"},
        ],
    )
    assert ended.means == "success", ended.message
    assert ctx.text(ended.outputs.file) == (
        'id,name,tags,first,total,open\n1,Ann,a;b,a,1.10,true\n2,"B ""b"", Bob",,none,20,false\n'
    )
    assert (ended.outputs.row_count, ended.outputs.columns[1]) == (2, "name")
    assert (ended.outputs.file.name, ended.outputs.file.media_type) == ("data.csv", "text/csv")


@pytest.mark.parametrize("as_file", [True, False])
async def test_without_columns_every_field_becomes_one(ctx: FakeContext, as_file: bool) -> None:
    rows = [{"a": 1}, {"b": {"c": [1.50]}, "a": None}, {"d": "x|y"}]
    text = json.dumps(rows).replace("1.5", "1.50")
    data = ctx.add_file("a.json", text) if as_file else text
    ended = await run(ctx, "array_to_csv", data=data, delimiter="pipe")
    assert ended.means == "success"
    assert ctx.text(ended.outputs.file) == 'a|b|d\n1||\n|"{""c"":[1.50]}"|\n||"x|y"\n'


@pytest.mark.parametrize(
    "root", ["data.orders", "data.orders[*]", "$.data.orders", 'data."orders"', "data.orders[?id]"]
)
@pytest.mark.parametrize("as_file", [True, False])
async def test_a_root_leads_to_the_same_rows_streamed_or_not(ctx: FakeContext, root: str, as_file: bool) -> None:
    data = ctx.add_file("a.json", "\ufeff" + TEXT) if as_file else ORDERS
    ended = await run(ctx, "array_to_csv", data=data, root=root, columns=[{"name": "id"}], filter="total > `5`")
    assert ctx.text(ended.outputs.file) == "id\n2\n"


@pytest.mark.parametrize("as_file", [True, False])
async def test_inner_arrays_can_be_flattened(ctx: FakeContext, as_file: bool) -> None:
    value: dict[str, Any] = {"orders": [{"lines": [{"n": 1}, {"n": 2}]}, {"lines": []}, {"lines": [{"n": 3}]}]}
    data = ctx.add_file("a.json", json.dumps(value)) if as_file else value
    ended = await run(ctx, "array_to_csv", data=data, root="orders[].lines[]")
    assert ctx.text(ended.outputs.file) == "n\n1\n2\n3\n"


@pytest.mark.parametrize("as_file", [True, False])
async def test_an_object_is_a_table_of_one_row(ctx: FakeContext, as_file: bool) -> None:
    data = ctx.add_file("a.json", TEXT) if as_file else TEXT
    ended = await run(ctx, "array_to_csv", data=data, root="data", columns=[{"name": "n", "path": "length(orders)"}])
    assert ctx.text(ended.outputs.file) == "n\n2\n"


async def test_rows_that_do_not_match_are_a_warning_that_names_the_first(ctx: FakeContext) -> None:
    rows = [{"a": 1, "b": None}, {"a": 2}, 3]
    ended = await run(ctx, "array_to_csv", data=rows, columns=[{"name": "a"}, {"name": "b"}])
    assert (ended.means, ended.exit_code, ended.outputs.mismatch_count) == ("warning", 10, 2)
    assert "the first is element 2: no b" in ended.message
    assert ctx.text(ended.outputs.file) == "a,b\n1,\n2,\n,\n"
    left_out = await run(ctx, "array_to_csv", data=rows)
    assert (left_out.exit_code, left_out.outputs.row_count) == (10, 2)
    assert "element 3: no object" in left_out.message


async def test_an_empty_array_is_an_empty_table(ctx: FakeContext) -> None:
    ended = await run(ctx, "array_to_csv", data=ctx.add_file("a.json", "[]"), columns=[{"name": "a"}])
    assert (ctx.text(ended.outputs.file), ended.outputs.row_count) == ("a\n", 0)
    assert ctx.text((await run(ctx, "array_to_csv", data=[])).outputs.file) == ""


@pytest.mark.parametrize("as_file", [True, False])
@pytest.mark.parametrize(
    ("data", "root", "said"),
    [
        ('{"a": [1', "a", "not JSON"),
        ("[1] trailing", "", "not JSON"),
        ("", "", "not JSON"),
        (TEXT, "data.nothing", "leads nowhere"),
        (TEXT, "data.orders[0].id", "single value"),
        ('{"a": 1}', "a", "single value"),
        (TEXT, "data.[", "no path"),
    ],
)
async def test_a_wrong_document_or_root_is_a_sentence(
    ctx: FakeContext, data: str, root: str, said: str, as_file: bool
) -> None:
    given = ctx.add_file("a.json", data) if as_file else data
    ended = await run(ctx, "array_to_csv", data=given, root=root, columns=[{"name": "x"}])
    assert (ended.exit_code, ended.retryable) == (1, False)
    assert said in ended.message


async def test_two_columns_of_one_name_are_refused(ctx: FakeContext) -> None:
    ended = await run(ctx, "array_to_csv", data=[], columns=[{"name": "a"}, {"name": "a", "path": "b"}])
    assert ended.exit_code == 1


async def test_a_large_array_passes_in_little_memory(ctx: FakeContext) -> None:
    row = json.dumps({"id": 1, "text": "x" * 2000})
    file = ctx.add_file("a.json", '{"rows": [' + ",".join([row] * 4_000) + "]}")
    tracemalloc.start()
    try:
        ended = await run(ctx, "array_to_csv", data=file, root="rows")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert ended.outputs.row_count == 4_000
    assert file.size_bytes > 8_000_000
    assert peak < 4_000_000


async def test_a_document_too_large_to_be_read_whole_names_the_limit(ctx: FakeContext) -> None:
    small = FakeContext(ctx.files.parent / "small", memory_limit_bytes=1000)
    file = small.add_file("a.json", json.dumps({"a": ["x" * 100]}))
    ended = await run(small, "query", data=file, query="a")
    assert "100 are the most" in ended.message
    assert (
        await run(small, "array_to_csv", data=file, root="a", columns=[{"name": "v", "path": "@"}])
    ).means == "success"


async def test_csv_becomes_a_list_of_objects(ctx: FakeContext) -> None:
    text = '\ufeffcity,zip,amount,ok\nZürich,08001,12.50,true\n"a\nb",0,,No\n'
    ended = await run(ctx, "csv_to_json", file=ctx.add_file("a.csv", text))
    assert ended.outputs.rows == [
        {"city": "Zürich", "zip": "08001", "amount": "12.50", "ok": "true"},
        {"city": "a\nb", "zip": "0", "amount": "", "ok": "No"},
    ]
    assert json.loads(ctx.text(ended.outputs.file)) == ended.outputs.rows
    assert (ended.outputs.row_count, ended.outputs.columns) == (2, ["city", "zip", "amount", "ok"])


async def test_types_are_detected_when_asked_for_and_digits_are_kept(ctx: FakeContext) -> None:
    text = "zip;amount;ok\n08001;12.50;true\n1e3;;x\n"
    ended = await run(ctx, "csv_to_json", file=text, delimiter="semicolon", column_types="detect")
    assert ended.outputs.rows == [
        {"zip": "08001", "amount": 12.5, "ok": True},
        {"zip": 1000.0, "amount": None, "ok": "x"},
    ]
    assert '"amount":12.50' in ctx.text(ended.outputs.file)


async def test_csv_becomes_one_object_a_line(ctx: FakeContext) -> None:
    ended = await run(ctx, "csv_to_json", file="1\t2\n3\t4\n", delimiter="tab", layout="lines", has_header=False)
    assert ctx.text(ended.outputs.file) == '{"column1":"1","column2":"2"}\n{"column1":"3","column2":"4"}\n'
    assert len(ended.outputs.rows) == 2


async def test_a_table_without_rows_is_an_empty_list(ctx: FakeContext) -> None:
    for text in ("", "a,b\n", "a,b"):
        ended = await run(ctx, "csv_to_json", file=text)
        assert (ended.outputs.rows, ended.outputs.row_count) == ([], 0)
        assert json.loads(ctx.text(ended.outputs.file)) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a,b\n1,2\n3\n", "Line 3 has 1 fields, and 2 are expected"),
        ('a,b\n1,"2\n', "Line 2 is not well-formed"),
        ('a,b\n1,"2"x\n', "Line 2 is not well-formed"),
        ("a,a\n1,2\n", "one name twice"),
        ("a,\n1,2\n", "empty name"),
    ],
)
async def test_a_table_that_breaks_the_rules_is_named_by_its_line(ctx: FakeContext, text: str, said: str) -> None:
    ended = await run(ctx, "csv_to_json", file=text)
    assert (ended.exit_code, ended.retryable) == (1, False)
    assert said in ended.message


async def test_another_encoding_can_be_read(ctx: FakeContext) -> None:
    file = ctx.add_file("a.csv", "stadt\nZürich\n".encode("windows-1252"))
    assert (await run(ctx, "csv_to_json", file=file, encoding="windows-1252")).outputs.rows == [{"stadt": "Zürich"}]
    assert "not utf-8" in (await run(ctx, "csv_to_json", file=file)).message


async def test_many_rows_are_a_file_and_no_value(ctx: FakeContext) -> None:
    ended = await run(ctx, "csv_to_json", file=ctx.add_file("a.csv", "a\n" + "x" * 1000 + "\n" + "y\n" * 100_000))
    assert (ended.outputs.rows, ended.outputs.row_count) == (None, 100_001)
    assert len(json.loads(ctx.text(ended.outputs.file))) == 100_001


@pytest.mark.parametrize("delimiter", ["", "ab", '"', "\n"])
async def test_what_is_no_delimiter_is_refused(ctx: FakeContext, delimiter: str) -> None:
    with pytest.raises(ValidationError, match="no delimiter"):
        await run(ctx, "csv_to_json", file="a", delimiter=delimiter)


@pytest.mark.parametrize(
    ("query", "value", "text", "count"),
    [
        ("data.orders[0].who.name", "Ann", "Ann", 1),
        ("$.data.orders[1].id", 2, "2", 1),
        ("data.orders[*].id", [1, 2], "[1, 2]", 2),
        ("sum(data.orders[].total)", 21.1, "21.1", 1),
        ("data.orders[?who.name == 'Ann'] | [0].open", True, "true", 1),
        ("@.data.orders[].{n: who.name}", [{"n": "Ann"}, {"n": 'B "b", Bob'}], None, 2),
    ],
)
@pytest.mark.parametrize("form", ["file", "text", "value"])
async def test_a_query_finds_values(
    ctx: FakeContext, form: str, query: str, value: object, text: str | None, count: int
) -> None:
    data = {"file": ctx.add_file("a.json", TEXT), "text": TEXT, "value": ORDERS}[form]
    ended = await run(ctx, "query", data=data, query=query)
    assert (ended.outputs.value, ended.outputs.count, ended.outputs.file) == (value, count, None)
    assert ended.outputs.text == (text if text is not None else json.dumps(value))


async def test_a_query_that_finds_nothing_is_a_warning(ctx: FakeContext) -> None:
    ended = await run(ctx, "query", data=ORDERS, query="data.customers")
    assert (ended.means, ended.exit_code, ended.outputs.count) == ("warning", 10, 0)


async def test_a_wrong_query_is_a_sentence(ctx: FakeContext) -> None:
    unreadable = await run(ctx, "query", data=ORDERS, query="data..x")
    assert (unreadable.exit_code, "no path" in unreadable.message) == (1, True)
    impossible = await run(ctx, "query", data=ORDERS, query="sum(data)")
    assert (impossible.exit_code, "cannot be worked out" in impossible.message) == (1, True)


async def test_a_large_result_becomes_a_file(ctx: FakeContext) -> None:
    rows = ["x" * 1000] * 2000
    file = ctx.add_file("a.json", json.dumps({"rows": rows, "price": 0.1}))
    assert file.size_bytes > 1 << 20
    ended = await run(ctx, "query", data=file, query="rows")
    assert (ended.outputs.value, ended.outputs.count) == (None, 2000)
    assert json.loads(ctx.text(ended.outputs.file)) == rows
    assert (await run(ctx, "query", data=file, query="price")).outputs.value == 0.1
    assert (await run(ctx, "query", data=file, query="rows", result="value")).exit_code == 1
    asked = await run(ctx, "query", data=[1], query="[0]", result="file", name="one.json")
    assert (ctx.text(asked.outputs.file), asked.outputs.file.name) == ("1", "one.json")


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("", ()),
        ("$", ()),
        ("a", ("a",)),
        ("$.a.b[0].c", ("a", "b", 0, "c")),
        ('a."b c"[10]', ("a", "b c", 10)),
        ("[1].a", (1, "a")),
        ("a[*]", None),
        ("a b", None),
        ("a.[0]", None),
        (".a", None),
        ("a.", None),
        ("length(a)", None),
        ("a[-1]", None),
    ],
)
def test_plain_paths_are_read_step_by_step(text: str, steps: tuple[str | int, ...] | None) -> None:
    assert plain_steps(text) == steps


@pytest.mark.parametrize(
    ("text", "prefix"),
    [
        ("", ""),
        ("a.b", "a.b"),
        ("a[*]", "a"),
        ("a[]", "a"),
        ("a[].b[]", "a.item.b"),
        ("a[].b", None),
        ("a[*].b", None),
        ("a[0]", None),
        ('"x.y"', None),
        ("a | b", None),
    ],
)
def test_some_roots_can_be_followed_while_reading(text: str, prefix: str | None) -> None:
    assert array_prefix(text) == prefix


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=12,
)


@given(_VALUES, st.lists(st.sampled_from(["a", "b", "c", 0, 1]), max_size=4))
def test_a_plain_path_finds_what_jmespath_finds(value: object, steps: list[str | int]) -> None:
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps).lstrip(".")
    path = Path(text, "path")
    found = path.find(value)
    assert (None if found is MISSING else found) == path.search(value)
