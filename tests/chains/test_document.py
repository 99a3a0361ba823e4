"""The chain document: read, refused with line and mend, and written so that it reads back the same."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onecloud.chains.codec import decode, encode
from onecloud.chains.document import document_text, document_value, parse_document, parse_value
from onecloud.chains.model import ChainVariable, Definition, InputType, Link, Node, OnError, RuntimeInput, When
from onecloud.chains.parts.iterate import Iterate
from onecloud.chains.parts.values import ChainOutput, DynamicVariable
from onecloud.kernel.errors import Invalid
from onecloud.kernel.jsonvalue import Json

SMALLEST = "onecloud: 1\nname: Small\nstart: a\nnodes: {a: {command: x.y}}\n"

# Everything that a text may hold: the database and JSON carry no NUL and no half of a surrogate pair.
texts = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=60)
printed = st.from_regex(r"[\w.:#@-]([\w .:#'\"&*!|>%@`{}\[\],?-]{0,20}[\w.:#@-])?", fullmatch=True)
keys = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,12}", fullmatch=True)
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts
values: st.SearchStrategy[Json] = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3), max_leaves=8
)
seconds = st.none() | st.floats(0.001, 1000) | st.integers(1, 1000).map(float)
kinds = st.sampled_from(["text", "number", "boolean", "date", "dropdown", "file"])


@st.composite
def definitions(draw: st.DrawFn) -> Definition:
    """Definitions of any content, right or wrong, that a document can hold."""
    names = draw(st.lists(keys, max_size=4, unique=True))

    def node(key: str, group: str | None = None) -> Node:
        return Node(
            key=key,
            group=group,
            color=draw(st.sampled_from(["", "#3CB702"])),
            mask_outputs=draw(st.none() | st.booleans()),
            iterate=draw(
                st.none() | st.just(Iterate(rows="x")) | st.builds(Iterate, over=st.lists(scalars).map(tuple))
            ),
            command=draw(texts),
            name=draw(texts),
            description=draw(texts),
            connection=draw(st.none() | printed),
            inputs=draw(st.dictionaries(texts, values, max_size=3)),
            timeout_s=draw(seconds),
            retries=draw(st.integers(0, 100)),
            retry_pause_s=draw(seconds) or 0.0,
            ignore_exit_codes=tuple(draw(st.lists(st.integers(-5, 300), max_size=3))),
            on_error=draw(st.sampled_from(OnError)),
        )

    def asked() -> RuntimeInput:
        kind: InputType = draw(kinds)  # type: ignore[assignment]
        default = draw(st.none() | st.booleans() | st.integers() | texts)
        options = tuple(draw(st.lists(printed, max_size=3)))
        return RuntimeInput(draw(printed), kind, draw(texts), draw(texts), draw(st.booleans()), default, options)

    def variable() -> ChainVariable:
        encrypted = draw(st.booleans())
        return ChainVariable(draw(printed), "" if encrypted else draw(texts), encrypted)

    def links() -> tuple[Link, ...]:
        return tuple(Link(draw(keys), draw(keys), draw(st.sampled_from(When))) for _ in range(draw(st.integers(0, 3))))

    def group(key: str) -> tuple[Node, ...]:
        members = draw(st.lists(keys, max_size=3, unique=True))
        starts = tuple(draw(st.lists(keys, max_size=2)))
        return (replace(node(key), starts=starts, links=links()), *(node(member, key) for member in members))

    def nodes() -> tuple[Node, ...]:
        return tuple(part for key in names for part in (group(key) if draw(st.integers(0, 3)) == 0 else (node(key),)))

    return Definition(
        name=draw(printed),
        start=draw(st.sampled_from(["", *names])),
        nodes=nodes(),
        dynamic_variables=tuple(draw(st.lists(st.builds(DynamicVariable, st.just("d"), values), max_size=2))),
        outputs=tuple(draw(st.lists(st.builds(ChainOutput, st.just("o"), values, texts), max_size=2))),
        tags=tuple(draw(st.lists(printed, max_size=2))),
        links=links(),
        description=draw(texts),
        allow_concurrent_runs=draw(st.booleans()),
        inputs=tuple(asked() for _ in range(draw(st.integers(0, 2)))),
        variables=tuple(variable() for _ in range(draw(st.integers(0, 2)))),
    )


@given(definitions())
def test_a_definition_survives_the_document(definition: Definition) -> None:
    text = document_text(definition)
    parsed = parse_document(text)
    assert encode(parsed.definition) == encode(definition)
    assert document_text(parsed.definition) == text, "the text is stable"
    assert parsed.kept == {v.name for v in definition.variables if v.encrypted}


@given(definitions())
def test_a_definition_survives_the_document_as_json(definition: Definition) -> None:
    sent: Json = json.loads(json.dumps(document_value(definition)))
    assert encode(parse_value(sent).definition) == encode(definition)


@given(definitions())
def test_a_definition_survives_storage(definition: Definition) -> None:
    assert decode(encode(definition)) == definition
    assert encode(decode(encode(definition))) == encode(definition)
    encode(definition).encode("ascii")


@given(st.text())
def test_any_text_is_a_chain_or_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse_document(text)
    refused.value.problems[0].sentence().encode()


def test_what_has_its_default_is_not_written() -> None:
    assert document_text(parse_document(SMALLEST).definition) == (
        "onecloud: 1\nname: Small\nstart: a\nnodes:\n  a: {command: x.y}\n"
    )


def test_long_texts_are_written_as_blocks() -> None:
    query = "SELECT region, sum(amount)\nFROM sales\nGROUP BY region\n"
    definition = Definition("Sums", "sum", (Node("sum", "tabular.advanced_query", inputs={"sql": query}),))
    assert "      sql: |\n        SELECT region, sum(amount)\n        FROM sales\n" in document_text(definition)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2024-01-31", "2024-01-31"),
        ("no", "no"),
        ("010", 10),
        ("0x1f", 31),
        ("1e3", 1000.0),
        ("~", None),
        ("12:30", "12:30"),
    ],
)
def test_plain_values_are_read_as_yaml_1_2_has_them(value: str, expected: Json) -> None:
    node = parse_document(SMALLEST.replace("x.y}", f"x.y, inputs: {{v: {value}}}}}")).definition.nodes[0]
    assert (node.inputs["v"], type(node.inputs["v"])) == (expected, type(expected))


def refused(text: str) -> dict[str, str]:
    """Place and sentence of each problem of a document."""
    with pytest.raises(Invalid) as caught:
        parse_document(text)
    assert caught.value.code == "chain.document"
    return {p.where: f"{p.message} {p.mend}" for p in caught.value.problems}


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("", "document", "Start with `onecloud: 1`"),
        ("- a", "document", "Line 1: The document is not a mapping"),
        ("a: [", "document", "Line 1: This is not YAML"),
        ("a: 1\n---\nb: 2", "document", "another document"),
        (SMALLEST + "name: Again\n", "name", 'Line 5: "name" is given twice; first on line 2. Keep one.'),
        (SMALLEST + "nodes: !!python/object:os.system {}\n", "nodes", "twice"),
        ("a: !!python/object:os.system {}", "a", "has no meaning here"),
        ("a: !!set {b}", "a", "has no meaning here"),
        ("a: .inf", "a", "not a number that can be used"),
        ('a: "\\0"', "a", "NUL"),
        ('a: "\\ud800"', "a", "surrogate"),
        ("[" * 5000, "document", "nested"),
        ("a: &x [*x]", "a" + "[0]" * 64, "nested more than 64"),
        ("x" * 1_000_001, "document", "a chain holds 1000000"),
        (SMALLEST.replace("onecloud: 1", "onecloud: 2"), "onecloud", "Line 1: The value must be 1."),
        (SMALLEST.replace("name: Small\n", ""), "name", "`name` is missing."),
        (SMALLEST.replace("Small", "5"), "name", "Line 2: Expected text. Put the value in quotes."),
        (SMALLEST.replace("Small", "' Small'"), "name", "blank at an end"),
        (SMALLEST + "descripton: x\n", "descripton", "Line 5: There is no field `descripton` here. Did you mean `desc"),
        (SMALLEST.replace("{a:", "{a b:"), "nodes.a b", "Line 4: A node's key"),
        (SMALLEST.replace("x.y", "x.y, timout_s: 5"), "nodes.a.timout_s", "Did you mean `timeout_s`?"),
        (SMALLEST.replace("x.y", "x.y, timeout_s: '5'"), "nodes.a.timeout_s", "Write it without quotes."),
        (SMALLEST.replace("x.y", "x.y, timeout_s: 0"), "nodes.a.timeout_s", "greater than 0"),
        (SMALLEST.replace("x.y", "x.y, retries: 101"), "nodes.a.retries", "less than or equal to 100"),
        (SMALLEST.replace("x.y", "x.y, on_error: stop"), "nodes.a.on_error", "'continue', 'exit' or 'pause'"),
        (SMALLEST + "links: [{from: a}]\n", "links[0].to", "`to` is missing."),
        (SMALLEST + "links: [{from: a, to: a, when: failed}]\n", "links[0].when", "'success', 'warning', 'failure'"),
        (SMALLEST + "inputs: [{name: x, default: [1]}]\n", "inputs[0].default", "one text, number, true or false"),
        (SMALLEST + "variables: [{name: x}]\n", "variables[0].value", "missing"),
        (SMALLEST + "variables: [{name: x, value: null}]\n", "variables[0].value", "Only an encrypted"),
        (SMALLEST + "variables: [{name: x, value: 5}]\n", "variables[0].value", "Put the value in quotes."),
    ],
)
def test_a_fault_names_line_place_and_mend(text: str, place: str, words: str) -> None:
    assert words in refused(text)[place]


@pytest.mark.parametrize("text", ["?x", ":x", "? x", ":", "?", "-x", "- x", ":::", "a: b", "a #b", "[x", "%x"])
def test_marks_of_the_writing_are_quoted_wherever_they_stand(text: str) -> None:
    inputs: dict[str, Json] = {"v": text, text: "x", "list": [text], "map": {text: text}}
    definition = Definition("Marks", "a", (Node("a", "x.y", description=text, inputs=inputs),))
    assert parse_document(document_text(definition)).definition == definition


def deep(levels: int) -> Json:
    value: Json = "x"
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("value", "place", "words"),
    [
        ([], "document", "The document is not a mapping"),
        ({"onecloud": 1}, "name", "`name` is missing."),
        ({"a": "\x00"}, "a", "NUL"),
        ({"a": "\ud800"}, "a", "surrogate"),
        ({"\ud800": 1}, "document", "surrogate"),
        ({"a": float("inf")}, "a", "not a number that can be used"),
        ({"a": 10**400}, "a", "too many digits"),
        ({"a": deep(100_000)}, "a" + "[0]" * 64, "nested more than 64"),
        ({"a": [0] * 50_000}, "a[1]", "larger than 50000 values"),
        ({"a": ["x" * 600_000, "x" * 600_000]}, "document", "more than 1000000 characters"),
    ],
)
def test_a_fault_of_a_json_document_names_place_and_mend(value: Json, place: str, words: str) -> None:
    with pytest.raises(Invalid) as caught:
        parse_value(value)
    assert {p.where for p in caught.value.problems} >= {place}
    assert words in " ".join(p.sentence() for p in caught.value.problems)


def test_a_draft_may_be_as_empty_as_a_new_chain() -> None:
    empty = parse_value({"onecloud": 1, "name": "New"}).definition
    assert (empty.start, empty.nodes) == ("", ())
    assert document_value(empty) == {"onecloud": 1, "name": "New"}


def test_aliases_cannot_multiply_without_end() -> None:
    bomb = "a0: &a0 [x, x]\n" + "".join(f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]\n" for i in range(1, 40))
    assert "larger than 50000 values" in next(iter(refused(bomb).values()))


def test_every_fault_of_the_fields_is_told_at_once() -> None:
    assert len(refused("onecloud: 2\nnam: x\nnodes: {a: {comand: x}}\n")) == 4


def test_a_refused_document_does_not_repeat_values() -> None:
    text = SMALLEST + "variables: [{name: x, value: {deep: s3cret}, encrypted: true}]\n"
    with pytest.raises(Invalid) as caught:
        parse_document(text)
    assert "s3cret" not in repr(caught.value.problems) + str(caught.value)
    assert caught.value.__cause__ is None
