"""Templates: reading, printing, and what is said about one that cannot be read."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from onecloud.variables.language import near, parse
from onecloud.variables.model import SYSTEM, Reference, Scope, Template, TemplateFault, Text
from tests.variables.strategies import references, templates


def read_or_fault(text: str) -> Template | TemplateFault:
    try:
        return parse(text)
    except TemplateFault as fault:
        return fault


@given(templates())
@example(Template((Text("a$$"), Reference("input", ("x",)), Text("$"))))
def test_a_printed_template_reads_as_the_same_template(template: Template) -> None:
    assert parse(str(template)) == template


@given(st.text(alphabet='${}[]". \nabnode', max_size=60))
def test_any_text_is_read_or_refused_with_a_place_inside_it(text: str) -> None:
    read = read_or_fault(text)
    if isinstance(read, Template):
        assert parse(str(read)) == read
    else:
        assert 1 <= read.position <= len(text) + 1
        assert read.mend


@given(templates())
def test_the_offsets_cut_the_text_into_its_pieces(template: Template) -> None:
    text = str(template)
    read = parse(text)
    assert "".join(text[piece.start : piece.end] for piece in read.pieces) == text
    for reference in read.references:
        assert parse(text[reference.start : reference.end]).single == reference


@given(references(), st.text(alphabet=" \n\t", max_size=3), st.text(alphabet=" \n\t", max_size=3))
def test_blanks_inside_the_braces_mean_nothing(reference: Reference, before: str, after: str) -> None:
    assert parse(f"${{{{{before}{reference}{after}}}}}").single == reference


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("", ()),
        ("plain", (Text("plain"),)),
        ("{{ not ours }} $ {", (Text("{{ not ours }} $ {"),)),
        ("$${{ literal }}", (Text("${{ literal }}"),)),
        ("$$$${{", (Text("$${{"),)),
        ("$$${{ input.price }}", (Text("$"), Reference("input", ("price",)))),
        ("a ${{workspace.KEY}} b", (Text("a "), Reference("workspace", ("KEY",)), Text(" b"))),
        ("${{ node.read.rows[0].name }}", (Reference("node", ("read", "rows", 0, "name")),)),
        ("${{ node.read.rows[-1] }}", (Reference("node", ("read", "rows", -1)),)),
        ('${{ input["Report }} month"] }}', (Reference("input", ("Report }} month",)),)),
        ("${{ input.a }}${{ chain.b-c }}", (Reference("input", ("a",)), Reference("chain", ("b-c",)))),
        ("${{ dynamic.counter }}", (Reference("dynamic", ("counter",)),)),
        ("${{ iteration.value[0].id }}", (Reference("iteration", ("value", 0, "id")),)),
        ("${{ group.index }}", (Reference("group", ("index",)),)),
        ("${{ input.größe }}", (Reference("input", ("größe",)),)),
    ],
)
def test_examples_are_read_as_documented(text: str, pieces: tuple[Text | Reference, ...]) -> None:
    assert parse(text).pieces == pieces


@pytest.mark.parametrize(
    ("text", "position", "part"),
    [
        ("ab ${{ input.x", 4, "not closed"),
        ("${{ }}", 5, "begins with a scope"),
        ("${{ inputs.x }}", 5, "Did you mean `input`?"),
        ("${{ input }}", 5, "Write input.NAME"),
        ("${{ input[0] }}", 5, "not a position"),
        ("${{ input. }}", 10, "a name must follow the dot"),
        ("${{ node.read }}", 5, "node.read.OUTPUT"),
        ("${{ node.read[0] }}", 5, "node.read.OUTPUT"),
        ("${{ system.chain_nam }}", 5, "Did you mean `chain_name`"),
        ("${{ system.date.year }}", 5, "not a system value"),
        ("${{ iteration }}", 5, "Write iteration.NAME"),
        ("${{ iteration.valu }}", 5, "`iteration` has no `valu`. Did you mean `value`?"),
        ("${{ group.number }}", 5, "There are: `first`, `index`, `last`, `total`, `value`."),
        ("${{ iteration.index.x }}", 5, "`iteration.index` has no parts. Write iteration.index"),
        ("${{ dynamic }}", 5, "Write dynamic.NAME"),
        ("${{ input.a[x] }}", 13, 'Write [0], [-1] or ["name"]'),
        ("${{ input.a[0 }}", 12, "Add ]"),
        ('${{ input["a }}', 11, "cannot be read"),
        ("${{ input.a + 1 }}", 13, "`+` cannot stand here"),
        ("${{ input.a }", 13, "`}` cannot stand here"),
    ],
)
def test_a_fault_names_the_character_and_the_mend(text: str, position: int, part: str) -> None:
    with pytest.raises(TemplateFault) as caught:
        parse(text)
    assert caught.value.position == position
    assert part in str(caught.value)


def test_every_system_name_can_be_written() -> None:
    scope: Scope = "system"
    for name in SYSTEM:
        assert parse(f"${{{{ system.{name} }}}}").single == Reference(scope, (name,))


def test_near_names_come_first_and_a_long_list_is_cut_with_its_rest_counted() -> None:
    assert near("treshold", ["threshold", "period"]) == "Did you mean `threshold`?"
    assert near("x", []) == "There are none."
    assert near("zzz", ["b", "a"]) == "There are: `a`, `b`."
    assert near("zzz", [f"n{i}" for i in range(10)]).endswith("`n7` and 2 more.")
