"""Finding references in values and replacing them."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onecloud.connector.context import FileRef
from onecloud.kernel.jsonvalue import Json
from onecloud.kernel.secret import Secret
from onecloud.variables import rules
from onecloud.variables.model import Known, Reference, Resolved, Template, TemplateFault, Text, Unresolved
from tests.variables.strategies import json_values, references, templates

FILE = FileRef(name="sales.csv", blob="b/1", size_bytes=12, media_type="text/csv")
KNOWN = Known(
    workspace={"base": "2020-03", "password": Secret("s3cret"), "settings": '{"region": {"codes": ["N", "S"]}}'},
    chain={"threshold": "10"},
    input={"count": 3, "rate": 10.0, "yes": True, "none": None, "tags": ["a", 1], "where": {"k": "ä"}},
    system={"chain_name": "Sales"},
    node={
        "read": {"file": FILE, "rows": [{"id": 1}, {"id": 2}], "status": "succeeded", "exit_code": 0},
        "login": {"token": Secret('{"access": "t0k", "n": 1}'), "both": {"a": 1, "s": Secret("hid")}},
    },
    dynamic={"counter": 4, "page": '{"next": "p2"}'},
    iteration={"value": {"id": 7, "tags": ["x"]}, "index": 2, "first": False, "last": True, "total": 3},
    group={"value": "North", "index": 0, "first": True},
)


def resolved(value: Json) -> Resolved:
    return rules.resolve(value, lambda reference: rules.look_up(KNOWN, reference))


def no_lookup(reference: Reference) -> Resolved:
    raise AssertionError(f"asked for {reference}")


plain_texts = st.text(max_size=20).filter(lambda text: "${{" not in text)


@given(json_values(plain_texts))
def test_a_value_without_references_stays_as_it_is(value: Json) -> None:
    assert rules.resolve(value, no_lookup) == value
    assert rules.references(value) == []


@given(templates())
def test_no_literal_text_is_lost_and_every_reference_is_asked_for_once_in_order(template: Template) -> None:
    asked: list[Reference] = []

    def lookup(reference: Reference) -> Resolved:
        asked.append(reference)
        return f"<{len(asked)}>"

    count = 0
    expected = ""
    for piece in template.pieces:
        if isinstance(piece, Text):
            expected += piece.text
        else:
            count += 1
            expected += f"<{count}>"
    assert rules.resolve(str(template), lookup) == expected
    assert asked == list(template.references)


@given(references(), json_values(st.text(max_size=5)))
def test_a_field_that_is_exactly_one_reference_keeps_type_and_value(reference: Reference, value: Json) -> None:
    given = rules.resolve({"deep": [f"${{{{ {reference} }}}}"]}, lambda _: value)
    assert given == {"deep": [value]}
    assert json.dumps(given) == json.dumps({"deep": [value]})  # 1, 1.0 and True are equal to Python and not to JSON


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_in_text_is_the_same_number_again(number: float) -> None:
    text = rules.number_text(number)
    assert float(text) == number
    assert not text.endswith(".0")


@given(json_values(templates().map(str)))
def test_references_are_found_at_any_depth_and_named_by_place(value: Json) -> None:
    found = rules.references(value)
    asked: list[Reference] = []

    def lookup(reference: Reference) -> Resolved:
        asked.append(reference)
        return ""

    rules.resolve(value, lookup)
    assert [reference for _, reference in found] == asked
    assert {where for where, _ in found} <= {where for where, _ in rules.texts(value)}


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("Period ${{ workspace.base }}", "Period 2020-03"),
        ("${{ input.count }}", 3),
        ("${{ input.count }} rows", "3 rows"),
        ("${{ input.rate }} percent", "10 percent"),
        ("${{ input.rate }}", 10.0),
        ("is ${{ input.yes }}", "is true"),
        ("[${{ input.none }}]", "[]"),
        ("${{ input.none }}", None),
        ("t=${{ input.tags }}", 't=["a",1]'),
        ("w=${{ input.where }}", 'w={"k":"ä"}'),
        ("${{ input.where.k }}", "ä"),
        ("${{ node.read.rows[-1].id }}", 2),
        ("${{ node.read.file }}", FILE),
        ("${{ node.read.file.name }}", "sales.csv"),
        ("${{ node.read.file.size_bytes }} bytes", "12 bytes"),
        ("${{ workspace.settings.region.codes[1] }}", "S"),
        ("${{ node.read.exit_code }}", 0),
        ("${{ dynamic.counter }}", 4),
        ("${{ dynamic.page.next }}", "p2"),
        ("${{ iteration.value.tags[0] }}", "x"),
        ("${{ iteration.value }}", {"id": 7, "tags": ["x"]}),
        ("${{ iteration.last }}", True),
        ("pass ${{ iteration.index }} of ${{ iteration.total }}", "pass 2 of 3"),
        ("${{ group.value }} ${{ group.first }}", "North true"),
        ("$$${{ chain.threshold }}", "$10"),
        ("$${{ chain.threshold }}", "${{ chain.threshold }}"),
        ("${{ workspace.password }}", Secret("s3cret")),
        ("pw=${{ workspace.password }}", Secret("pw=s3cret")),
        ("${{ node.login.token.access }}", Secret("t0k")),
        ("${{ node.login.token.n }}", Secret("1")),
        ("x ${{ node.login.both }}", Secret('x {"a":1,"s":"hid"}')),
    ],
)
def test_values_take_their_place_as_documented(template: str, expected: Resolved) -> None:
    given = resolved(template)
    assert given == expected
    assert type(given) is type(expected)


@pytest.mark.parametrize(
    ("template", "part"),
    [
        ("${{ workspace.bse }}", "there is no workspace variable `bse`. Did you mean `base`?"),
        ("${{ chain.x }}", "there is no chain variable `x`. There are: `threshold`."),
        ("${{ input.cuont }}", "Did you mean `count`?"),
        ("${{ system.chain_url }}", "there is no system value `chain_url`"),
        ("${{ dynamic.cuonter }}", "there is no dynamic chain variable `cuonter`. Did you mean `counter`?"),
        ("${{ group.total }}", "there is no `group.total`: a repeat until does not know beforehand when it ends"),
        ("${{ iteration.value.idd }}", "has no field `idd`. Did you mean `id`"),
        ("${{ node.raed.file }}", "node `raed` has no result before this node. Did you mean `read`"),
        ("${{ node.read.flie }}", "node `read` has no output `flie`. Did you mean `file`"),
        ("${{ node.read.rows[2] }}", "there is no item [2]. The list has 2 items"),
        ("${{ node.read.rows.id }}", "Take an item by position: [0]."),
        ("${{ node.read.rows[0].idd }}", "has no field `idd`. Did you mean `id`"),
        ("${{ workspace.base.year }}", "text and not JSON"),
        ("${{ chain.threshold.x }}", "leads nowhere, the value is a single int"),
        ("${{ node.read.status.x }}", "text and not JSON"),
        ("${{ input.none.x }}", "the value is nothing (null)"),
        ("${{ node.read.file.blob }}", "has no field `blob`"),
        ("a ${{ node.read.file }}", "is a file and cannot be part of a text. Let the reference stand alone"),
    ],
)
def test_a_reference_that_leads_nowhere_says_what_there_is(template: str, part: str) -> None:
    with pytest.raises(Unresolved) as caught:
        resolved({"rows": ["", {"a b": template}]})
    assert part in str(caught.value)
    assert caught.value.where == 'rows[1]["a b"]'


def test_a_fact_of_a_pass_outside_any_iterator_says_what_is_missing() -> None:
    for template, part in (
        (
            "${{ iteration.value }}",
            "`iteration.value`: this node has no iterator of its own. Give the node an iterator",
        ),
        ("${{ group.index }}", "`group.index`: this node is in no group that iterates. Give the group an iterator"),
    ):
        with pytest.raises(Unresolved) as caught:
            rules.resolve(template, lambda reference: rules.look_up(Known(), reference))
        assert part in str(caught.value)


def test_a_file_within_a_list_or_as_its_stored_object_is_no_text_either() -> None:
    for value in ([FILE], FILE.model_dump()):
        with pytest.raises(Unresolved, match="is a file"):
            rules.resolve("x ${{ input.f }}", lambda _, value=value: value)


def test_a_wrong_path_into_a_secret_does_not_tell_what_it_holds() -> None:
    with pytest.raises(Unresolved) as caught:
        resolved("${{ node.login.token.acces }}")
    assert "access" not in str(caught.value)
    assert "t0k" not in str(caught.value)


def test_an_unreadable_text_is_named_by_its_place() -> None:
    value: Json = {"a": ["ok", "${{ input }}"], "b": "${{ x"}
    with pytest.raises(TemplateFault, match=r"^a\[1\]: at character 5"):
        rules.references(value)
    with pytest.raises(TemplateFault, match=r"^a\[1\]: at character 5"):
        resolved(value)
    assert [problem.where for problem in rules.faults(value)] == ["a[1]", "b"]


def test_keys_of_objects_are_literal() -> None:
    assert resolved({"${{ input.count }}": 1}) == {"${{ input.count }}": 1}
