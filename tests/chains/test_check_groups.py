"""What a check says of groups, iterators and events."""

from __future__ import annotations

import pytest

from onecloud.chains.check import check
from onecloud.chains.document import parse_document
from tests.chains.make import SPECS

GROUP = """
onecloud: 1
name: Grouped
dynamic_variables: [{{name: count, value: 0}}]
outputs: [{{name: rows, value: "${{{{ node.b.count }}}}"}}]
start: a
nodes:
  a: {{command: box.read, inputs: {{path: x}}}}
  g:
    group:
      start: [b]
      nodes:
        b: {{command: box.read, inputs: {{path: "{inner}"}}}}
        c: {{command: box.read, inputs: {{path: "{second}"}}}}
      links: [{{from: b, to: {to}}}]
    {more}
  d: {{command: box.read, inputs: {{path: "{after}"}}}}
links: [{{from: a, to: g}}, {{from: g, to: d}}]
"""


def told(inner: str = "x", second: str = "x", after: str = "x", to: str = "c", more: str = "color: ''") -> list[str]:
    """The problems of a chain with a group, each as `where: message`."""
    text = GROUP.format(inner=inner, second=second, after=after, to=to, more=more)
    found = check(parse_document(text).definition, SPECS)
    return [f"{p.where}: {p.message}" for p in found.problems]


UNTIL = "iterate: {until: {value: '1', is: null}}"


@pytest.mark.parametrize(
    ("template", "more", "message"),
    [
        ("dynamic.count", "color: ''", None),
        ("dynamic.cuont", "color: ''", "The chain has no dynamic variable `cuont`."),
        ("group.value.id", "iterate: {over: [1]}", None),
        ("group.total", "iterate: {over: [1]}", None),
        ("group.index", UNTIL, None),
        ("group.total", UNTIL, "`group.total` is not known: nobody knows when `until` comes true."),
        (
            "group.index",
            "color: ''",
            "The group around the node does not repeat, so there is nothing that `group.index`",
        ),
        (
            "iteration.value",
            "iterate: {over: [1]}",
            "The node does not repeat, so there is nothing that `iteration.value`",
        ),
    ],
)
def test_a_member_sees_the_pass_of_its_group(template: str, more: str, message: str | None) -> None:
    found = told(inner=f"${{{{ {template} }}}}", more=more)
    assert [problem.partition(": ")[0] for problem in found] == (
        [] if message is None else ["nodes.g.group.nodes.b.inputs.path"]
    )
    assert all((message or "") in problem for problem in found)


def test_outside_a_group_there_is_no_pass_of_one() -> None:
    assert told(after="${{ group.index }}", more="iterate: {over: [1]}") == [
        "nodes.d.inputs.path: There is nothing that `group.index` could mean here."
    ]


def test_a_sound_group_has_no_faults() -> None:
    assert told("${{ node.a.file }}", "${{ node.b.file }}", "${{ node.c.file }}") == []


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"inner": "${{ node.c.file }}"}, "nodes.g.group.nodes.b.inputs.path: Node `c` does not run before `b`."),
        ({"inner": "${{ node.d.file }}"}, "nodes.g.group.nodes.b.inputs.path: Node `d` does not run before `b`."),
        ({"after": "${{ node.g.file }}"}, "nodes.d.inputs.path: The group `g` has no output `file`."),
        ({"to": "d"}, "nodes.g.group.links[0].to: There is no node `d`."),
        ({"to": "b"}, "nodes.g.group.links[0].to: A link leads to `b`, which starts with the group."),
        ({"more": "retries: 2"}, "nodes.g.retries: A group has no `retries`."),
        ({"more": "command: box.read"}, "nodes.g.command: A group has no command."),
        (
            {"more": "iterate: {over: [1], rows: x}"},
            "nodes.g.iterate: An iterator has exactly one of over, rows or until, not over and rows.",
        ),
        ({"more": "iterate: {over: plain}"}, "nodes.g.iterate.over: A text here must refer to a list."),
        ({"more": "iterate: {rows: plain}"}, "nodes.g.iterate.rows: This must refer to a file."),
        (
            {"more": "iterate: {until: {value: '1', is: null}, parallel: 2}"},
            "nodes.g.iterate.parallel: Passes that repeat until a condition is true follow each other.",
        ),
    ],
)
def test_a_fault_names_its_place(given: dict[str, str], expected: str) -> None:
    assert expected in told(**given)


def test_a_group_in_a_group_is_refused() -> None:
    text = (
        "onecloud: 1\nname: X\nstart: g\nnodes:\n  g:\n    group:\n      start: [h]\n      nodes:\n"
        "        h: {group: {start: [a], nodes: {a: {command: box.warn, inputs: {path: x}}}}}\n"
    )
    found = check(parse_document(text).definition, SPECS)
    assert "A group cannot be inside a group." in [p.message for p in found.problems]


def test_a_loop_gives_its_facts_and_a_single_node_does_not() -> None:
    text = (
        "onecloud: 1\nname: X\nstart: a\nnodes:\n  a: {command: box.read, inputs: {path: x}%s}\n"
        '  b: {command: box.read, inputs: {path: "${{ node.a.results }}"}}\nlinks: [{from: a, to: b}]\n'
    )
    assert check(parse_document(text % ", iterate: {over: [1, 2]}").definition, SPECS).problems == ()
    assert len(check(parse_document(text % "").definition, SPECS).problems) == 1


def test_an_event_does_not_repeat_by_itself() -> None:
    text = (
        "onecloud: 1\nname: X\nstart: a\nnodes:\n"
        "  a: {command: event.delay, inputs: {amount: 1}, iterate: {over: [1]}}\n"
    )
    (problem,) = check(parse_document(text).definition, SPECS).problems
    assert (problem.where, problem.message) == ("nodes.a.iterate", "An event does not repeat by itself.")


def test_an_empty_chain_and_an_empty_group_are_drafts_that_cannot_be_published() -> None:
    def told_of(text: str) -> list[str]:
        found = check(parse_document(f"onecloud: 1\nname: New\n{text}").definition, SPECS)
        return [f"{p.where}: {p.message}" for p in found.problems]

    assert told_of("") == ["start: The chain has no start."]
    assert told_of("start: g\nnodes: {g: {group: {}}}") == ["nodes.g.group.nodes: The group has no members."]
    member = "{g: {group: {nodes: {b: {command: box.read, inputs: {path: x}}}}}}"
    assert told_of(f"start: g\nnodes: {member}") == ["nodes.g.group.start: The group has no start."]
