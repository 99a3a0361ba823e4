"""What the diff of two chains says: nothing left out, nothing secret told, and no rename that is only a guess."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import fields, replace

from hypothesis import given
from hypothesis import strategies as st

from onecloud.chains.diff import Change, Comparable, changes, lines_of
from onecloud.chains.document import document_value, parse_document
from onecloud.chains.model import Definition, Node
from onecloud.kernel.jsonvalue import dump
from tests.chains.test_document import definitions

BASE = """
onecloud: 1
name: Month end
description: Closes the month
tags: [finance]
inputs: [{name: period}, {name: region, type: dropdown, options: [North, South]}]
variables: [{name: folder, value: /in}, {name: key, value: null, encrypted: true}]
start: read
nodes:
  read: {command: files.create, name: Read it, inputs: {name: a.csv, text: x}}
  each:
    iterate: {over: "${{ node.read.file }}"}
    group:
      start: [load]
      nodes:
        load: {command: sql.query, connection: dev, inputs: {sql: "SELECT 1", options: {fetch: 10}}}
        check: {command: script.shell, inputs: {code: "echo 1\\necho 2\\n"}}
      links: [{from: load, to: check}]
  mail: {command: http.request, timeout_s: 30}
links: [{from: read, to: each}, {from: each, to: mail}]
"""


def compared(text: str, **fingerprints: str) -> Comparable:
    """The text as the diff takes it; the encrypted variable `key` has a value unless told otherwise."""
    given = {"key": "k1", "folder": "f1", **fingerprints}
    return Comparable(document_value(parse_document(text).definition), given)


def told(*edits: tuple[str, str], **fingerprints: str) -> list[str]:
    """The changes after replacing texts in the base, each in short."""
    text = BASE
    for old, new in edits:
        assert old in text, f"{old!r} is not in the document"
        text = text.replace(old, new)
    return [short(c) for c in changes(compared(BASE), compared(text, **fingerprints))]


def short(change: Change) -> str:
    place = "/".join(part for part in (change.area, change.name, change.field) if part)
    return f"{change.kind} {place} {dump(change.before)} > {dump(change.after)}"


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Definition, Definition]:
    """Two definitions that share much: fields of the second are put into the first."""
    one, other = draw(definitions()), draw(definitions())
    taken = draw(st.sets(st.sampled_from([f.name for f in fields(Definition)]), max_size=2))
    mixed = replace(one, **{name: getattr(other, name) for name in taken})
    if mixed.nodes and draw(st.booleans()):
        index = draw(st.integers(0, len(mixed.nodes) - 1))
        node = replace(mixed.nodes[index], **draw(st.fixed_dictionaries({}, optional={"name": st.text("ab")})))
        mixed = replace(mixed, nodes=(*mixed.nodes[:index], node, *mixed.nodes[index + 1 :]))
    return one, draw(st.sampled_from([mixed, replace(mixed, nodes=mixed.nodes[::-1], links=mixed.links[::-1])]))


def as_given(definition: Definition) -> Comparable:
    return Comparable(document_value(definition))


@given(pairs())
def test_there_are_no_changes_exactly_when_the_documents_are_equal(pair: tuple[Definition, Definition]) -> None:
    one, other = as_given(pair[0]), as_given(pair[1])
    assert changes(one, one) == ()
    assert (changes(one, other) == ()) == (dump(one.document) == dump(other.document))


@given(pairs())
def test_backwards_what_came_goes(pair: tuple[Definition, Definition]) -> None:
    one, other = as_given(pair[0]), as_given(pair[1])
    turned = {"added": "removed", "removed": "added"}

    def seen(found: tuple[Change, ...], kinds: Mapping[str, str]) -> Counter[tuple[str, ...]]:
        # Items without names are aligned, and an alignment need not be the same backwards.
        plain = [c for c in found if c.kind != "renamed" and "#" not in c.name and "[" not in c.field]
        return Counter((kinds.get(c.kind, c.kind), c.area, c.name, c.field) for c in plain)

    there, back = changes(one, other), changes(other, one)
    if not any(c.kind == "renamed" for c in there):
        assert seen(there, turned) == seen(back, {})
    assert all(dump(c.before) != dump(c.after) for c in there if c.kind == "changed")


def test_each_area_is_told_by_its_own_names() -> None:
    assert told(("Closes the month", "Closes it")) == [
        'changed settings/description "Closes the month" > "Closes it"',
    ]
    assert told(("[finance]", "[finance, daily]")) == ['changed settings/tags ["finance"] > ["finance","daily"]']
    assert told(("name: Month end", "name: Year end")) == ['changed settings/name "Month end" > "Year end"']
    assert told(("timeout_s: 30", "timeout_s: 60")) == ["changed nodes/mail/timeout_s 30 > 60"]
    assert told((", timeout_s: 30", "")) == ["removed nodes/mail/timeout_s 30 > null"]
    assert told(("fetch: 10", "fetch: 20")) == ["changed nodes/load/inputs.options.fetch 10 > 20"]
    assert told(("{name: period}", "{name: period, required: true}")) == [
        "added inputs/period/required null > true",
    ]
    assert told(("value: /in", "value: /out")) == ['changed variables/folder/value "/in" > "/out"']


def test_a_place_in_the_document_goes_with_each_change() -> None:
    text = BASE.replace("fetch: 10", "fetch: 20").replace("{name: period}", "{name: period, required: true}")
    found = changes(compared(BASE), compared(text))
    assert [c.where for c in found] == ["nodes.each.group.nodes.load.inputs.options.fetch", "inputs[0].required"]


def test_a_node_that_only_has_another_key_is_renamed_and_its_links_stay() -> None:
    assert told(("  mail: {", "  post: {"), ("to: mail", "to: post")) == ['renamed nodes/post "mail" > "post"']
    assert told(("read:", "fetch:"), ("start: read", "start: fetch"), ("from: read", "from: fetch")) == [
        'renamed nodes/fetch "read" > "fetch"',
    ]
    renamed_group = told(("  each:", "  all:"), ("to: each", "to: all"), ("from: each", "from: all"))
    assert renamed_group == ['renamed nodes/all "each" > "all"']
    assert told(("        load:", "        pull:"), ("[load]", "[pull]"), ("from: load", "from: pull")) == [
        'renamed nodes/pull "load" > "pull"',
    ]


def test_a_node_that_differs_in_more_than_its_key_was_removed_and_another_added() -> None:
    found = told(("  mail: {command: http.request, timeout_s: 30}", "  post: {command: http.request}"))
    assert [line.split(" ", 2)[:2] for line in found] == [["added", "nodes/post"], ["removed", "nodes/mail"]]


def test_of_two_equal_nodes_none_is_said_to_be_the_renamed_one() -> None:
    def chain(*keys: str) -> Comparable:
        return as_given(Definition("Twins", "", tuple(Node(key, "x.y") for key in keys)))

    kinds = [c.kind for c in changes(chain("a", "b"), chain("c", "b"))]
    assert kinds == ["renamed"]
    assert Counter(c.kind for c in changes(chain("a", "b"), chain("c", "d"))) == {"added": 2, "removed": 2}


def test_links_are_told_by_their_ends_and_their_condition() -> None:
    assert told(("{from: each, to: mail}", "{from: each, to: mail, when: any}")) == [
        'changed links/each → mail/when "success" > "any"',
    ]
    assert told(("{from: each, to: mail}", "{from: read, to: mail, when: failure}")) == [
        'added links/read → mail null > {"from":"read","to":"mail","when":"failure"}',
        'removed links/each → mail {"from":"each","to":"mail","when":"success"} > null',
    ]
    assert told(("links: [{from: load, to: check}]", "links: []")) == [
        'removed links/load → check {"from":"load","to":"check","when":"success"} > null',
    ]


def test_a_node_that_moves_out_of_its_group_is_one_change() -> None:
    moved = BASE.replace('        check: {command: script.shell, inputs: {code: "echo 1\\necho 2\\n"}}\n', "").replace(
        "  mail:", '  check: {command: script.shell, inputs: {code: "echo 1\\necho 2\\n"}}\n  mail:'
    )
    found = [short(c) for c in changes(compared(BASE), compared(moved))]
    assert found == ['removed nodes/check/group "each" > null']


def test_another_order_is_a_change_of_its_own() -> None:
    turned = "[{name: region, type: dropdown, options: [North, South]}, {name: period}]"
    assert told(("[{name: period}, {name: region, type: dropdown, options: [North, South]}]", turned)) == [
        'reordered inputs ["period","region"] > ["region","period"]',
    ]


def test_an_encrypted_value_is_never_told() -> None:
    assert told(key="k2") == ['changed variables/key/value "•••" > "•••"']
    assert told(key="") == ['changed variables/key/value "•••" > null']
    assert told(("/in}", "null, encrypted: true}")) == [
        "added variables/folder/encrypted null > true",
    ], "the value is the same, and what was readable is not told once it is secret"
    hidden = changes(compared(BASE), compared(BASE, key="k2"))
    assert [c.hidden for c in hidden] == [True]
    assert "k1" not in repr(hidden)


@given(pairs(), st.text("0123456789abcdef", min_size=12, max_size=12))
def test_no_fingerprint_and_no_value_of_an_encrypted_variable_comes_out(
    pair: tuple[Definition, Definition], mark: str
) -> None:
    def with_secret(definition: Definition, turn: str) -> Comparable:
        document = document_value(definition)
        variables = [{"name": "secret", "value": f"plain {mark}", "encrypted": True}]
        return Comparable({**document, "variables": variables}, {"secret": mark + turn})

    for turn in ("", "x"):
        found = changes(with_secret(pair[0], ""), with_secret(pair[1], turn))
        assert mark not in dump([c.before for c in found]) + dump([c.after for c in found])
        assert mark not in "".join(lines_of(found))


def test_items_without_names_are_told_by_their_place() -> None:
    def chain(*items: Mapping[str, int]) -> Comparable:
        return Comparable({"onecloud": 1, "name": "x", "schedules": list(items)})

    before, after = chain({"at": 1}, {"at": 2}), chain({"at": 0}, {"at": 1}, {"at": 3})
    assert [short(c) for c in changes(before, after)] == [
        'added schedules/#1 null > {"at":0}',
        "changed schedules/#3/at 2 > 3",
    ]


def test_the_text_form_has_a_block_for_every_area() -> None:
    text = BASE.replace("Closes the month", "Closes it").replace("  mail: {command: http.request, timeout_s: 30}\n", "")
    text = text.replace("read:", "fetch:").replace("start: read", "start: fetch").replace("from: read", "from: fetch")
    assert lines_of(changes(compared(BASE), compared(text))) == [
        "settings",
        '  ~ description: "Closes the month" → "Closes it"',
        "nodes",
        "  > read → fetch",
        "  - mail",
    ]


def test_a_text_of_many_lines_is_told_line_by_line() -> None:
    found = lines_of(changes(compared(BASE), compared(BASE.replace("echo 2", "echo 3"))))
    assert found == [
        "nodes",
        "  ~ check",
        "      ~ inputs.code:",
        "          @@ -1,2 +1,2 @@",
        "           echo 1",
        "          -echo 2",
        "          +echo 3",
    ]


def test_a_hidden_or_long_value_is_not_written_out() -> None:
    assert "      ~ value: not shown" in lines_of(changes(compared(BASE), compared(BASE, key="k2")))
    found = lines_of(changes(compared(BASE), compared(BASE.replace("SELECT 1", "SELECT " + "x" * 500))))
    assert len(found[-1]) < 200
    assert found[-1].endswith("… (509 characters)")
