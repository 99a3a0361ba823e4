"""Chains to templates and templates to chains, decided in values."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onecloud.chain_templates.deciding import Choice, Place, checked, decide
from onecloud.chain_templates.document import decode, document_text, encode, parse_json, parse_text
from onecloud.chain_templates.making import renamed, template_of
from onecloud.chains.catalog import catalog
from onecloud.chains.document import document_value, parse_document, parse_value
from onecloud.kernel.errors import Invalid
from onecloud.kernel.jsonvalue import Json
from onecloud.variables.language import parse
from onecloud.variables.model import Reference
from tests.variables.strategies import json_values, templates

CHAIN = """
onecloud: 1
name: Load
description: Loads a month.
inputs: [{name: month, required: true}]
variables:
  - {name: limit, value: "10"}
  - {name: password, value: secret, encrypted: true}
dynamic_variables: [{name: last_id, value: 7}]
schedules: [{name: Nightly, cron: "0 2 * * *", zone: UTC}]
start: rates
nodes:
  rates: {command: files.list_content, inputs: {file: '${{ resource["rates.csv"] }}'}}
  many:
    group:
      start: [ask]
      nodes:
        ask: {command: sql.query, connection: Warehouse, inputs: {sql: "select '${{ workspace.schema }}'"}}
  say: {command: files.create, inputs: {name: a.txt, text: "${{ chain.limit }} ${{ dynamic.last_id }}"}}
links: [{from: rates, to: many}, {from: many, to: say}]
"""
TEMPLATE = """
onecloud: 1
template: Monthly load
folder: Loads
description: A month of data.
variables:
  - {name: schema, type: workspace, description: Schema of the warehouse, value: public}
  - {name: rates.csv, type: resource}
  - {name: limit, type: chain, value: "10"}
  - {name: password, type: chain, encrypted: true}
  - {name: last_id, type: dynamic, value: 7}
chain:
  start: rates
  nodes:
    rates: {command: files.list_content, inputs: {file: '${{ resource["rates.csv"] }}'}}
    many:
      group:
        start: [ask]
        nodes:
          ask: {command: sql.query, inputs: {sql: "select '${{ workspace.schema }}', ${{ chain.limit }}"}}
    say: {command: files.create, inputs: {name: a.txt, text: "${{ dynamic.last_id }} ${{ chain.password }}"}}
  links: [{from: rates, to: many}, {from: many, to: say}]
"""
PLACE = Place(["dwh"], ["rates.csv", "euro.csv"], {"Warehouse": "sql", "Sandbox": "sql", "Files": "http"})


def test_a_chain_becomes_a_template_without_connections_secrets_and_what_starts_it() -> None:
    content = template_of(parse_document(CHAIN).definition)
    assert [(v.type, v.name, v.value, v.encrypted) for v in content.variables] == [
        ("workspace", "schema", None, False),
        ("resource", "rates.csv", None, False),
        ("chain", "limit", "10", False),
        ("chain", "password", None, True),
        ("dynamic", "last_id", 7, False),
    ]
    assert "Warehouse" not in encode(content)
    assert "secret" not in encode(content)
    assert not {"name", "variables", "dynamic_variables", "schedules", "onecloud"} & content.chain.keys()
    assert checked(content, catalog()).problems == ()


def test_a_template_made_from_a_chain_gives_that_chain_back() -> None:
    definition = replace(parse_document(CHAIN).definition, schedules=())
    place = Place(["schema"], ["rates.csv"], {"Warehouse": "sql"})
    secret = {("chain", "password"): Choice(value="secret")}
    made = decide(template_of(definition), "Load", place, secret, {}, catalog())
    assert made.problems == ()
    assert parse_value(made.document).definition == definition


def test_the_document_and_the_stored_text_say_the_same() -> None:
    parsed = parse_text(TEMPLATE)
    assert (parsed.name, parsed.folder, parsed.description) == ("Monthly load", "Loads", "A month of data.")
    text = document_text(parsed.name, parsed.folder, parsed.description, parsed.content)
    again = parse_text(text)
    assert (again.name, again.folder, again.description, again.content) == (
        parsed.name,
        parsed.folder,
        parsed.description,
        parsed.content,
    )
    assert decode(encode(parsed.content)) == parsed.content


def test_names_are_chosen_values_set_and_connections_taken_over() -> None:
    choices = {
        ("workspace", "schema"): Choice(to="dwh"),
        ("resource", "rates.csv"): Choice(to="euro.csv"),
        ("chain", "password"): Choice(value="hunter2"),
        ("dynamic", "last_id"): Choice(value=[1]),
    }
    made = decide(parse_text(TEMPLATE).content, "May", PLACE, choices, {"ask": "Sandbox"}, catalog())
    assert made.problems == ()
    assert [(need.how, need.to, need.value) for need in made.variables] == [
        ("use", "dwh", None),
        ("use", "euro.csv", None),
        ("set", "limit", "10"),
        ("set", "password", "hunter2"),
        ("set", "last_id", [1]),
    ]
    (ask,) = made.connections
    assert (ask.node.key, ask.choices, ask.chosen) == ("ask", ("Warehouse", "Sandbox"), "Sandbox")
    definition = parse_value(made.document).definition
    node = definition.node("ask")
    assert node is not None
    assert (node.connection, node.inputs["sql"]) == ("Sandbox", "select '${{ workspace.dwh }}', ${{ chain.limit }}")
    rates = definition.node("rates")
    assert rates is not None
    assert rates.inputs["file"] == '${{ resource["euro.csv"] }}'
    assert {v.name: (v.value, v.encrypted) for v in definition.variables} == {
        "limit": ("10", False),
        "password": ("hunter2", True),
    }
    assert definition.dynamic_variables[0].value == [1]


def test_without_choices_the_workspace_gets_what_it_lacks_and_only_one_connection_is_no_question() -> None:
    place = Place([], ["rates.csv"], {"Warehouse": "sql"})
    made = decide(parse_text(TEMPLATE).content, "May", place, {}, {}, catalog())
    assert made.problems == ()
    assert [(need.variable.name, need.value) for need in made.new_variables] == [("schema", "public")]
    assert made.connections[0].chosen == "Warehouse"


@pytest.mark.parametrize(
    ("choices", "connections", "where", "said"),
    [
        (
            {("workspace", "schema"): Choice(to="dw", create=False)},
            {},
            "variables.workspace.schema",
            "Did you mean `dwh`",
        ),
        ({("workspace", "schema"): Choice(to="dwh", create=True)}, {}, "variables.workspace.schema", "already"),
        ({("workspace", "schema"): Choice(create=True, value=5)}, {}, "variables.workspace.schema", "a text"),
        ({("workspace", "schema"): Choice(to="dwh", value="x")}, {}, "variables.workspace.schema", "own"),
        ({("resource", "rates.csv"): Choice(to="x.csv")}, {}, "variables.resource.rates.csv", "no file `x.csv`"),
        ({("resource", "rates.csv"): Choice(value="x")}, {}, "variables.resource.rates.csv", "Upload it first"),
        ({("chain", "limit"): Choice(to="other")}, {}, "variables.chain.limit", "keeps its name"),
        ({("chain", "limit"): Choice(value=5)}, {}, "variables.chain.limit", "must be text"),
        ({("chain", "lim"): Choice()}, {}, "variables.chain.lim", "Did you mean `chain.limit`"),
        ({}, {"ask": "Files"}, "connections.ask", "No connection `Files` of"),
        ({}, {"say": "Warehouse"}, "connections.say", "No node `say`"),
    ],
)
def test_a_wrong_choice_names_the_place_and_the_mend(
    choices: dict[tuple[str, str], Choice], connections: dict[str, str | None], where: str, said: str
) -> None:
    made = decide(parse_text(TEMPLATE).content, "May", PLACE, choices, connections, catalog())
    assert [p.where for p in made.problems] == [where]
    assert said in made.problems[0].sentence()


def test_two_new_variables_of_one_name_are_refused() -> None:
    text = TEMPLATE.replace(
        "  - {name: rates.csv, type", "  - {name: other, type: workspace, value: x}\n  - {name: rates.csv, type"
    )
    choices = {("workspace", "schema"): Choice(to="new"), ("workspace", "other"): Choice(to="new")}
    made = decide(parse_text(text).content, "May", PLACE, choices, {}, catalog())
    assert ["Two new variables" in p.message for p in made.problems] == [True]


@pytest.mark.parametrize(
    ("old", "new", "where", "said"),
    [
        ("template: Monthly load\n", "", "template", "Line 2: `template` is missing."),
        ("folder:", "foldr:", "foldr", "Line 4: There is no field `foldr` here. Did you mean `folder`?"),
        ("type: resource", "type: file", "variables[1].type", "Line 8"),
        ("type: resource", "type: resource, value: x", "variables[1].value", "Line 8: A file has no value here."),
        ("type: resource", "type: resource, encrypted: true", "variables[1].encrypted", "cannot be encrypted"),
        ("encrypted: true", "encrypted: true, value: x", "variables[3].value", "keeps no secrets"),
        ('value: "10"', "value: 10", "variables[2].value", "Expected text."),
        (
            "{name: rates.csv, type: resource}",
            "{name: limit, type: chain}",
            "variables[2].name",
            "two variables `limit`",
        ),
        ("chain:\n  start", "chain:\n  name: x\n  start", "chain.name", "Line 13: `name` does not belong"),
        ("chain:\n  start", "chain:\n  variables: []\n  start", "chain.variables", "type: chain"),
        ("chain:\n  start", "chain:\n  schedules: []\n  start", "chain.schedules", "Add them to the chain"),
        (
            "command: files.create,",
            "command: files.create, retry: 1,",
            "chain.nodes.say.retry",
            "Line 21: There is no field",
        ),
    ],
)
def test_a_fault_of_the_document_is_told_with_its_line(old: str, new: str, where: str, said: str) -> None:
    assert old in TEMPLATE
    with pytest.raises(Invalid) as refused:
        parse_text(TEMPLATE.replace(old, new))
    assert refused.value.code == "template.document"
    (problem,) = refused.value.problems
    assert problem.where == where
    assert said in problem.sentence()


@pytest.mark.parametrize("value", [[], {}, {"onecloud": 1, "template": "x", "chain": {"nodes": []}}, "x", None])
def test_what_is_no_template_at_all_is_refused(value: Json) -> None:
    with pytest.raises(Invalid) as refused:
        parse_json(value)
    assert refused.value.code == "template.document"


def test_the_check_of_a_template_knows_its_variables_and_asks_for_no_connection() -> None:
    found = checked(parse_text(TEMPLATE).content, catalog())
    assert (found.problems, found.notes) == ((), ())
    unknown = TEMPLATE.replace("workspace.schema }}", "workspace.scheme }}").replace(
        "command: sql.query,", "command: sql.query, connection: W,"
    )
    found = checked(parse_text(unknown).content, catalog())
    assert [(p.where, p.mend) for p in found.problems] == [
        ("chain.nodes.many.group.nodes.ask.connection", "Remove it; it is chosen for each chain."),
        ("chain.nodes.many.group.nodes.ask.inputs.sql", "Did you mean `schema`?"),
    ]
    assert [p.message for p in found.notes] == ["Nothing uses the variable `schema` (workspace)."]


names = st.dictionaries(
    st.tuples(st.sampled_from(["workspace", "resource"]), st.text(min_size=1, max_size=4)),
    st.text(min_size=1, max_size=6),
    max_size=4,
)


@given(templates().map(str), names)
def test_renaming_changes_the_names_that_are_asked_for_and_nothing_else(
    text: str, wanted: dict[tuple[str, str], str]
) -> None:
    before = parse(text)
    used = {(r.scope, r.name): f"new {r.name}" for r in before.references if r.scope in {"workspace", "resource"}}
    both = {**wanted, **used}

    def changed(reference: Reference) -> tuple[str, tuple[str | int, ...]]:
        name = both.get((reference.scope, reference.name), reference.name)
        return reference.scope, (name, *reference.path[1:])

    came = renamed(text, both)
    assert isinstance(came, str)
    after = parse(came)
    assert [(r.scope, r.path) for r in after.references] == [changed(r) for r in before.references]
    assert renamed(text, {}) == text
    back = {(scope, new): name for (scope, name), new in used.items()}
    if len(back) == len(used):
        assert parse(str(renamed(renamed(text, used), back))) == before


@given(json_values(templates().map(str)))
def test_a_value_of_any_depth_keeps_its_shape(value: Json) -> None:
    assert renamed(value, {}) == value


def test_a_text_that_cannot_be_read_stays_as_it_is() -> None:
    text = "${{ workspace.a }} and ${{ workspace."
    assert renamed(text, {("workspace", "a"): "b"}) == text


def test_a_document_is_what_a_chain_of_it_says() -> None:
    parsed = parse_text(TEMPLATE)
    made = decide(parsed.content, "May", PLACE, {("workspace", "schema"): Choice(to="dwh")}, {}, catalog())
    assert document_value(parse_value(made.document).definition)["name"] == "May"
