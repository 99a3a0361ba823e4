"""Values through transformations: their type, their place, and secrets that stay secret."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onecloud.connector.context import FileRef
from onecloud.kernel.jsonvalue import dump
from onecloud.kernel.secret import Secret
from onecloud.variables.model import Known, Pipe, Piped, Reference, Resolved, Template, Unresolved
from onecloud.variables.piping import piped_value
from onecloud.variables.rules import look_up, references, resolve
from onecloud.variables.transform import CATALOG
from tests.variables.strategies import argument_of

KNOWN = Known(
    workspace={"password": Secret("s3cret"), "settings": Secret('{"codes": ["x1", "x2"]}'), "base": "2020-03"},
    input={"count": 3, "rate": 0.1, "none": None, "text": " ab ", "n": 2},
    node={
        "read": {
            "file": FileRef(name="sales.csv", blob="b/1", size_bytes=12),
            "files": [FileRef(name="a", blob="b/2", size_bytes=1).model_dump()],
            "json": {"rows": [{"id": 2}, {"id": 1}], "next": None},
            "both": [1, Secret("hid")],
        }
    },
)


def resolved(template: str) -> Resolved:
    return resolve(template, lambda reference: look_up(KNOWN, reference))


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("${{ input.count | add(1) }}", 4),
        ("${{ input.rate | add(0.2) }}", 0.3),
        ("${{ input.count | add(1) }} rows", "4 rows"),
        ("[${{ input.text | trim | uppercase }}]", "[AB]"),
        ("${{ input.count | add(input.n) | multiply(node.read.json.rows[0].id) }}", 10),
        ('${{ node.read.json | pick_path("rows[*].id") | sort }}', [1, 2]),
        ('${{ node.read.json.rows | sort("ascending", "id") | pick(0) | pick_path("id") }}', 1),
        ('${{ node.read.json.next | default("none") }}', "none"),
        ("${{ node.read.json.gone | default(0) }}", 0),
        ('${{ node.read.json.gone.deep | default(null) | default("x") }}', "x"),
        ("${{ input.none | default(input.text) | length }}", 4),
        ('${{ workspace.base | date_math("add", 10, "months") }}', "2021-01"),
        ('${{ node.read.file.name | split(".") | pick(-1) }}', "csv"),
        ("${{ node.read.files | pick(0) | default(1) }}", FileRef(name="a", blob="b/2", size_bytes=1).model_dump()),
        ("${{ workspace.password | uppercase }}", Secret("S3CRET")),
        ("${{ workspace.password | length }}", Secret("6")),
        ('${{ workspace.settings | parse_json | pick_path("codes") }}', Secret('["x1","x2"]')),
        ('${{ workspace.settings | pick_path("codes[1]") }}', Secret("x2")),
        ('${{ input.text | replace("a", workspace.password) }}', Secret(" s3cretb ")),
        ('x ${{ input.text | trim | replace("a", workspace.password) }}', Secret("x s3cretb")),
        ("${{ node.read.both | pick(0) }}", Secret("1")),
        ("${{ workspace.password | default(1) | slice(9) }}", Secret("")),
    ],
)
def test_values_come_out_as_documented(template: str, expected: Resolved) -> None:
    came = resolved(template)
    assert came == expected
    assert type(came) is type(expected)


@pytest.mark.parametrize(
    ("template", "message", "part"),
    [
        ("a ${{ input.text | add(1) }}", "`input.text`: `add`: it needs a number, and this is a text", "add(1)"),
        ("${{ node.read.file | trim }}", "`trim`: it needs a text, and this is a file. Take its `.name`", "trim"),
        ("${{ node.read.json.gone | trim }}", "has no field `gone`", "${{ node.read.json.gone | trim }}"),
        ("${{ input.count | add(input.cuont) }}", "Did you mean `count`?", "input.cuont"),
        ("${{ input.none | trim | default(1) }}", 'Put `default("…")` before it.', "trim"),
        ("${{ input.rate | add(100000000000000000) }}", "`add`: the number has more digits", "add(100000000000000000)"),
        ('${{ input.text | pick_path("a") }}', 'this is a text (" ab ")', 'pick_path("a")'),
    ],
)
def test_a_fault_names_the_transformation_and_its_part_of_the_text(template: str, message: str, part: str) -> None:
    with pytest.raises(Unresolved) as caught:
        resolve({"rows": [template]}, lambda reference: look_up(KNOWN, reference))
    assert message in str(caught.value)
    assert caught.value.where == "rows[0]"
    start, end = caught.value.span
    assert template[start:end] in {part, "node.read.json.gone"}


SECRET = "k9Zq7-hush"
secrets: st.SearchStrategy[str] = st.sampled_from(
    [SECRET, f" {SECRET} ", dump([SECRET]), dump({"a": SECRET}), f"{SECRET},{SECRET}", f"-{SECRET}", f'["{SECRET}"']
)


@given(st.sampled_from(sorted(CATALOG)), secrets, st.data())
def test_a_secret_stays_secret_whatever_it_passes_through(name: str, text: str, data: st.DataObject) -> None:
    transformation = CATALOG[name]
    arguments = tuple(data.draw(argument_of(parameter)) for parameter in transformation.parameters)
    piped = Piped(Reference("workspace", ("pw",)), (Pipe(name, arguments),))
    _never_told(piped, {Reference("workspace", ("pw",)): Secret(text)}, data)


@given(st.sampled_from(sorted(name for name, t in CATALOG.items() if t.parameters)), secrets, st.data())
def test_a_secret_argument_makes_the_result_secret(name: str, text: str, data: st.DataObject) -> None:
    transformation = CATALOG[name]
    secret = Reference("workspace", ("pw",))
    at = data.draw(st.integers(0, len(transformation.parameters) - 1))
    arguments = [data.draw(argument_of(parameter)) for parameter in transformation.parameters]
    arguments[at] = secret
    value = data.draw(st.sampled_from([example.value for example in transformation.examples]))
    piped = Piped(Reference("input", ("x",)), (Pipe(name, tuple(arguments)),))
    _never_told(piped, {secret: Secret(text), Reference("input", ("x",)): value}, data)


def _never_told(piped: Piped, known: Mapping[Reference, Resolved], data: st.DataObject) -> None:
    others: list[Resolved] = [1, "a", "%Y", "add", "days", SECRET[:3]]
    came: Resolved | Unresolved
    try:
        came = piped_value(piped, lambda reference: known.get(reference, data.draw(st.sampled_from(others))))
    except Unresolved as fault:
        came = fault
    assert SECRET.lower() not in str(came).lower()
    assert isinstance(came, Secret | Unresolved)


def test_references_in_arguments_are_found() -> None:
    argument = Reference("node", ("b", "y"))
    piped = Piped(Reference("node", ("a", "x")), (Pipe("trim"), Pipe("replace", ("x", argument))))
    template = str(Template((piped,)))
    assert [reference for _, reference in references({"a": [template]})] == [piped.reference, argument]
