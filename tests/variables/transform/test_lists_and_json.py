"""Transformations of lists, JSON and values of any kind."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onecloud.kernel.jsonvalue import Json, dump
from onecloud.variables.model import Reference
from onecloud.variables.transform import CATALOG, PipeFault, applied, settled
from tests.variables.strategies import json_values

FILE: Json = {"kind": "file", "name": "a.csv", "blob": "b", "size_bytes": 1, "media_type": "text/csv"}
values = json_values(st.text(max_size=4))


def done(name: str, value: Json, *arguments: Json) -> Json:
    return settled(applied(CATALOG[name], value, arguments))


@given(st.one_of(st.lists(st.text(max_size=3)), st.lists(st.one_of(st.integers(), st.floats(-9, 9)))))
def test_sorting_is_that_of_python_both_ways_and_by_a_field(items: list[Json]) -> None:
    ordered = sorted(items)  # pyright: ignore[reportArgumentType, reportUnknownVariableType, reportCallIssue] - all texts or all numbers
    assert done("sort", items) == ordered
    assert done("sort", items, "descending") == ordered[::-1]
    rows: Json = [{"n": item, "at": at} for at, item in enumerate(items)]
    by_field = done("sort", rows, "ascending", "n")
    assert by_field == sorted(rows, key=lambda row: row["n"])  # pyright: ignore[reportArgumentType, reportCallIssue, reportIndexIssue, reportUnknownLambdaType] - as above
    assert done("sort", dump(items)) == ordered


@given(st.lists(values, min_size=1), st.data())
def test_picking_is_indexing(items: list[Json], data: st.DataObject) -> None:
    index = data.draw(st.integers(-len(items), len(items) - 1))
    assert done("pick", items, index) == items[index]
    for beyond in (len(items), -len(items) - 1):
        with pytest.raises(PipeFault, match="no item at that position"):
            done("pick", items, beyond)


@given(values, st.data())
def test_a_path_leads_where_walking_leads(value: Json, data: st.DataObject) -> None:
    steps: list[str | int] = []
    at = value
    while isinstance(at, dict | list) and at and (not steps or data.draw(st.booleans())):
        if isinstance(at, dict):
            fields = at
            steps.append(data.draw(st.sampled_from(sorted(fields))))
            at = fields[str(steps[-1])]
        else:
            items = at
            steps.append(data.draw(st.integers(-len(items), len(items) - 1)))
            at = items[int(steps[-1])]
    if not steps:
        return
    path = str(Reference("input", tuple(steps))).removeprefix("input").removeprefix(".")
    assert done("pick_path", value, path) == at
    assert done("pick_path", [value, value], f"[*]{'' if path.startswith('[') else '.'}{path}") == [at, at]
    assert done("pick_path", dump({"deep": value}), f"deep{'' if path.startswith('[') else '.'}{path}") == at


@given(values)
def test_json_written_is_read_as_the_same(value: Json) -> None:
    written = done("to_json", value)
    assert isinstance(written, str)
    assert json.dumps(done("parse_json", written)) == json.dumps(value)


@given(st.one_of(st.text(max_size=6), st.lists(values, max_size=5)), st.integers(-8, 8), st.integers(-8, 8))
def test_a_slice_is_a_slice_and_a_length_a_length(value: Json, start: int, end: int) -> None:
    assert isinstance(value, str | list)
    assert done("slice", value, start, end) == value[start:end]
    assert done("slice", value, start) == value[start:]
    assert done("length", value) == len(value)


@given(values, values)
def test_a_default_stands_for_nothing_else(value: Json, other: Json) -> None:
    assert done("default", value, other) == (other if value is None or value == "" else value)


@pytest.mark.parametrize(
    ("name", "value", "arguments", "message"),
    [
        ("sort", [1, "a"], (), "neither all numbers nor all texts (it holds a number, a text)"),
        ("sort", [None, 1], (), "it holds a number, nothing (null)"),
        ("sort", [True, False], (), "it holds true or false"),
        ("sort", [{"a": 1}, {}], ("ascending", "a"), "the path leads nowhere (the object has no field `a`"),
        ("sort", [1], ("up",), "`order` is one of `ascending`, `descending`"),
        ("sort", "a,b", (), 'it needs a list, and this is a text ("a,b"). Put `split(",")` before it.'),
        ("sort", {"a": 1}, (), "it needs a list, and this is an object"),
        ("pick", [], (0,), "no item at that position"),
        ("pick", FILE, (0,), "it needs a list, and this is a file. Take its `.name`"),
        ("join", ["a", None], (), "it needs a text, and this is nothing (null)"),
        ("join", ["a", FILE], (), "and this is a file"),
        ("parse_json", "{a}", (), "the text is not JSON (Expecting property name"),
        ("parse_json", "NaN", (), "NaN is not a JSON number"),
        ("parse_json", "[" * 100_000, (), "the JSON nests too deep"),
        ("pick_path", {"a": 1}, ("b",), "the path leads nowhere (the object has no field `b`; there are: `a`). Check"),
        ("pick_path", {"a": 1}, ("a[*]",), "`[*]` needs a list"),
        ("pick_path", {"a": 1}, ("",), "`path` is empty"),
        ("pick_path", {"a": 1}, ("a b",), "at character 2 of the path ` ` cannot stand here"),
        ("pick_path", 5, ("a",), "it needs a list or an object, and this is a number"),
        ("pick_path", FILE, ("name",), "and this is a file"),
        ("to_json", [FILE], (), "a file cannot be written as JSON"),
        ("length", 5, (), "it needs a text, a list or an object, and this is a number"),
        ("length", FILE, (), "and this is a file"),
        ("slice", {"a": 1}, (0,), "it needs a text or a list, and this is an object"),
        ("slice", "abc", ("x",), "`start` is not a whole number"),
    ],
)
def test_what_cannot_be_done_says_why(name: str, value: Json, arguments: tuple[Json, ...], message: str) -> None:
    with pytest.raises(PipeFault) as caught:
        done(name, value, *arguments)
    assert message in str(caught.value)


def test_a_file_in_a_list_can_be_picked_and_stays_a_file() -> None:
    assert done("pick", [FILE, 1], 0) == FILE
    assert done("default", FILE, "x") == FILE
