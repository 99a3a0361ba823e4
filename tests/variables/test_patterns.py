"""Patterns of people: read, refused before they can fill the memory, and ended when they search too long."""

from __future__ import annotations

import contextlib
import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onecloud.variables.patterns import LONGEST, Budget, PatternFault, compiled, found_in, matches_in

# Pieces of which patterns are made; every mark that the check looks at is among them.
MARKS = "a b ( ) (?: (?= (?<n> (?i) (?#x) [ ] [^ { } {2} {9} {99} {,50} {3, * + ? | \\ \\d \\] . ^ $ (?-i: {2,3}?"
pieces = st.sampled_from(MARKS.split())
patterns = st.lists(pieces, max_size=12).map("".join)


@given(patterns)
def test_any_pattern_is_soon_ready_or_refused(pattern: str) -> None:
    began = time.process_time()
    with contextlib.suppress(PatternFault):
        compiled(pattern)
    assert time.process_time() - began < 2


@given(st.text(alphabet="ab(){}[]|*+?^$.\\d", max_size=8), st.text(alphabet="abAB1 ", max_size=12), st.booleans())
def test_a_pattern_that_both_know_finds_what_the_standard_library_finds(
    pattern: str, text: str, case_sensitive: bool
) -> None:
    if "[[" in pattern or "||" in pattern:  # the standard library warns that their meaning may change
        return
    try:
        reference = re.compile(pattern, 0 if case_sensitive else re.IGNORECASE)
        ours = compiled(pattern, case_sensitive=case_sensitive)
    except (re.error, PatternFault):
        return
    assert found_in(ours, text, Budget(5)) == (reference.search(text) is not None)
    if "()" not in pattern and reference.match("") is None:  # of empty matches the two count differently
        found = [match[0] for match in matches_in(ours, text, Budget(5))]
        assert found == [match[0] for match in reference.finditer(text)]


@pytest.mark.parametrize(
    ("pattern", "part"),
    [
        ("(a", "cannot be read: missing ) at position 2"),
        ("a{2,1}", "cannot be read: min repeat greater"),
        ("a" * (LONGEST + 1), "1001 characters, the limit is 1000"),
        ("(" * 60 + ")" * 60, "nests deeper than 50"),
        ("((a{1000}){1000}){1000}", "multiply up to more than 20000"),
        ("(?:[a-z]{100}b{100}){100,}", "multiply up to more than 20000"),
        ("(?:a{1000}[)]b){100}", "multiply up to more than 20000"),
        ("(?:a{1000}(?#()b){100}", "multiply up to more than 20000"),
        (r"(?:a{1000}\)b){100}", "multiply up to more than 20000"),
        ("(?:[]a)]{1000}b){100}", "multiply up to more than 20000"),
        ("(?R)|a", "calls itself at character 1"),
        ("(a(?1)?)+b", "calls itself at character 3"),
        ("(?P<x>a(?&x)?)", "calls itself at character 8"),
        ("(?x) a # (", "the flag `x` at character 1 is not supported"),
        ("(?V1)[[a]&&b]", "the flag `V` at character 1 is not supported"),
    ],
)
def test_a_pattern_that_cannot_be_used_says_why(pattern: str, part: str) -> None:
    with pytest.raises(PatternFault) as caught:
        compiled(pattern)
    assert part in str(caught.value)


@pytest.mark.parametrize(
    "pattern", [r"^\d{4}-\d{2}-\d{2}$", r"(?i)total:\s+([\d,.]{1,20})", r"(?<=x)a(?!b)", r"[\w.]{1,64}@\p{L}+", "{a}"]
)
def test_patterns_that_people_write_are_taken(pattern: str) -> None:
    assert compiled(pattern).pattern == pattern


@pytest.mark.parametrize("pattern", ["(a|aa)+$", r"^(([a-z])+.)+[A-Z]([a-z])+$", "(x+x+)+y"])
def test_a_pattern_that_would_search_for_ever_is_ended(pattern: str) -> None:
    text = "y" + "x" * 300_000 if "y" in pattern else "a" * 20_000 + "!"
    began = time.process_time()
    with pytest.raises(PatternFault, match="took too long"):
        found_in(compiled(pattern), text, Budget(60, each=0.3))
    assert time.process_time() - began < 5


def test_many_searches_share_one_budget() -> None:
    budget = Budget(0.5, each=0.2)
    slow = compiled("(a|aa)+$")
    ended = 0
    for _ in range(10):
        with pytest.raises(PatternFault):
            found_in(slow, "a" * 20_000 + "!", budget)
        ended += 1
    began = time.process_time()
    with pytest.raises(PatternFault):  # nothing is left: it does not even begin
        found_in(compiled("a"), "a", budget)
    assert ended == 10
    assert time.process_time() - began < 0.1
