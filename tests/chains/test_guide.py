"""The guide to the chain document says what the code says, and every example is a sound chain."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from onecloud.chains.catalog import catalog
from onecloud.chains.document import document_text, parse_document
from onecloud.chains.validation import validated
from onecloud.cli.chain_run import STATUS
from onecloud.variables.model import NODE_FACTS, SYSTEM

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "chain-document.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```yaml\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)
EXAMPLES = sorted((ROOT / "examples").glob("*.yaml"))


def section(title: str) -> str:
    """The text under a heading."""
    return GUIDE.split(f"\n## {title}\n")[1].split("\n## ")[0]


@pytest.mark.parametrize("number", range(len(BLOCKS)))
def test_every_chain_in_the_guide_is_sound(number: int) -> None:
    checked = validated(BLOCKS[number], catalog())
    assert (checked.problems, checked.notes) == ((), ())


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: e.stem)
def test_every_example_is_sound_and_survives_a_round_trip(example: Path) -> None:
    text = example.read_text(encoding="utf-8")
    checked = validated(text, catalog())
    assert (checked.problems, checked.notes) == ((), ())
    definition = parse_document(text).definition
    assert parse_document(document_text(definition)).definition == definition


def test_there_are_chains_to_check() -> None:
    assert len(BLOCKS) >= 5
    assert len(EXAMPLES) >= 4


def test_the_guide_names_every_fact_and_exit_status() -> None:
    references = section("References")
    assert [name for name in (*SYSTEM, *NODE_FACTS) if not re.search(rf"\b{name}`", references)] == []
    statuses = dict(re.findall(r"^\| (\d) \| (.*) \|$", GUIDE, re.MULTILINE))
    assert set(statuses) >= {str(status) for status in STATUS.values()}
