"""Faults within conditions of a chain: each at its place, with what may stand there."""

from __future__ import annotations

from typing import Any

import pytest

from onecloud.chains.catalog import catalog
from onecloud.chains.check import check
from onecloud.chains.document import parse_document, parse_value
from onecloud.kernel.errors import Invalid, Problem

TYPO = {"all": [{"value": "1", "is": "equal", "other": 1}]}
# A condition, the place of its fault within it, and words of message and mend.
FAULTS: list[tuple[Any, str, str, str]] = [
    (TYPO, ".all[0].is", "There is no operator `equal`.", "Did you mean `equals`"),
    ({"any": [TYPO, TYPO]}, ".any[0].all[0].is", "There is no operator `equal`.", "`greater_than`"),
    ({"all": [{"any": []}]}, ".all[0].any", "A group needs at least one condition.", "Add one"),
    ({"all": [{"value": "1", "is": "equals"}]}, ".all[0].other", "`equals` needs `other`.", "Add `other: …`"),
    ({"all": [{"value": "1", "is": "null", "to": 2}]}, ".all[0].to", "A test has no field `to`.", "`other`, `value`"),
    ({"value": "1", "is": "null", "as": "x"}, ".as", "There is no way to compare `x`.", "`auto`, `text`, `number`"),
    ({"value": "1", "is": "equals", "other": [1]}, ".other", "The value should be a text, a number,", ""),
    ("yes", "", "This is no condition.", "Write a test with `value`, `is`"),
]


def refused(nodes: dict[str, Any]) -> tuple[Problem, ...]:
    """What the document of these nodes is refused for."""
    with pytest.raises(Invalid) as caught:
        parse_value({"onecloud": 1, "name": "Pay", "start": "pay", "nodes": nodes})
    assert not [problem for problem in caught.value.problems if "Value error" in problem.sentence()]
    return caught.value.problems


@pytest.mark.parametrize(("condition", "place", "message", "mend"), FAULTS)
def test_a_fault_is_told_at_its_place_wherever_the_condition_stands(
    condition: Any, place: str, message: str, mend: str
) -> None:
    node = {"command": "files.create", "inputs": {"text": "x"}}
    skipped, repeated = node | {"skip_if": condition}, node | {"iterate": {"until": condition}}
    conditional = {"command": "event.conditional", "inputs": {"condition": condition}}
    for nodes, where in (
        ({"pay": skipped}, "nodes.pay.skip_if"),
        ({"nodes": skipped, "pay": node}, "nodes.nodes.skip_if"),
        ({"pay": repeated}, "nodes.pay.iterate.until"),
        ({"pay": {"group": {"start": ["a"], "nodes": {"a": skipped}}}}, "nodes.pay.group.nodes.a.skip_if"),
    ):
        (problem,) = [one for one in refused(nodes) if one.where == where + place]
        assert problem.message.startswith(message)
        assert mend in problem.mend
    definition = parse_value({"onecloud": 1, "name": "Pay", "start": "pay", "nodes": {"pay": conditional}}).definition
    told = check(definition, catalog()).problems
    (problem,) = [one for one in told if one.where == f"nodes.pay.inputs.condition{place}"]
    assert problem.message.startswith(message)
    assert mend in problem.mend


def test_every_fault_of_a_condition_is_told_at_once() -> None:
    condition = {"all": [{"value": 1, "is": "equals", "other": 1}, {"value": "1", "is": "bigger", "than": 2}]}
    places = [one.where for one in refused({"pay": {"command": "files.create", "skip_if": condition}})]
    assert sorted(places) == [f"nodes.pay.skip_if.all{end}" for end in ("[0].value", "[1].is", "[1].than")]


def test_a_fault_in_a_file_has_the_line_of_its_place() -> None:
    text = """onecloud: 1
name: Pay
start: pay
nodes:
  pay:
    command: files.create
    skip_if:
      all:
        - {value: x, is: not_null}
        - value: x
          is: equal
          other: y
"""
    with pytest.raises(Invalid) as caught:
        parse_document(text)
    (problem,) = caught.value.problems
    assert (problem.where, problem.message.startswith("Line 11: ")) == ("nodes.pay.skip_if.all[1].is", True)
