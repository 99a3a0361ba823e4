"""The page on values: its chains are sound, its templates can be read, and nothing of the language is left out."""

from __future__ import annotations

import re

import pytest

from onecloud.chains.catalog import catalog
from onecloud.chains.validation import validated
from onecloud.variables.language import parse
from onecloud.variables.model import SCOPES
from onecloud.variables.transform import CATALOG
from tests.shape.tree import text

PAGE = text("docs/values.md")
CHAINS = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
WRITTEN = re.findall(r"\$\{\{ [^…]*? \}\}", PAGE)


@pytest.mark.parametrize("number", range(len(CHAINS)))
def test_every_chain_on_the_page_is_sound(number: int) -> None:
    checked = validated(CHAINS[number], catalog())
    assert (checked.problems, checked.notes) == ((), ())


def test_every_template_on_the_page_can_be_read() -> None:
    assert len(WRITTEN) > 15
    for template in WRITTEN:
        assert parse(template.replace("system.NAME", "system.date")).single is not None, template


def test_every_scope_and_every_transformation_is_on_the_page() -> None:
    named = {match[1] for match in re.finditer(r"\$\{\{ (\w+)", PAGE)}
    assert set(SCOPES) <= named
    assert not [name for name in CATALOG if not re.search(rf"^\| `{name}\b", PAGE, re.MULTILINE)]


def test_the_page_says_its_own_limits_as_the_code_has_them() -> None:
    from onecloud.variables import extract, patterns
    from onecloud.variables.conditions import model

    for number, words in (
        (extract.LONGEST_MATCH, "more than {} characters"),
        (extract.MOST_MATCHES, "more than {} matches"),
        (patterns.LONGEST, "at most {} characters"),
        (patterns.MOST_REPEATS, "multiply up to {}"),
        (model.MOST_COMPARISONS, "{} tests together"),
    ):
        shown = f"{number:,}".replace(",", " ") if number >= 10_000 else str(number)
        assert words.format(shown) in re.sub(r"\s+", " ", PAGE), words
    assert model.DEEPEST == 10
    assert "at most ten deep" in PAGE
    assert patterns.SEARCH_S == 2
    assert "more than two seconds" in re.sub(r"\s+", " ", PAGE)
