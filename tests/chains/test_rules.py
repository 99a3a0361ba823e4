"""Runtime inputs: every type, every fault."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onecloud.chains.model import RuntimeInput
from onecloud.chains.rules import check_inputs
from onecloud.kernel.errors import Invalid
from onecloud.kernel.jsonvalue import Json, dump, parse

PERIOD = RuntimeInput("period", "text", required=True)
AMOUNT = RuntimeInput("amount", "number")
DRY = RuntimeInput("dry_run", "boolean", default=False)
DAY = RuntimeInput("day", "date")
REGION = RuntimeInput("region", "dropdown", options=("North", "South"), default="North")
ALL = (PERIOD, AMOUNT, DRY, DAY, REGION)

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
anything = st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=5)


def faults(inputs: tuple[RuntimeInput, ...], values: dict[str, Json]) -> dict[str, str]:
    """The message of each refused place."""
    with pytest.raises(Invalid) as caught:
        check_inputs(inputs, values)
    return {p.where: p.message + " " + p.mend for p in caught.value.problems}


def test_left_out_inputs_take_their_default_or_null() -> None:
    assert check_inputs(ALL, {"period": "2024-01"}) == {
        "period": "2024-01",
        "amount": None,
        "dry_run": False,
        "day": None,
        "region": "North",
    }


@pytest.mark.parametrize(
    ("asked", "value", "expected"),
    [
        (PERIOD, 202401, "202401"),
        (PERIOD, " kept as it is ", " kept as it is "),
        (AMOUNT, "12", 12),
        (AMOUNT, " -1.5e3 ", -1500.0),
        (AMOUNT, 7, 7),
        (AMOUNT, "", None),
        (DRY, "TRUE", True),
        (DRY, 0, False),
        (DRY, "", False),
        (DAY, "2024-02-29", "2024-02-29"),
        (REGION, "South", "South"),
        (REGION, None, "North"),
    ],
)
def test_a_value_is_brought_to_its_type(asked: RuntimeInput, value: Json, expected: Json) -> None:
    found = check_inputs((asked,), {asked.name: value})[asked.name]
    assert (found, type(found)) == (expected, type(expected))


@pytest.mark.parametrize(
    ("asked", "value", "words"),
    [
        (PERIOD, "", "required"),
        (PERIOD, None, "required"),
        (PERIOD, ["a"], "got a list"),
        (PERIOD, "x" * 32_769, "32768"),
        (PERIOD, "a\x00b", "NUL"),
        (PERIOD, "\ud800", "surrogate"),
        (AMOUNT, "twelve", '"twelve"'),
        (AMOUNT, "1_000", '"1_000"'),
        (AMOUNT, "nan", '"nan"'),
        (AMOUNT, "9e999", "too large"),
        (AMOUNT, math.inf, "too large"),
        (AMOUNT, True, "a boolean"),
        (DRY, "maybe", "true or false"),
        (DRY, 2, "true or false"),
        (DAY, "2024-02-30", "YYYY-MM-DD"),
        (DAY, "20240229", "YYYY-MM-DD"),
        (DAY, 5, "YYYY-MM-DD"),
        (REGION, "West", "North, South"),
        (REGION, "north", "North, South"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_with_its_mend(asked: RuntimeInput, value: Json, words: str) -> None:
    assert words in faults((asked,), {asked.name: value})[f"inputs.{asked.name}"]


def test_every_fault_is_reported_at_once() -> None:
    found = faults(ALL, {"perod": "x", "amount": "x", "day": "x"})
    assert set(found) == {"inputs.perod", "inputs.period", "inputs.amount", "inputs.day"}
    assert "Did you mean `period`?" in found["inputs.perod"]


def test_problems_start_with_the_callers_own_path() -> None:
    with pytest.raises(Invalid) as caught:
        check_inputs((PERIOD,), {}, where="runtimeVariables")
    assert caught.value.problems[0].where == "runtimeVariables.period"
    assert caught.value.code == "chain.inputs"


def test_a_chain_without_inputs_says_so() -> None:
    assert "There are none." in faults((), {"x": 1})["inputs.x"]


@given(st.dictionaries(st.sampled_from([i.name for i in ALL]) | st.text(), anything))
def test_any_given_values_are_typed_or_refused_and_never_crash(values: dict[str, Json]) -> None:
    try:
        found = check_inputs(ALL, values)
    except Invalid as refused:
        for problem in refused.problems:
            problem.sentence().encode()  # can be sent
        return
    assert list(found) == [i.name for i in ALL]
    assert parse(dump(found).encode()) == found
    assert check_inputs(ALL, found) == found, "a checked value passes again unchanged"
