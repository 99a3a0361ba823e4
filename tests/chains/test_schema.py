"""The published JSON Schema: up to date, and of one mind with the check where it can be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonschema
import pytest
from jsonschema import Draft202012Validator

from onecloud import chains
from onecloud.chains.catalog import catalog
from onecloud.chains.document import document_value, parse_document
from onecloud.chains.fields import PARTS, ChainDocument, fields_of
from onecloud.chains.schema import document_schema, schema_text
from onecloud.chains.yamltext import read
from tests.chains.make import SPECS, document

PUBLISHED = Path(chains.__file__).with_name("chain.schema.json")
SCHEMA = Draft202012Validator(document_schema(SPECS))


def accepts(inputs: str, command: str = "box.read") -> bool:
    """Whether the schema takes a node with these inputs."""
    value: Any = read(document(f"a: {{command: {command}, inputs: {inputs}}}")).value
    return not list(SCHEMA.iter_errors(value))  # pyright: ignore[reportUnknownMemberType] - jsonschema has no types


def test_the_published_schema_is_up_to_date() -> None:
    assert PUBLISHED.read_text(encoding="utf-8") == schema_text(catalog()), "run `make gen`"


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(document_schema(catalog()))


@pytest.mark.parametrize(
    "inputs",
    [
        "{path: x}",
        "{path: '${{ node.b.file }}'}",
        "{path: x, limit: 5}",
        "{path: x, limit: '${{ input.n }}'}",
        "{path: x, mode: '${{ input.n }}'}",
        "{path: x, columns: '${{ input.n }}'}",
        "{path: x, columns: [a, '${{ input.n }}']}",
        "{path: x, deep: {k: '${{ input.n }}'}}",
        "{path: x, deep: {k: [1, '${{ input.n }}']}}",
        "{path: x, anything: {a: [1, null]}}",
    ],
)
def test_values_and_references_are_accepted_at_any_depth(inputs: str) -> None:
    assert accepts(inputs)


@pytest.mark.parametrize(
    "inputs",
    [
        "{}",
        "{path: x, limt: 5}",
        "{path: x, limit: many}",
        "{path: x, limit: 0}",
        "{path: x, mode: sheet}",
        "{path: x, columns: [a, [b]]}",
        "{path: x, deep: {k: [1, no]}}",
        "{path: {kind: file, name: n, blob: b, size_bytes: 1}}",
    ],
)
def test_what_the_check_refuses_the_schema_refuses(inputs: str) -> None:
    assert not accepts(inputs)


def test_required_inputs_may_not_be_left_out_altogether() -> None:
    value: Any = read(document("a: {command: box.read}")).value
    with pytest.raises(jsonschema.ValidationError, match="'inputs' is a required property"):
        SCHEMA.validate(value)  # pyright: ignore[reportUnknownMemberType] - jsonschema has no types


def test_an_unknown_command_is_refused() -> None:
    assert not accepts("{path: x}", "box.raed")


def test_a_written_document_is_accepted() -> None:
    text = document(
        "a: {command: shop.sell, connection: c, inputs: {path: x}, retries: 2, timeout_s: 5, ignore_exit_codes: [1]}",
        more="inputs: [{name: d, type: dropdown, options: [x]}]\nvariables: [{name: v, value: a}]\n",
    )
    value: Any = document_value(parse_document(text).definition)
    SCHEMA.validate(value)  # pyright: ignore[reportUnknownMemberType] - jsonschema has no types


def test_every_field_of_the_document_is_described() -> None:
    for part in (ChainDocument, *PARTS.values()):
        assert part.__doc__
        assert [field.name for field in fields_of(part) if not field.description] == []
