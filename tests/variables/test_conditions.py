"""Conditions: reading, deciding against a naive model, words, and what is said when they cannot be decided."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from onecloud.connector.context import FileRef
from onecloud.kernel.jsonvalue import Json, dump
from onecloud.kernel.secret import Secret
from onecloud.variables import conditions
from onecloud.variables.conditions import AllOf, AnyOf, Comparison, Condition, ConditionFault, Operator
from onecloud.variables.conditions.model import CompareAs
from onecloud.variables.model import Known, Reference, Resolved
from onecloud.variables.rules import look_up

ADAPTER: TypeAdapter[Condition] = TypeAdapter(Condition)
KNOWN = Known(
    dynamic={"count": 7, "word": "Alpha", "secret": Secret("hush-hush"), "tags": ["a", 1], "empty": "", "none": None},
    node={
        "read": {
            "file": FileRef(name="a.csv", blob="b", size_bytes=1),
            "page": {"next": None, "day": "2026-03-01", "code": "007"},
        }
    },
)


def lookup(reference: Reference) -> Resolved:
    return look_up(KNOWN, reference)


def holds(value: str, operator: str, other: Json = None, **fields: Json) -> bool:
    given = {"value": value, "is": operator, **({} if other is None else {"other": other}), **fields}
    return conditions.evaluate(conditions.read(given), lookup)


operators = st.sampled_from(sorted(conditions.OPERATORS))
others = st.one_of(st.text(max_size=4), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.booleans())


@st.composite
def comparisons(draw: st.DrawFn) -> Comparison:
    operator: Operator = draw(operators)
    facts = conditions.OPERATORS[operator]
    other = draw(others) if facts.needs_other else None
    if operator in {"matches", "does_not_match"}:
        other = re.escape(str(other))
    ways: tuple[CompareAs, ...] = ("auto", "text", "number", "date") if facts.typed else ("auto", "text")
    compare_as = draw(st.sampled_from(ways))
    return Comparison(draw(st.text(max_size=5)), operator, other, compare_as, draw(st.booleans()))


def groups(inner: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
    parts = st.lists(inner, min_size=1, max_size=4).map(tuple)
    return st.one_of(parts.map(AllOf), parts.map(AnyOf))


trees: st.SearchStrategy[Condition] = st.recursive(comparisons(), groups, max_leaves=8)


@given(trees)
def test_a_condition_written_into_a_document_is_read_as_the_same(condition: Condition) -> None:
    for document in (
        ADAPTER.dump_python(condition, mode="json", by_alias=True, exclude_defaults=True),
        ADAPTER.dump_python(condition, mode="json", by_alias=True),
    ):
        read = conditions.read(document)
        assert read == condition
        assert repr(read) == repr(condition)  # 1, 1.0 and True are equal to Python


@given(trees)
def test_every_comparison_has_its_place_and_its_texts(condition: Condition) -> None:
    document: Any = ADAPTER.dump_python(condition, mode="json", by_alias=True)
    for where, comparison in conditions.comparisons(condition):
        at = document
        for name, index in re.findall(r"(all|any)\[(\d+)\]", where):
            at = at[name][int(index)]
        assert (at["value"], at["is"]) == (comparison.value, comparison.operator)
    shown = {place for place, _ in conditions.texts(condition)}
    assert len(shown) == len(list(conditions.texts(condition)))
    assert len(conditions.explain(condition).splitlines() or [""]) >= 1


# The naive model: a tree of booleans, each written as a comparison whose result is known beforehand.
def _leaf(value: bool) -> Comparison:
    return Comparison("yes", "equals", "yes" if value else "no")


truths = st.recursive(
    st.booleans(),
    lambda inner: st.tuples(st.sampled_from(["all", "any"]), st.lists(inner, min_size=1, max_size=4)),
    max_leaves=12,
)


def as_condition(truth: Any) -> Condition:
    if isinstance(truth, bool):
        return _leaf(truth)
    kind, parts = truth
    inner = tuple(as_condition(part) for part in parts)
    return AllOf(inner) if kind == "all" else AnyOf(inner)


def naive(truth: Any) -> bool:
    if isinstance(truth, bool):
        return truth
    kind, parts = truth
    return (all if kind == "all" else any)([naive(part) for part in parts])


@given(truths)
def test_groups_hold_as_all_and_any_do_and_the_tests_named_are_what_decided(truth: Any) -> None:
    condition = as_condition(truth)
    verdict = conditions.explain_result(condition, lookup)
    assert verdict.holds is naive(truth) is conditions.evaluate(condition, lookup)
    decided = dict(conditions.comparisons(condition))
    assert verdict.decided_by
    for where in verdict.decided_by:  # each of them alone has the result of the whole
        assert conditions.evaluate(decided[where], lookup) is verdict.holds


@given(st.sampled_from(["less_than", "greater_than", "equals"]), st.integers(), st.integers())
def test_numbers_are_compared_as_numbers_however_they_are_given(operator: str, left: int, right: int) -> None:
    expected = {"less_than": left < right, "greater_than": left > right, "equals": left == right}[operator]
    assert holds(str(left), operator, right) is expected
    assert holds(str(left), operator, f"{right}.0") is expected
    assert holds(f" {left}", operator, right, **{"as": "number"}) is expected


@given(st.dates(), st.dates())
def test_dates_are_compared_as_dates(left: Any, right: Any) -> None:
    assert holds(left.isoformat(), "less_than", right.isoformat()) is (left < right)
    assert holds(f"{left.isoformat()}T00:00:00Z", "equals", right.isoformat()) is (left == right)


@given(st.text(max_size=6), st.text(max_size=3))
def test_text_tests_are_those_of_text_and_their_opposites_are_opposite(value: str, other: str) -> None:
    value, other = value.replace("$", ""), other.replace("$", "")
    for operator, opposite, expected in (
        ("contains", "does_not_contain", other in value),
        ("begins_with", "does_not_begin_with", value.startswith(other)),
        ("ends_with", "does_not_end_with", value.endswith(other)),
        ("matches", "does_not_match", other in value),
    ):
        wanted = re.escape(other) if operator == "matches" else other
        assert holds(value, operator, wanted) is expected
        assert holds(value, opposite, wanted) is not expected
    assert holds(value, "null") is (value == "")
    assert holds(value, "equals", other, **{"as": "text"}) is (value == other)


@pytest.mark.parametrize(
    ("value", "operator", "other", "expected"),
    [
        ("${{ dynamic.count }}", "greater_than", "10", False),  # as text, 7 would come after 10
        ("${{ dynamic.count }}", "equals", "7.00", True),
        ("${{ node.read.page.code }}", "equals", "7", False),  # a code, not a number
        ("1E5", "equals", "100000", False),
        ("${{ dynamic.word }}", "equals", "alpha", False),
        ("${{ dynamic.tags }}", "contains", "1", True),
        ("${{ dynamic.tags }}", "contains", "a,", False),  # an item, not a part of its JSON
        ("${{ dynamic.tags }}", "equals", '["a",1]', True),
        ("${{ dynamic.empty }}", "null", None, True),
        ("${{ dynamic.none }}", "null", None, True),
        ("${{ node.read.page.next }}", "null", None, True),
        ("${{ node.read.page.gone }}", "null", None, True),
        ("${{ node.read.page.next.x }}", "not_null", None, False),
        ("${{ node.read.file }}", "not_null", None, True),
        ("${{ node.read.page.day }}", "less_than", "2026-03-01T00:00:01Z", True),
        ("2026-03-01T01:00:00+01:00", "equals", "2026-03-01", True),
        ("${{ dynamic.word }}", "matches", "^[A-Z]", True),
        ("${{ dynamic.word }}", "does_not_match", "z", True),
        ("x${{ dynamic.count }}", "equals", "x7", True),
        ("true", "equals", True, True),
    ],
)
def test_values_are_compared_as_documented(value: str, operator: str, other: Json, expected: bool) -> None:
    assert holds(value, operator, other) is expected


def test_case_counts_only_when_asked() -> None:
    for operator, other in (("equals", "ALPHA"), ("begins_with", "aL"), ("matches", "^alpha$"), ("contains", "LPH")):
        assert holds("${{ dynamic.word }}", operator, other, case_sensitive=False)
        assert not holds("${{ dynamic.word }}", operator, other)


FAULTS: list[tuple[Any, str]] = [
    ({"value": "x"}, "is: `is` is missing. Add `is: …`."),
    ({"value": "x", "is": "equals"}, "`equals` needs `other`"),
    ({"value": "x", "is": "null", "other": 1}, "`null` takes no `other`"),
    (
        {"value": "x", "is": "equals", "other": [1]},
        "other: The value should be a text, a number, true or false.",
    ),
    ({"value": "x", "is": "contains", "other": "a", "as": "number"}, "`contains` always compares text"),
    ({"value": 1, "is": "null"}, "value: Expected text. Put the value in quotes."),
    ({"all": []}, "all: A group needs at least one condition. Add one"),
    ({"any": [{"value": "x", "is": "null"}, {"all": []}]}, "any[1].all: A group needs at least one"),
    (
        {"all": [{"value": "x", "is": "equal", "other": 1}]},
        "all[0].is: There is no operator `equal`. Did you",
    ),
    ({"all": [{"value": "x", "is": "null"}], "is": "null"}, "is: A group has no field `is`"),
    ({"all": {"value": "x"}}, "all: `all` takes a list of conditions"),
    (
        {"all": [{"any": [{"value": "x", "is": "is"}]}]},
        "all[0].any[0].is: There is no operator `is`. Use one of `null`",
    ),
    ({"any": [{"value": "x", "is": "matches", "other": "("}]}, "any[0].other: the pattern cannot be read"),
    ({"any": [{"value": "x", "is": "null"}], "all": []}, "A group needs"),
    (
        {"value": "x", "is": "null", "extra": 1},
        "extra: A test has no field `extra`. There are: `as`, `case_sensitive`, `is`",
    ),
    (7, "This is no condition. Write a test with"),
]


@pytest.mark.parametrize(("document", "message"), FAULTS)
def test_a_condition_that_cannot_be_read_says_where_and_why(document: Json, message: str) -> None:
    with pytest.raises(ConditionFault) as caught:
        conditions.read(document)
    assert message in str(caught.value)


def nested(condition: Json) -> Json:
    return {"any": [condition]}


def test_a_condition_has_bounds() -> None:
    test: Json = {"value": "x", "is": "null"}
    deep: Json = test
    for _ in range(9):
        deep = nested(deep)
    conditions.read(deep)
    for depth in (1, 100, 400):
        deeper: Json = deep
        for _ in range(depth):
            deeper = nested(deeper)
        with pytest.raises(ConditionFault, match="deeper than 10"):
            conditions.read(deeper)
    conditions.read({"any": [test] * 200})
    with pytest.raises(ConditionFault, match="more than 200 tests"):
        conditions.read({"any": [{"all": [test] * 101}, {"all": [test] * 101}]})


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"value": "${{ dynamic.cuont }}", "is": "null"}, "value: there is no dynamic chain variable `cuont`. Did you"),
        ({"value": "${{ dynamic }}", "is": "null"}, "value: `dynamic` needs a name"),
        ({"value": "${{ node.read.page.gone }}", "is": "equals", "other": "x"}, "has no field `gone`"),
        ({"value": "x", "is": "equals", "other": "${{ node.read.file }}"}, "other: a file cannot be compared"),
        ({"value": "abc", "is": "equals", "other": 1, "as": "number"}, 'value: this is not a number ("abc")'),
        ({"value": "1", "is": "equals", "other": "x", "as": "date"}, 'value: this is not a date ("1")'),
        ({"value": "", "is": "less_than", "other": 1, "as": "number"}, "the value is empty and not a number"),
        ({"value": "a", "is": "matches", "other": "${{ dynamic.tags }}("}, "other: the pattern cannot be read"),
        (
            {"value": "a" * 5000 + "!", "is": "matches", "other": "(a|aa)+$"},
            "other: searching for the pattern took too long",
        ),
    ],
)
def test_a_condition_that_cannot_be_decided_says_where_and_why(document: Json, message: str) -> None:
    with pytest.raises(ConditionFault) as caught:
        conditions.evaluate(conditions.read({"any": [document]}), lookup)
    assert str(caught.value).startswith("any[0].")
    assert message in str(caught.value)


def test_what_follows_the_decision_is_not_looked_at() -> None:
    broken = {"value": "${{ dynamic.nothing }}", "is": "null"}
    yes, no = {"value": "", "is": "null"}, {"value": "x", "is": "null"}
    assert conditions.evaluate(conditions.read({"any": [yes, broken]}), lookup)
    assert not conditions.evaluate(conditions.read({"all": [no, broken]}), lookup)


def test_a_secret_is_compared_and_never_told() -> None:
    for document in (
        {"value": "${{ dynamic.secret }}", "is": "equals", "other": "x"},
        {"value": "a", "is": "contains", "other": "pw ${{ dynamic.secret }}"},
    ):
        verdict = conditions.explain_result(conditions.read(document), lookup)
        assert "hush" not in verdict.reason
        assert "•••" in verdict.reason
    assert holds("${{ dynamic.secret }}", "begins_with", "hush")
    with pytest.raises(ConditionFault) as caught:
        holds("${{ dynamic.secret }}", "less_than", 1, **{"as": "number"})
    assert "hush" not in str(caught.value)


def test_a_condition_is_said_in_one_sentence() -> None:
    condition = conditions.read(
        {
            "all": [
                {"value": "${{ node.a.count }}", "is": "greater_than", "other": 5},
                {"any": [{"value": "${{ input.x }}", "is": "null"}, {"value": "a", "is": "equals", "other": "b"}]},
            ]
        }
    )
    assert conditions.explain(condition) == (
        '`${{ node.a.count }}` is greater than 5 and (`${{ input.x }}` is empty or "a" equals "b")'
    )


def test_the_verdict_names_the_values() -> None:
    condition = conditions.read({"value": "${{ dynamic.count }}", "is": "greater_than", "other": 5})
    verdict = conditions.explain_result(condition, lookup)
    assert verdict.reason == "`${{ dynamic.count }}` is greater than 5: yes (7, read as numbers)."
    many: Json = {"all": [{"value": "${{ dynamic.word }}", "is": "not_null"}] * 5}
    assert conditions.explain_result(conditions.read(many), lookup).reason.endswith("; and 2 more.")
    long = conditions.read({"value": "x" * 5000, "is": "equals", "other": "y"})
    assert len(conditions.explain(long)) < 300
    assert "(5000 characters)" in conditions.explain(long)


def test_the_schema_knows_the_form() -> None:
    schema = dump(ADAPTER.json_schema(by_alias=True))
    assert '"is"' in schema
    assert '"compare_as"' not in schema
