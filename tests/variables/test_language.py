"""Templates: reading, printing, and what is said about one that cannot be read."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from onecloud.variables.language import near, parse
from onecloud.variables.model import SYSTEM, Piece, Pipe, Piped, Reference, Scope, Template, TemplateFault, Text
from tests.variables.strategies import piped, piped_templates, references

# What references are made of, so that many of them can be read.
words = st.sampled_from(
    ["${{", "}}", " ", "input", ".a", "[0]", "|", "round", "add", "split", "replace", "(", ")", ",", "1", "-0.5", '"a"']
)


def read_or_fault(text: str) -> Template | TemplateFault:
    try:
        return parse(text)
    except TemplateFault as fault:
        return fault


@given(piped_templates)
@example(Template((Text("a$$"), Reference("input", ("x",)), Text("$"))))
def test_a_printed_template_reads_as_the_same_template(template: Template) -> None:
    assert parse(str(template)) == template


@given(st.one_of(st.text(alphabet='${}[]". \nabnode', max_size=60), st.lists(words, max_size=12).map("".join)))
def test_any_text_is_read_or_refused_with_a_place_inside_it(text: str) -> None:
    read = read_or_fault(text)
    if isinstance(read, Template):
        assert parse(str(read)) == read
    else:
        assert 1 <= read.position <= len(text) + 1
        assert read.mend


@given(piped_templates)
def test_the_offsets_cut_the_text_into_its_pieces(template: Template) -> None:
    text = str(template)
    read = parse(text)
    assert "".join(text[piece.start : piece.end] for piece in read.pieces) == text
    for piece in read.pieces:
        if not isinstance(piece, Text):
            assert parse(text[piece.start : piece.end]).single == piece
        if isinstance(piece, Piped):
            assert [text[pipe.start : pipe.end] for pipe in piece.pipes] == [str(pipe) for pipe in piece.pipes]
            assert [text[r.start : r.end] for r in piece.references] == [str(r) for r in piece.references]


@given(st.one_of(references(), piped), st.text(alphabet=" \n\t", max_size=3), st.text(alphabet=" \n\t", max_size=3))
def test_blanks_inside_the_braces_mean_nothing(reference: Reference | Piped, before: str, after: str) -> None:
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
        ("${{ input.a|trim }}", (Piped(Reference("input", ("a",)), (Pipe("trim"),)),)),
        (
            '${{ input.a | replace( "}}" , "|" ) | round(-1)}}!',
            (Piped(Reference("input", ("a",)), (Pipe("replace", ("}}", "|")), Pipe("round", (-1,)))), Text("!")),
        ),
        (
            "${{ input.a | add(node.b.c[0]) | default({}) }}",
            (
                Piped(
                    Reference("input", ("a",)),
                    (Pipe("add", (Reference("node", ("b", "c", 0)),)), Pipe("default", ({},))),
                ),
            ),
        ),
        ("${{ input.größe }}", (Reference("input", ("größe",)),)),
    ],
)
def test_examples_are_read_as_documented(text: str, pieces: tuple[Piece, ...]) -> None:
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
        ("${{ input.a | }}", 15, "a transformation's name must follow |"),
        ("${{ input.a | upper }}", 15, "no transformation `upper`. Did you mean `uppercase`?"),
        ("${{ input.a | round(1 }}", 20, "the arguments are not closed. Write round(decimals?)."),
        ("${{ input.a | round(", 21, "the arguments are not closed"),
        ("${{ input.a | round(1, 2) }}", 15, "`round` takes at most 1 argument, not 2"),
        ("${{ input.a | replace(1) }}", 15, "`replace` takes 2 arguments, not 1. Write replace(old, new)."),
        ("${{ input.a | slice }}", 15, "`slice` takes 1 to 2 arguments, not 0"),
        ("${{ input.a | trim(1) }}", 15, "`trim` takes no arguments. Write trim."),
        ("${{ input.a | split('x') }}", 21, 'Write "text" in double quotes'),
        ("${{ input.a | split(x) }}", 21, "the argument cannot be read"),
        ("${{ input.a | add(input) }}", 19, "`input` needs a name"),
        ("${{ input.a | add(1.00000000000000000001) }}", 19, "more digits than a JSON number keeps"),
        ("${{ input.a | add(NaN) }}", 19, "the argument cannot be read"),
        ('${{ input.a | add("x") }}', 19, "`add`: `number` is not a number"),
        ("${{ input.a | round(1.5) }}", 21, "`round`: `decimals` is not a whole number"),
        ("${{ input.a | pad_left(100000) }}", 24, "`length` must be from 0 to 10000"),
        ('${{ input.a | date_math("add", 1, "month") }}', 35, "`unit` is one of `seconds`"),
        ('${{ input.a | date_math("add", 1, "month") }}', 35, "Did you mean `months`"),
        ('${{ input.a | format_date("%q") }}', 27, "`%q` is no code"),
        ('${{ input.a | pick_path("a..b") }}', 25, "at character 2 of the path a name must follow the dot"),
        ('${{ input.a | split("") }}', 21, "`separator` is empty"),
        ("${{ input.a | length | sort }}", 24, "`sort` cannot work on the number that `length` gives"),
        ("${{ input.a " + "| trim " * 51 + "}}", 365, "more than 50 transformations"),
        ("${{ input.a | round(" + "1," * 30 + "1) }}", 61, "more than 20 arguments"),
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
