"""Dynamic outputs: against the standard library's own searching, and what is said when a rule gives nothing."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from onecloud.variables import extract as module
from onecloud.variables.extract import DynamicOutput, Extracted, ExtractFault, extract, line_spans

ADAPTER = TypeAdapter(DynamicOutput)
REPORT = "Total: 5 EUR\nitems a=1; a=22;\r\nTotal:  7 EUR\n"

lines = st.lists(st.text(alphabet="ab:; 0ñÄä", max_size=8), max_size=6)
marks = st.text(alphabet="ab:Ä", max_size=2)


def rule(**fields: Any) -> DynamicOutput:
    return replace(DynamicOutput("found", "text"), **fields)


def between(line: str, start: str, end: str, flags: int) -> list[re.Match[str]]:
    """The naive way: one pattern for all of it."""
    closing = re.escape(end) if end else r"\Z"
    found: list[re.Match[str]] = []
    at = 0
    pattern = re.compile(f"({re.escape(start)})(.*?)({closing})", flags | re.DOTALL)
    while (match := pattern.search(line, at)) is not None:
        found.append(match)
        if match.end() >= len(line):
            break
        at = match.end()
    return found


@given(lines, marks, marks, st.booleans(), st.booleans(), st.booleans())
def test_what_stands_between_two_texts_is_what_a_pattern_of_both_finds(
    texts: list[str], start: str, end: str, include_start: bool, include_end: bool, case_sensitive: bool
) -> None:
    wanted = rule(
        start=start, end=end, include_start=include_start, include_end=include_end, case_sensitive=case_sensitive,
        trim=False, multiple=True,
    )  # fmt: skip
    flags = 0 if case_sensitive else re.IGNORECASE
    expected = [
        (match[1] if include_start else "") + match[2] + (match[3] if include_end else "")
        for text in texts
        for match in between(text, start, end, flags)
    ]
    text = "".join(f"{line}\n" for line in texts)
    assert extract(wanted, text).value == expected
    single = extract(replace(wanted, multiple=False), text)
    assert single.value == (expected[0] if expected else None)
    assert bool(single.notes) is not bool(expected)


@given(lines, st.sampled_from([r"a+", r"(a)(b)?", r"[ab]:\s*(\w)", r"Ä", r"(?:;|:)(.*)"]), st.booleans())
def test_a_pattern_finds_what_the_standard_library_finds(texts: list[str], pattern: str, case_sensitive: bool) -> None:
    wanted = rule(match="regex", pattern=pattern, multiple=True, trim=False, case_sensitive=case_sensitive)
    found = [match for text in texts for match in re.finditer(pattern, text, 0 if case_sensitive else re.IGNORECASE)]
    assert extract(wanted, "\n".join(texts)).value == [match[0] for match in found]
    if re.compile(pattern).groups:
        first = replace(wanted, result="<$1|$$1>")
        assert extract(first, "\n".join(texts)).value == [f"<{match[1] or ''}|$1>" for match in found]


@given(lines, st.lists(st.tuples(st.integers(1, 8), st.integers(0, 3)), min_size=1, max_size=3))
def test_only_the_chosen_lines_are_searched_and_none_behind_the_last(
    texts: list[str], spans: list[tuple[int, int]]
) -> None:
    written = ", ".join(f"{first}-{first + more}" if more else str(first) for first, more in spans)
    chosen = {number for first, more in spans for number in range(first, first + more + 1)}
    expected = [text for number, text in enumerate(texts, 1) if number in chosen]
    wanted = rule(lines=written, multiple=True, trim=False)
    assert extract(wanted, "".join(f"{text}\n" for text in texts)).value == expected
    endless = (f"line {number}\n" for number in itertools.count(1))
    assert extract(wanted, endless).value == [f"line {number}" for number in sorted(chosen)]


@given(st.text(alphabet="ab\r\n", max_size=12))
def test_a_text_and_the_same_text_as_lines_of_a_file_give_the_same(text: str) -> None:
    wanted = rule(multiple=True, trim=False)
    assert extract(wanted, text) == extract(wanted, re.findall(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+\Z", text))


@pytest.mark.parametrize(
    ("fields", "value"),
    [
        ({"start": "Total:", "end": "EUR"}, "5"),
        ({"start": "Total:", "end": "EUR", "trim": False}, " 5 "),
        ({"start": "total:", "end": "eur", "case_sensitive": False, "multiple": True}, ["5", "7"]),
        ({"start": "a=", "end": ";", "multiple": True, "include_start": True, "include_end": True}, ["a=1;", "a=22;"]),
        ({"start": "Total:", "lines": "2-"}, "7 EUR"),
        ({"lines": "2"}, "items a=1; a=22;"),
        ({"match": "regex", "pattern": r"(\w+)=(\d+)", "result": "$2 of $1", "multiple": True}, ["1 of a", "22 of a"]),
        ({"match": "regex", "pattern": r"(?i)TOTAL:\s*(\d+)", "result": "$1"}, "5"),
        ({"match": "regex", "pattern": r"(x)?a=", "result": "[$1$$]"}, "[$]"),
    ],
)
def test_rules_pick_as_documented(fields: dict[str, Any], value: str | list[str]) -> None:
    assert extract(rule(**fields), REPORT) == Extracted(value)


def test_nothing_found_says_so() -> None:
    assert extract(rule(start="Sum"), REPORT) == Extracted(None, ("Nothing matched.",))
    assert extract(rule(start="Sum", multiple=True), "") == Extracted([], ("Nothing matched.",))
    assert extract(rule(start="Total", end="items"), REPORT).value is None  # a match does not cross lines


def test_a_match_that_is_too_long_gives_nothing_and_says_so() -> None:
    long, longest = "x" * 1025, "y" * 1024
    assert extract(rule(), f"{longest}\n") == Extracted(longest)
    note = "The match in line 2 has 1025 characters; the limit is 1024."
    assert extract(rule(lines="2"), f"a\n{long}\nb") == Extracted(None, (f"{note} It gives nothing.",))
    assert extract(rule(multiple=True), f"a\n{long}\nb") == Extracted(["a", "b"], (f"{note} It was left out.",))
    repeated = rule(match="regex", pattern=".+", result="$0" * 400)
    assert "has 400000 characters" in extract(repeated, "z" * 1000).notes[0]


def test_a_rule_that_matches_without_end_is_an_error_and_not_cut() -> None:
    wanted = rule(match="regex", pattern="a", multiple=True)
    value = extract(wanted, "a" * module.MOST_MATCHES).value
    assert value is not None
    assert len(value) == module.MOST_MATCHES
    with pytest.raises(ExtractFault, match="matches more than 10000 times"):
        extract(wanted, "a" * (module.MOST_MATCHES + 1))


def test_a_pattern_that_would_search_for_ever_is_ended() -> None:
    slow = rule(match="regex", pattern="(a|aa)+$", multiple=True)
    with pytest.raises(ExtractFault, match="pattern: searching for the pattern took too long"):
        extract(slow, (f"{'a' * 20_000}!" for _ in range(1000)), seconds=0.3)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"lines": "0"}, "lines: `0` begins before the first line"),
        ({"lines": "5-1"}, "lines: `5-1` ends before it begins. Write 1-5."),
        ({"lines": "1,,2"}, "lines: `` is no line number"),
        ({"lines": "last"}, "lines: `last` is no line number and no range. Write 3, 1-10 or 5-."),
        ({"pattern": "x"}, "pattern: only a rule with `match: regex` has it"),
        ({"result": "$1"}, "result: only a rule with `match: regex` has it"),
        ({"match": "regex"}, "pattern: a rule with `match: regex` needs a pattern"),
        ({"match": "regex", "pattern": "a", "end": "x"}, "end: only a rule with `match: exact` has it"),
        ({"match": "regex", "pattern": "(a"}, "pattern: the pattern cannot be read"),
        ({"match": "regex", "pattern": "(a)", "result": "$2"}, "the pattern has no group $2, it has 1 group."),
    ],
)
def test_an_unsound_rule_names_the_field_and_the_mend(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ExtractFault) as caught:
        extract(rule(**fields), "text")
    assert message in str(caught.value)
    document = ADAPTER.dump_json(rule(**fields), by_alias=True)
    with pytest.raises(ValidationError) as refused:
        ADAPTER.validate_json(document)
    assert message in str(refused.value)


def test_a_rule_is_read_from_its_document_and_written_again() -> None:
    document = b'{"name":"total","from":"text","match":"regex","pattern":"(\\\\d+)","result":"$1","lines":"1-3, 9-"}'
    read = ADAPTER.validate_json(document)
    assert ADAPTER.dump_json(read, by_alias=True, exclude_defaults=True) == document
    assert line_spans(read.lines) == ((1, 3), (9, module.LAST_LINE))
    for bad in (b'{"name":"1 x","from":"text"}', b'{"name":"a"}', b'{"name":"a","from":"b","trim":1}'):
        with pytest.raises(ValidationError):
            ADAPTER.validate_json(bad)
