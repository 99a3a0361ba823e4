"""What a connection's form accepts, and what of it is secret."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from onecloud.connections import rules
from onecloud.kernel.jsonvalue import Json
from tests.connections.form import Properties

objects: st.SearchStrategy[dict[str, Json]] = st.recursive(
    st.dictionaries(st.sampled_from("abc"), st.text(alphabet="xyz", max_size=2), max_size=3),
    lambda inner: st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=6,
)


@given(objects, objects)
def test_merging_twice_is_merging_once_and_the_second_wins(first: dict[str, Json], second: dict[str, Json]) -> None:
    once = rules.merged(first, second)
    assert rules.merged(once, second) == once
    assert rules.secret_texts(second) <= rules.secret_texts(once)
    assert set(once) == set(first) | set(second)


def test_none_removes_what_was_there() -> None:
    assert rules.merged({"a": {"b": "1", "c": "2"}, "d": "3"}, {"a": {"b": None}, "d": None}) == {"a": {"c": "2"}}


def test_every_text_at_any_depth_is_masked_but_empty_ones() -> None:
    assert rules.secret_texts({"a": "one", "b": {"c": ["two", ""], "d": 3}}) == {"one", "two"}


def test_a_right_form_has_no_problems() -> None:
    properties: dict[str, Json] = {"host": "h", "tunnel": {"host": "t"}}
    assert rules.form_problems(Properties, properties, {"password": "p", "tunnel": {"key": "k"}}) == []


def test_a_secret_among_the_readable_properties_is_refused_at_any_depth() -> None:
    properties: dict[str, Json] = {"host": "h", "password": "hunter2", "tunnel": {"host": "t", "key": "deep"}}
    problems = rules.form_problems(Properties, properties, {})
    assert [problem.where for problem in problems] == ["properties.password", "properties.tunnel.key"]
    assert "hunter2" not in repr(problems)


def test_each_fault_is_named_by_its_part_and_place_and_no_value_is_repeated() -> None:
    problems = rules.form_problems(
        Properties, {"port": "hunter1", "mode": "x", "typo": 1}, {"password": ["hunter2"], "tunnel": {"key": "k"}}
    )
    assert sorted(problem.where for problem in problems) == [
        "properties.host",
        "properties.mode",
        "properties.port",
        "properties.tunnel.host",
        "properties.typo",
        "secrets.password",
    ]
    assert "hunter" not in repr(problems)
