"""Every fault that keeps a chain from being published, each named with its place and its mend."""

from __future__ import annotations

import pytest

from onecloud.chains.check import Surroundings, check
from onecloud.chains.document import parse_document
from tests.chains.make import SPECS, document

A = "a: {command: box.read, inputs: {path: x}}"
B = "b: {command: box.read, inputs: {path: x}}"
AB = "- {from: a, to: b}"


def problems(text: str, surroundings: Surroundings | None = None) -> dict[str, str]:
    """Place and sentence of each problem."""
    found = check(parse_document(text).definition, SPECS, surroundings).problems
    told = {p.where: f"{p.message} {p.mend}" for p in found}
    assert len(told) == len(found), "one problem a place in these tests"
    return told


def notes(text: str) -> dict[str, str]:
    """Place and sentence of each note."""
    return {p.where: f"{p.message} {p.mend}" for p in check(parse_document(text).definition, SPECS).notes}


def test_a_sound_chain_has_no_problem() -> None:
    text = document(f"{A}\n{B}", AB)
    assert (problems(text), notes(text)) == ({}, {})


@pytest.mark.parametrize(
    ("node", "place", "words"),
    [
        ("{command: box.raed}", "command", "Did you mean `box.read`"),
        ("{command: bx.read}", "command", "`box.read`"),
        ("{command: box.read}", "inputs.path", "`box.read` needs the input `path` (Path)"),
        ("{command: box.read, inputs: {path: x, limt: 1}}", "inputs.limt", "Did you mean `limit`?"),
        ("{command: box.read, inputs: {path: x, limit: many}}", "inputs.limit", "valid integer"),
        ("{command: box.read, inputs: {path: x, limit: 0}}", "inputs.limit", "greater than or equal to 1"),
        ("{command: box.read, inputs: {path: x, mode: sheet}}", "inputs.mode", "'text' or 'table'"),
        ("{command: box.read, inputs: {path: x, columns: [a, [b]]}}", "inputs.columns[1]", "valid string"),
        ("{command: box.read, inputs: {path: x, deep: {k: [1, no]}}}", "inputs.deep.k[1]", "valid integer"),
        ("{command: box.read, inputs: {path: {kind: file, blob: b, name: n, size_bytes: 1}}}", "inputs.path", "A file"),
        ("{command: box.read, inputs: {path: x, anything: [{kind: file, blob: b}]}}", "inputs.anything", "A file"),
        ("{command: box.read, inputs: {path: x}, connection: c}", "connection", "uses no connection"),
        ("{command: shop.sell, inputs: {path: x}}", "connection", "needs a connection of Shop"),
        ("{command: box.read, inputs: {path: x}, ignore_exit_codes: [9]}", "ignore_exit_codes[0]", "1 (Error)"),
        ("{command: box.read, inputs: {path: x}, ignore_exit_codes: [0]}", "ignore_exit_codes[0]", "a success already"),
        ("{command: box.read, inputs: {path: '${{ x }}'}}", "inputs.path", "At character 5"),
        ("{command: box.read, inputs: {path: '${{ workspace.X'}}", "inputs.path", "not closed"),
        ("{command: box.read, inputs: {path: '${{ chain.x }}'}}", "inputs.path", "no variable `x`"),
        ("{command: box.read, inputs: {path: '${{ input.x }}'}}", "inputs.path", "no runtime input `x`"),
        ("{command: box.read, inputs: {path: '${{ system.x }}'}}", "inputs.path", "not a system value"),
        ("{command: box.read, inputs: {path: '${{ node.z.file }}'}}", "inputs.path", "no node `z`"),
        ("{command: box.read, inputs: {path: '${{ node.a.file }}'}}", "inputs.path", "its own outputs"),
    ],
)
def test_a_fault_of_a_node_names_place_and_mend(node: str, place: str, words: str) -> None:
    found = problems(document(f"a: {node}"))
    assert list(found) == [f"nodes.a.{place}"]
    assert words in found[f"nodes.a.{place}"]


@pytest.mark.parametrize(
    "inputs",
    [
        "{path: x, limit: '${{ input.n }}'}",
        "{path: x, mode: '${{ input.n }}'}",
        "{path: x, columns: '${{ input.n }}'}",
        "{path: x, columns: [a, '${{ input.n }}']}",
        "{path: x, deep: {k: [1, '${{ input.n }}']}}",
        "{path: 'Report ${{ input.n }}.csv'}",
    ],
)
def test_a_reference_may_stand_where_any_type_is_wanted(inputs: str) -> None:
    text = document(f"a: {{command: box.read, inputs: {inputs}}}", more="inputs: [{name: n, type: number}]\n")
    assert problems(text) == {}


def test_a_reference_elsewhere_does_not_hide_a_missing_input() -> None:
    text = document("a: {command: box.read, inputs: {limit: '${{ system.date }}'}}")
    assert list(problems(text)) == ["nodes.a.inputs.path"]


def test_every_fault_of_a_chain_is_told_at_once() -> None:
    text = document("a: {command: box.read, inputs: {limt: 1}}\nb: {command: x.y}", "- {from: a, to: c}", start="s")
    assert set(problems(text)) == {
        "start",
        "links[0].to",
        "nodes.a.inputs.path",
        "nodes.a.inputs.limt",
        "nodes.b.command",
    }


def test_names_of_the_surroundings_are_checked_only_where_they_are_known() -> None:
    text = document(
        "a: {command: shop.sell, connection: wharehouse, inputs: {path: '${{ workspace.FOLDR }}'}}\n",
    )
    assert problems(text) == {}
    known = Surroundings(variables=["FOLDER"], connections={"warehouse": "shop", "box one": "box"})
    found = problems(text, known)
    assert "Did you mean `warehouse`?" in found["nodes.a.connection"]
    assert "Did you mean `FOLDER`?" in found["nodes.a.inputs.path"]


def test_a_connection_of_another_connector_is_refused() -> None:
    text = document("a: {command: shop.look, connection: box one, inputs: {path: x}}")
    found = problems(text, Surroundings(connections={"warehouse": "shop", "box one": "box"}))
    assert "a connection of `box`, not of `shop`" in found["nodes.a.connection"]


def test_a_circle_is_named() -> None:
    nodes = "\n".join(f"{k}: {{command: box.read, inputs: {{path: x}}}}" for k in "abcd")
    links = "\n".join(f"- {{from: {s}, to: {t}}}" for s, t in ("ab", "bc", "cd", "db"))
    assert "in a circle: b → c → d → b." in problems(document(nodes, links))["links"]


def test_a_link_to_itself_is_a_circle() -> None:
    assert "b → b" in problems(document(f"{A}\n{B}", f"{AB}\n- {{from: b, to: b}}"))["links"]


def test_no_link_leads_into_the_start() -> None:
    found = problems(document(f"{A}\n{B}", f"{AB}\n- {{from: b, to: a}}"))
    assert list(found) == ["links[1].to"]


def test_the_same_link_twice_is_refused_and_another_condition_is_not() -> None:
    found = problems(document(f"{A}\n{B}", f"{AB}\n- {{from: a, to: b, when: failure}}\n{AB}"))
    assert list(found) == ["links[2]"]


def test_faults_of_nodes_that_the_start_does_not_reach_are_notes() -> None:
    text = document(f"{A}\nb: {{command: nothing.here}}\nc: {{command: box.read}}", "- {from: b, to: c}")
    assert problems(text) == {}
    assert set(notes(text)) == {"nodes.b", "nodes.b.command", "nodes.c", "nodes.c.inputs.path"}


def test_outputs_come_only_from_nodes_that_run_before() -> None:
    nodes = f"{A}\n{B}\nc: {{command: box.read, inputs: {{path: '${{{{ node.b.file }}}}'}}}}"
    assert "does not run before `c`" in problems(document(nodes, f"{AB}\n- {{from: a, to: c}}"))["nodes.c.inputs.path"]
    assert problems(document(nodes, f"{AB}\n- {{from: b, to: c}}")) == {}


def test_a_node_that_nothing_reaches_does_not_run_before_another() -> None:
    nodes = "a: {command: box.read, inputs: {path: '${{ node.b.file }}'}}\n" + B
    text = document(nodes + f"\nc: {A[3:]}", "- {from: a, to: c}\n- {from: b, to: c}")
    assert "does not run before `a`" in problems(text)["nodes.a.inputs.path"]


def test_an_output_must_exist_and_facts_always_do() -> None:
    uses = "b: {command: box.read, inputs: {path: '${{ node.a.%s }}'}}"
    assert "Did you mean `file`?" in problems(document(f"{A}\n{uses % 'fil'}", AB))["nodes.b.inputs.path"]
    for fact in ("status", "exit_code", "message", "file.name"):
        assert problems(document(f"{A}\n{uses % fact}", AB)) == {}


def test_a_command_that_decides_its_outputs_at_run_time_may_have_any() -> None:
    nodes = "a: {command: box.loose, inputs: {path: x}}\nb: {command: box.read, inputs: {path: '${{ node.a.total }}'}}"
    assert problems(document(nodes, AB)) == {}


def test_after_a_failure_only_the_facts_of_the_failed_node_are_there() -> None:
    uses = "b: {command: box.read, inputs: {path: '${{ node.a.%s }}'}}"
    failed = "- {from: a, to: b, when: failure}"
    assert (
        "failed node has no output `file`" in problems(document(f"{A}\n{uses % 'file'}", failed))["nodes.b.inputs.path"]
    )
    assert problems(document(f"{A}\n{uses % 'message'}", failed)) == {}
    assert problems(document(f"{A}\n{uses % 'file'}", failed.replace("failure", "any"))) == {}


def test_a_warning_link_from_a_command_without_warnings_is_noted() -> None:
    link = "- {from: a, to: b, when: warning}"
    assert "never followed" in notes(document(f"{A}\n{B}", link))["links[0].when"]
    assert notes(document(f"{A.replace('box.read', 'box.warn')}\n{B}", link)) == {}


@pytest.mark.parametrize(
    ("more", "place", "words"),
    [
        ("inputs: [{name: x, type: number, default: many}]", "inputs[0].default", "type number"),
        ("inputs: [{name: x, type: date, default: 2024-02-30}]", "inputs[0].default", "type date"),
        ("inputs: [{name: x, type: dropdown}]", "inputs[0].options", "needs options"),
        ("inputs: [{name: x, options: [a]}]", "inputs[0].options", "Only a dropdown"),
        ("inputs: [{name: x, type: dropdown, options: [a, a]}]", "inputs[0].options", "twice"),
        ("inputs: [{name: x, type: dropdown, options: [a], default: b}]", "inputs[0].default", "not one of"),
        ("inputs: [{name: x}, {name: x}]", "inputs[1].name", "twice"),
        ("variables: [{name: x, value: a}, {name: x, value: b}]", "variables[1].name", "twice"),
    ],
)
def test_faults_of_inputs_and_variables(more: str, place: str, words: str) -> None:
    found = problems(document(A, more=more + "\n"))
    assert words in found[place]


def test_a_chain_holds_a_hundred_variables() -> None:
    def variables(count: int) -> str:
        return "variables:\n" + "".join(f"  - {{name: v{i}, value: ''}}\n" for i in range(count))

    assert problems(document(A, more=variables(100))) == {}
    assert "the limit is 100" in problems(document(A, more=variables(101)))["variables"]


def test_a_reference_in_a_variables_value_is_noted() -> None:
    assert "variables[0].value" in notes(document(A, more="variables: [{name: x, value: '${{ input.y }}'}]\n"))


def test_a_deep_chain_is_checked_without_recursion() -> None:
    nodes = "\n".join(f"n{i}: {{command: box.read, inputs: {{path: x}}}}" for i in range(1999))
    links = "\n".join(f"- {{from: n{i}, to: n{i + 1}}}" for i in range(1998))
    assert problems(document(nodes, links, start="n0")) == {}
