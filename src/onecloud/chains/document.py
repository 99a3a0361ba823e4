"""The chain document: readable YAML text to a Definition and back. Its fields are stated in `fields.py`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from pydantic import ValidationError

from onecloud.chains import yamltext
from onecloud.chains.fields import PARTS, ChainDocument, GroupPart, InputPart, LinkPart, NodePart, Part, fields_of
from onecloud.chains.model import ChainVariable, Definition, Link, Node, OnError, RuntimeInput, When
from onecloud.chains.parts import plumbing
from onecloud.chains.parts.schedule import FORMS
from onecloud.chains.yamltext import Path, Source, at_line, path_text
from onecloud.kernel.errors import Invalid, Problem
from onecloud.kernel.jsonvalue import Json, dump
from onecloud.variables import conditions
from onecloud.variables.rules import near

FORMAT: Final = 1


@dataclass(frozen=True, slots=True)
class Parsed:
    """A document that was read. `kept` names encrypted variables whose stored value is to stay (`value: null`)."""

    definition: Definition
    kept: frozenset[str]
    source: Source

    def placed(self, problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
        """The problems with the line of their place in front of the message."""
        lines = {path_text(path): line for path, line in self.source.lines.items()}
        return tuple(Problem(p.where, at_line(_line(lines, p.where), p.message), p.mend) for p in problems)


def parse_document(text: str) -> Parsed:
    """The definition that a YAML text holds; encrypted values are still readable in it.

    Raises: Invalid `chain.document` with one Problem per fault, each naming path, line and mend.
    """
    try:
        source = yamltext.read(text)
    except yamltext.Unreadable as fault:
        raise invalid((fault.problem,)) from fault
    return _parsed(source)


def parse_value(value: Json) -> Parsed:
    """The definition that a document holds as a JSON value, as editors send it.

    Raises: Invalid `chain.document` with one Problem per fault, each naming path and mend.
    """
    try:
        source = yamltext.given(value)
    except yamltext.Unreadable as fault:
        raise invalid((fault.problem,)) from fault
    return _parsed(source)


def _parsed(source: Source) -> Parsed:
    if not isinstance(source.value, Mapping):
        message = at_line(source.line(()), "The document is not a mapping.")
        raise invalid((Problem("document", message, "Start with `onecloud: 1` and `name: …`."),))
    try:
        # As JSON: there even the strict reading makes dataclasses of maps and tuples of lists.
        document = ChainDocument.model_validate_json(dump(source.value))
    except ValidationError as fault:
        raise invalid(_problems(fault, source)) from None  # pydantic's error repeats values, some of them secret
    places: list[Path] = [
        ("variables", i, "value") for i, v in enumerate(document.variables) if v.value is None and not v.encrypted
    ]
    if places:
        message = "Only an encrypted variable's value may be null."
        raise invalid(
            tuple(Problem(path_text(p), at_line(source.line(p), message), 'Write a text, such as "".') for p in places)
        )
    return Parsed(
        definition=_definition(document),
        kept=frozenset(v.name for v in document.variables if v.encrypted and v.value is None),
        source=source,
    )


def document_text(definition: Definition) -> str:
    """The definition as YAML; what has its default is left out, and encrypted values become null."""
    return yamltext.write(document_value(definition))


def invalid(problems: tuple[Problem, ...]) -> Invalid:
    """The one error of a document with faults."""
    others = len(problems) - 1
    more = f" (and {others} more)" if others else ""
    return Invalid("chain.document", problems[0].sentence() + more, problems=problems)


def _definition(document: ChainDocument) -> Definition:
    nodes: list[Node] = []
    for key, part in document.nodes.items():
        nodes.append(_node(key, part, None))
        if part.group is not None:
            nodes += [_node(member, inner, key) for member, inner in part.group.nodes.items()]
    return Definition(
        name=document.name,
        start=document.start,
        nodes=tuple(nodes),
        links=_links(document.links),
        description=document.description,
        allow_concurrent_runs=document.allow_concurrent_runs,
        inputs=tuple(
            RuntimeInput(i.name, i.type, i.label, i.description, i.required, i.default, tuple(i.options))
            for i in document.inputs
        ),
        variables=tuple(ChainVariable(v.name, v.value or "", v.encrypted) for v in document.variables),
        tags=tuple(document.tags),
        **{name: tuple(getattr(document, name)) for name in plumbing.OF_CHAIN},
    )


def _node(key: str, part: NodePart, group: str | None) -> Node:
    return Node(
        key=key,
        command=part.command,
        name=part.name,
        description=part.description,
        connection=part.connection,
        inputs=cast(Mapping[str, Json], part.inputs),
        timeout_s=part.timeout_s,
        retries=part.retries,
        retry_pause_s=part.retry_pause_s,
        ignore_exit_codes=tuple(part.ignore_exit_codes),
        on_error=OnError(part.on_error),
        mask_outputs=part.mask_outputs,
        color=part.color,
        group=group,
        starts=None if part.group is None else tuple(part.group.start),
        links=() if part.group is None else _links(part.group.links),
        **{name: _frozen(getattr(part, name)) for name in plumbing.OF_NODE},
    )


def _frozen(value: Any) -> Any:
    """A list of parts as a tuple; a single part as it is."""
    return tuple(cast(list[Any], value)) if isinstance(value, list) else value


def _links(parts: list[LinkPart]) -> tuple[Link, ...]:
    return tuple(Link(li.source, li.target, When(li.when)) for li in parts)


def document_value(definition: Definition) -> dict[str, Json]:
    """The document as a JSON value, in the order in which people read it."""
    d = definition
    inputs: list[Json] = [
        {"name": i.name, "type": i.type}
        | _without_defaults(
            InputPart,
            {
                "label": i.label,
                "description": i.description,
                "required": i.required,
                "default": i.default,
                "options": list(i.options),
            },
        )
        for i in d.inputs
    ]
    variables: list[Json] = [
        {"name": v.name, "value": None, "encrypted": True} if v.encrypted else {"name": v.name, "value": v.value}
        for v in d.variables
    ]
    parts = plumbing.dumped(d, of_node=False)
    whole: dict[str, Json] = {
        "description": d.description,
        "allow_concurrent_runs": d.allow_concurrent_runs,
        "tags": list(d.tags),
        "inputs": inputs,
        "variables": variables,
        **{name: parts.get(name, []) for name in plumbing.OF_CHAIN},
        "start": d.start,
        "nodes": {n.key: _node_value(d, n) for n in d.nodes if n.group is None},
        "links": _links_value(d.links),
    }
    return {"onecloud": FORMAT, "name": d.name, **_without_defaults(ChainDocument, whole)}


def _node_value(definition: Definition, n: Node) -> dict[str, Json]:
    group: dict[str, Json] | None = None
    if n.starts is not None:
        inner: dict[str, Json] = {
            "start": list(n.starts),
            "nodes": {m.key: _node_value(definition, m) for m in definition.members(n.key)},
            "links": _links_value(n.links),
        }
        group = _without_defaults(GroupPart, inner)
    parts = plumbing.dumped(n, of_node=True)
    part: dict[str, Json] = {
        "command": n.command,
        "name": n.name,
        "description": n.description,
        "connection": n.connection,
        "inputs": n.inputs,
        "timeout_s": _short(n.timeout_s),
        "retries": n.retries,
        "retry_pause_s": _short(n.retry_pause_s),
        "ignore_exit_codes": list(n.ignore_exit_codes),
        "on_error": str(n.on_error),
        "mask_outputs": n.mask_outputs,
        "color": n.color,
        **{name: parts.get(name) for name in plumbing.OF_NODE if name in parts},
        "group": group,
    }
    return _without_defaults(NodePart, part)


def _links_value(links: tuple[Link, ...]) -> list[Json]:
    return [
        {"from": li.source, "to": li.target} | ({} if li.when is When.SUCCESS else {"when": str(li.when)})
        for li in links
    ]


def _short(number: float | None) -> float | None:
    """`60` instead of `60.0`."""
    return int(number) if number is not None and number == int(number) else number


def _without_defaults(part: type[Part], values: Mapping[str, Json]) -> dict[str, Json]:
    fields = part.model_fields
    return {k: v for k, v in values.items() if v != fields[k].get_default(call_default_factory=True)}


def _problems(fault: ValidationError, source: Source) -> tuple[Problem, ...]:
    problems: dict[tuple[Path, str], Problem] = {}
    for error in fault.errors(include_url=False, include_input=False):
        condition = _condition(error["loc"])
        if condition is not None:
            problems |= _condition_problems(condition, source)
            continue
        path = _path(error["loc"], source.value)
        kind = error["type"]
        if kind in {"extra_forbidden", "unexpected_keyword_argument"}:
            message, mend = f"There is no field `{path[-1]}` here.", near(str(path[-1]), _fields(path[:-1]))
        elif kind == "missing":
            message, mend = f"`{error['loc'][-1]}` is missing.", f"Add `{error['loc'][-1]}: …`."
            path = (*path, cast(str, error["loc"][-1]))
        else:
            message, mend = _said(kind, error.get("ctx", {}), error["msg"], path)
        place, arms = (path, kind), path[-1:] == ("default",)
        if arms:  # each kind of value that a default may have reports the same place
            place, message, mend = (path, ""), "Expected one text, number, true or false.", ""
        problems[place] = Problem(path_text(path) or "document", at_line(source.line(path), message), mend)
    return tuple(problems.values())


def _condition(loc: tuple[int | str, ...]) -> Path | None:
    """The path of the condition that a location of pydantic leads into; None when it leads elsewhere."""
    at = 0
    while at + 2 < len(loc) and loc[at] == "nodes":
        at += 2 if loc[at + 2] != "group" else 3
    if loc[at : at + 1] == ("skip_if",):
        return loc[: at + 1]
    return loc[: at + 2] if loc[at : at + 2] == ("iterate", "until") else None


def _condition_problems(path: Path, source: Source) -> dict[tuple[Path, str], Problem]:
    """Every fault of the condition at a path, in the words of conditions."""
    value = source.value
    for step in path:
        value = cast(dict[str, Json], value)[str(step)]
    lines = {path_text(known): line for known, line in source.lines.items()}
    found: dict[tuple[Path, str], Problem] = {}
    for fault in conditions.faults(value):
        where = f"{path_text(path)}{'.' if fault.where else ''}{fault.where}"
        message = at_line(_line(lines, where), f"{fault.message[:1].upper()}{fault.message[1:]}.")
        found[path, fault.where] = Problem(where, message, fault.mend)
    return found


def _path(loc: tuple[int | str, ...], value: Json) -> Path:
    """The part of pydantic's location that is a path in the document (it also names union arms)."""
    path: list[str | int] = []
    for step in loc:
        if isinstance(value, Mapping) and step in value:
            value = value[str(step)]
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            break
        path.append(step)
    return tuple(path)


def _fields(path: Path) -> list[str]:
    """The fields that may stand at a path: those of the part that the nearest known name of the path stands for."""
    part = next((PARTS[step] for step in reversed(path) if isinstance(step, str) and step in PARTS), ChainDocument)
    return [field.name for field in fields_of(part)]


def _said(kind: str, context: dict[str, Any], message: str, path: Path) -> tuple[str, str]:
    """Message and mend of a wrong value, in the document's own words."""
    match kind:
        case "string_type":
            return "Expected text.", "Put the value in quotes."
        case "literal_error":
            return f"The value must be {context['expected']}.", ""
        case "string_pattern_mismatch" if path[-1] == "color":
            return "A colour is # and six hexadecimal digits.", "Write it as #3CB702."
        case "string_pattern_mismatch" if path[-1] in ("from", "to", "start") or path[0] == "nodes":
            return "A node's key has letters, digits, _ and -, at most 64.", "Choose such a key."
        case "string_pattern_mismatch" if path[0] == "schedules" and path[2] in FORMS:
            return "The text does not have the form of this field.", FORMS[str(path[2])]
        case "string_pattern_mismatch":
            return "The text has a line break, a control character, or a blank at an end.", "Remove it."
        case "int_type" | "float_type" | "int_from_float":
            return "Expected a number.", "Write it without quotes."
        case "bool_type":
            return "Expected true or false.", "Write it without quotes."
        case _:
            return message.rstrip(".") + ".", ""


def _line(lines: Mapping[str, int], where: str) -> int | None:
    """The line of a place, or of the nearest place around it."""
    while where and where not in lines:
        where = where[: max(where.rfind("."), where.rfind("["), 0)]
    return lines.get(where)
