"""Transformations of text, against what they mean."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onecloud.kernel.jsonvalue import Json
from onecloud.variables.transform import CATALOG, PipeFault, applied, settled

texts = st.text(alphabet=" \tabcÄß.-_'1", max_size=12)


def done(name: str, value: Json, *arguments: Json) -> Json:
    return settled(applied(CATALOG[name], value, arguments))


@given(texts)
def test_case_is_that_of_the_letters(text: str) -> None:
    assert done("lowercase", text) == text.lower()
    assert done("uppercase", text) == text.upper()
    assert done("capitalize", text) == text[:1].upper() + text[1:].lower()
    words = str(done("titleize", text)).split()
    assert words == [word[:1].upper() + word[1:].lower() for word in text.split()]
    assert str(done("titleize", text)).lower() == text.upper().lower() or "ß" in text


@given(texts, st.text(alphabet="ab ", min_size=1, max_size=2))
def test_trimming_takes_blanks_or_the_text_once(text: str, end: str) -> None:
    assert done("trim", text) == text.strip()
    assert done("trim_prefix", text) == text.lstrip()
    assert done("trim_suffix", text) == text.rstrip()
    assert done("trim_prefix", end + text, end) == text
    assert done("trim_suffix", text + end, end) == text
    assert done("trim_prefix", f"x{text}", end) == f"x{text}"


@given(texts, st.text(alphabet="ab-", min_size=1, max_size=2))
def test_split_and_join_undo_each_other_and_replace_is_both(text: str, separator: str) -> None:
    parts = done("split", text, separator)
    assert done("join", parts, separator) == text
    assert done("replace", text, separator, "+") == done("join", parts, "+")


@given(texts, st.integers(0, 20), st.sampled_from([" ", "0", "ä"]))
def test_padding_makes_exactly_as_long_and_cuts_nothing(text: str, length: int, fill: str) -> None:
    left, right = str(done("pad_left", text, length, fill)), str(done("pad_right", text, length, fill))
    assert len(left) == len(right) == max(length, len(text))
    assert left.endswith(text)
    assert right.startswith(text)
    assert set(left.removesuffix(text)) <= {fill}


@pytest.mark.parametrize(
    ("value", "text"), [(7, "7"), (7.0, "7"), (0.5, "0.5"), (True, "true"), (10**30, "1" + "0" * 30)]
)
def test_numbers_and_truth_values_are_text_where_text_is_needed(value: Json, text: str) -> None:
    assert done("trim", value) == text


@pytest.mark.parametrize(
    ("name", "value", "arguments", "message"),
    [
        ("trim", None, (), 'it needs a text, and this is nothing (null). Put `default("…")` before it.'),
        ("trim", ["a"], (), "it needs a text, and this is a list. Put `join` before it"),
        ("trim", {"a": 1}, (), "and this is an object. Take one of its fields"),
        ("replace", "a" * 6_000_000, ("a", "bb"), "the text would have more than 10000000 characters"),
        ("join", ["a" * 6_000_000] * 2, (), "more than 10000000 characters"),
        ("pad_left", "a", (3, "xy"), "the fill is one character"),
        ("pad_left", "a", (-1,), "`length` must be from 0 to 10000"),
        ("split", "a", (["x"],), "`separator` is not a text"),
        ("split", "a", (None,), "`separator` has no value"),
    ],
)
def test_what_cannot_be_done_says_why(name: str, value: Json, arguments: tuple[Json, ...], message: str) -> None:
    with pytest.raises(PipeFault) as caught:
        done(name, value, *arguments)
    assert message in str(caught.value)
