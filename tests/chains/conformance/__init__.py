"""The conformance suite of the chain language: cases as YAML, and what they are short for.

A case has a name, `nodes`, `links` (`a>b`, `a>b:failure`), `more` (the rest of the document), `with` (runtime inputs)
and what is expected: `state` and `text` of the run, `is` (states of nodes), `gives` (values of nodes), `shows` (their
outputs as people see them), `passes`, `attempts`, and `absent` nodes.

`answers` are what people do while it runs, in this order: `{node: a, by: ada, say: accept}` (with a `comment`), `edit`
with what is changed, `give` with files by their names (and `open: true` when more are to come) or `decline`. Those with
`when: after` come after the kills of a test that kills the server, the others before. Of several questions of a node,
`title` names one. With `again` the run is run again from that node, asks nobody, and ends the same.

A node is a text (a command that gives it as `value`), `!warn`, `!fail`, or a map with one of `say`, `fail`, `fail3`,
`refused`, `if`, `set`, `wait`, `run`, `result`, `ask` (people), `files` (their endings) beside the usual settings; or a
node of the document as it is. Within
references ' stands for ", which YAML would want escaped.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from onecloud.chains.yamltext import read, write

FOLDER = Path(__file__).parent
REFERENCE = re.compile(r"\$\{\{.*?\}\}")

CHILDREN = (
    """
onecloud: 1
name: Child of all
allow_concurrent_runs: true
inputs: [{name: x, type: number, required: true}]
outputs: [{name: double, value: "${{ node.d.value }}"}]
start: d
nodes: {d: {command: json.query, inputs: {data: ["${{ input.x }}", "${{ input.x }}"], query: "sum(@)"}}}
""",
    """
onecloud: 1
name: Child that fails
allow_concurrent_runs: true
start: d
nodes: {d: {command: files.checksum, inputs: {file: nowhere.txt}}}
""",
    """
onecloud: 1
name: Child that warns
allow_concurrent_runs: true
start: d
nodes: {d: {command: json.query, inputs: {data: [1], query: "[7]"}}}
""",
)


@dataclass(frozen=True, slots=True)
class Case:
    """One chain with what is expected of a run of it."""

    name: str
    text: str
    inputs: dict[str, Any]
    expected: dict[str, Any]


def node(short: Any) -> dict[str, Any]:
    """The node that a short form stands for."""
    if isinstance(short, str):
        shorts = {"!warn": {"warn": True}, "!fail": {"fail": True}}
        return node(shorts.get(short, {"say": short}))
    found: dict[str, Any] = dict(short)
    if "group" in found:
        inner = found["group"]
        nodes = {key: node(member) for key, member in inner["nodes"].items()}
        return found | {"group": inner | {"nodes": nodes, "links": links(inner.get("links", []))}}
    made: dict[str, Any] = {}
    for word in [word for word in found if word in MEANING]:
        made = MEANING[word](found.pop(word), found)
    return made | found


def query(data: Any, path: str) -> dict[str, Any]:
    """A light command."""
    return {"command": "json.query", "inputs": {"data": data, "query": path}}


def event(name: str, **inputs: Any) -> dict[str, Any]:
    """An event of the chain."""
    return {"command": f"event.{name}", "inputs": inputs}


def result(word: str, found: dict[str, Any]) -> dict[str, Any]:
    """Set Chain Result, with its text."""
    return event("set_result", result=word, text=found.pop("text", ""))


def asking(people: list[str], found: dict[str, Any]) -> dict[str, Any]:
    """Approval by ada, bob or others, with its further inputs."""
    approvers = [one if one == "Runtime User" else f"{one}@example.com" for one in people]
    more = {word: found.pop(word) for word in ("type", "due_days", "title") if word in found}
    return event("approval", **{"title": "May it?", "approvers": approvers, **more})


def files(endings: str, found: dict[str, Any]) -> dict[str, Any]:
    """Runtime File Upload, with its further inputs."""
    more = {word: found.pop(word) for word in ("people", "due_days", "max_files") if word in found}
    return event("file_upload", title="Files, please", endings=endings, **more)


MEANING: dict[str, Callable[[Any, dict[str, Any]], dict[str, Any]]] = {
    "say": lambda value, _: query([value], "[0]"),
    "warn": lambda _, __: query([1], "[7]"),
    "fail": lambda _, __: {"command": "files.checksum", "inputs": {"file": "nowhere.txt"}},
    "fail3": lambda _, __: {"command": "files.checksum", "inputs": {"file": "known.txt", "expected": "00"}},
    "refused": lambda _, __: {"command": "http.request", "inputs": {"url": "http://127.0.0.1:9/"}},
    "if": lambda condition, _: event("conditional", condition=condition),
    "set": lambda values, _: event("set_variables", values=values),
    "wait": lambda seconds, _: event("delay", amount=seconds, unit="seconds"),
    "run": lambda chain, found: event("run_chain", chain=chain, inputs=found.pop("inputs", {})),
    "result": result,
    "ask": asking,
    "files": files,
}


def links(shorts: list[str]) -> list[dict[str, str]]:
    """The links that `a>b` and `a>b:failure` stand for."""
    made: list[dict[str, str]] = []
    for short in shorts:
        ends, _, when = short.partition(":")
        source, _, target = ends.partition(">")
        made.append({"from": source, "to": target} | ({"when": when} if when else {}))
    return made


def case(short: dict[str, Any]) -> Case:
    """The case that a short form stands for."""
    nodes = {key: node(value) for key, value in short["nodes"].items()}
    document: dict[str, Any] = {
        "onecloud": 1,
        "name": short["name"],
        "allow_concurrent_runs": True,
        **short.get("more", {}),
        "outputs": [{"name": key, "value": f"${{{{ node.{key}.value }}}}"} for key in short.get("gives", {})],
        "start": next(iter(nodes)),
        "nodes": nodes,
        "links": links(short.get("links", [])),
    }
    return Case(short["name"], write(document), short.get("with", {}), short)


def quoted(value: Any) -> Any:
    """The value with ' as " within references."""
    match value:
        case str():
            return REFERENCE.sub(lambda found: found[0].replace("'", '"'), value)
        case dict():
            return {key: quoted(item) for key, item in cast(dict[str, Any], value).items()}
        case list():
            return [quoted(item) for item in cast(list[Any], value)]
        case _:
            return value


def cases() -> list[Case]:
    """Every case of every file."""
    found: list[Case] = []
    for file in sorted(FOLDER.glob("*.yaml")):
        shorts: Any = read(file.read_text(encoding="utf-8")).value
        found += [case(quoted(short)) for short in shorts]
    assert len({one.name for one in found}) == len(found), "two cases have one name"
    return found
