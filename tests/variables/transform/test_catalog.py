"""What holds for every transformation: its words, its examples, its bounds."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onecloud.kernel.jsonvalue import Json, dump
from onecloud.variables.model import Known, Pipe, Piped, Reference
from onecloud.variables.rules import look_up, parse, resolve
from onecloud.variables.transform import CATALOG, PipeFault, applied, settled, usage
from tests.variables.strategies import json_values, pipes


@pytest.mark.parametrize(
    ("name", "index"), [(name, at) for name in CATALOG for at in range(len(CATALOG[name].examples))]
)
def test_an_example_is_true_also_as_one_writes_it(name: str, index: int) -> None:
    example = CATALOG[name].examples[index]
    arguments = ", ".join(dump(argument) for argument in example.arguments)
    template = f"${{{{ input.x | {name}{f'({arguments})' if arguments else ''} }}}}"
    came = resolve(template, lambda reference: look_up(Known(input={"x": example.value}), reference))
    assert json.dumps(came) == json.dumps(example.result)
    assert str(parse(template)) == template


def test_every_transformation_is_described_and_shown() -> None:
    assert len(CATALOG) > 25
    for name, transformation in CATALOG.items():
        assert re.fullmatch(r"[a-z_]+", name)
        assert transformation.name == name
        assert transformation.title[0].isupper()
        assert transformation.description.endswith(".")
        assert transformation.examples
        optional = [parameter.optional for parameter in transformation.parameters]
        assert optional == sorted(optional), f"{name}: optional parameters come last"
        for parameter in transformation.parameters:
            assert parameter.description.endswith(".")
            assert parameter.name in usage(transformation)
            assert (parameter.least is None) is (parameter.kind != "whole")
            assert bool(parameter.choices) is (parameter.kind == "choice")


@given(
    st.sampled_from(sorted(CATALOG)),
    json_values(st.text(max_size=5)),
    st.lists(json_values(st.text(max_size=3)), max_size=4),
)
def test_any_value_with_any_arguments_is_transformed_or_refused_in_words(
    name: str, value: Json, arguments: list[Json]
) -> None:
    told = ""
    try:
        json.dumps(settled(applied(CATALOG[name], value, arguments)), allow_nan=False)
    except PipeFault as fault:
        told = str(fault)
    assert not told or told.endswith(".")


@given(pipes())
def test_transformations_that_fit_are_read_as_they_are_written(given_pipes: tuple[Pipe, ...]) -> None:
    piped = Piped(Reference("input", ("x",)), given_pipes)
    assert parse(f"${{{{ {piped} }}}}").single == piped
