"""The chain document: readable YAML text to a Definition and back.

The models below are the one statement of the document's fields; the JSON Schema and the field guide come from them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal, cast

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints, ValidationError

from onecloud.chains import yamltext
from onecloud.chains.model import ChainVariable, Definition, InputType, Link, Node, OnError, RuntimeInput, When
from onecloud.chains.yamltext import Path, Source, at_line, path_text
from onecloud.kernel.errors import Invalid, Problem
from onecloud.kernel.jsonvalue import Json
from onecloud.variables.rules import near

FORMAT: Final = 1
DAY_S: Final = 86_400

# Keys go into paths, references and idempotency headers, so they are plain ASCII.
Key = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_-]{0,63}$")]
Name = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]*$")]
Description = Annotated[str, StringConstraints(max_length=4000)]


class Part(BaseModel):
    """What every part of the document shares: no unknown fields, no silent conversions."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class InputPart(Part):
    """A value that is asked for when the chain starts."""

    name: Name = Field(description="Name of the input; references say `${{ input.NAME }}`.")
    type: InputType = Field("text", description="Kind of value that is accepted.")
    label: str = Field("", max_length=100, description="Shown instead of the name.")
    description: Description = Field("", description="Help for the person who starts the chain.")
    required: bool = Field(False, description="Whether a start without a value is refused.")
    default: str | bool | int | float | None = Field(None, description="Value when none is given.")
    options: list[Name] = Field(default_factory=list, max_length=500, description="Choices of a dropdown.")


class VariablePart(Part):
    """A named value of the chain, the same in every run of a version."""

    name: Name = Field(description="Name of the variable; references say `${{ chain.NAME }}`.")
    value: Annotated[str, StringConstraints(max_length=32_768)] | None = Field(
        description="The text. null keeps the stored value of an encrypted variable."
    )
    encrypted: bool = Field(False, description="Store the value sealed and never show or export it.")


class NodePart(Part):
    """One command of the chain and what happens around it."""

    command: str = Field(description="Which command runs, as `connector.command`.")
    name: str = Field("", max_length=100, description="Shown instead of the key.")
    description: Description = Field("", description="What the node is for.")
    connection: Name | None = Field(None, description="Name of the connection that the command uses.")
    inputs: dict[str, JsonValue] = Field(
        default_factory=dict, description="The command's inputs; any text may hold references."
    )
    timeout_s: float | None = Field(None, gt=0, le=7 * DAY_S, description="Seconds that one try may take.")
    retries: int = Field(0, ge=0, le=100, description="Further tries after a failed one.")
    retry_pause_s: float = Field(0, ge=0, le=DAY_S, description="Seconds between two tries.")
    ignore_exit_codes: list[int] = Field(
        default_factory=list, max_length=100, description="Exit codes of the command that count as success."
    )
    on_error: Literal["continue", "exit", "pause"] = Field(
        "continue", description="After a failure: let the links decide, end the run, or pause it."
    )


class LinkPart(Part):
    """An arrow from one node to another, with the result it waits for."""

    source: Key = Field(alias="from", description="Key of the node that comes first.")
    target: Key = Field(alias="to", description="Key of the node that follows.")
    when: Literal["success", "warning", "failure", "any"] = Field(
        "success", description="Result of the first node with which the link is followed."
    )


class ChainDocument(Part):
    """A chain as one readable file."""

    onecloud: Literal[1] = Field(description="Format of the document.")
    name: Name = Field(description="Name of the chain, unique in its environment.")
    description: Description = Field("", description="What the chain is for.")
    allow_concurrent_runs: bool = Field(False, description="Whether a run may start while another one is under way.")
    inputs: list[InputPart] = Field(default_factory=list[InputPart], description="Runtime inputs, in their order.")
    variables: list[VariablePart] = Field(
        default_factory=list[VariablePart], description="Chain variables, at most 100."
    )
    start: Key = Field(description="Key of the node that runs first.")
    nodes: dict[Key, NodePart] = Field(min_length=1, max_length=2000, description="The nodes by their keys.")
    links: list[LinkPart] = Field(default_factory=list[LinkPart], max_length=10_000, description="The arrows.")


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
    if not isinstance(source.value, Mapping):
        message = at_line(source.line(()), "The document is not a mapping.")
        raise invalid((Problem("document", message, "Start with `onecloud: 1` and `name: …`."),))
    try:
        document = ChainDocument.model_validate(source.value)
    except ValidationError as fault:
        raise invalid(_problems(fault, source)) from fault
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
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    return Invalid("chain.document", problems[0].sentence() + more, problems=problems)


def _definition(document: ChainDocument) -> Definition:
    return Definition(
        name=document.name,
        start=document.start,
        nodes=tuple(
            Node(
                key=key,
                command=n.command,
                name=n.name,
                description=n.description,
                connection=n.connection,
                inputs=cast(Mapping[str, Json], n.inputs),
                timeout_s=n.timeout_s,
                retries=n.retries,
                retry_pause_s=n.retry_pause_s,
                ignore_exit_codes=tuple(n.ignore_exit_codes),
                on_error=OnError(n.on_error),
            )
            for key, n in document.nodes.items()
        ),
        links=tuple(Link(li.source, li.target, When(li.when)) for li in document.links),
        description=document.description,
        allow_concurrent_runs=document.allow_concurrent_runs,
        inputs=tuple(
            RuntimeInput(i.name, i.type, i.label, i.description, i.required, i.default, tuple(i.options))
            for i in document.inputs
        ),
        variables=tuple(ChainVariable(v.name, v.value or "", v.encrypted) for v in document.variables),
    )


def document_value(definition: Definition) -> dict[str, Json]:
    """The document as a JSON value, in the order in which people read it."""
    d = definition
    nodes: dict[str, Json] = {}
    for n in d.nodes:
        part: dict[str, Json] = {
            "name": n.name,
            "description": n.description,
            "connection": n.connection,
            "inputs": n.inputs,
            "timeout_s": _short(n.timeout_s),
            "retries": n.retries,
            "retry_pause_s": _short(n.retry_pause_s),
            "ignore_exit_codes": list(n.ignore_exit_codes),
            "on_error": str(n.on_error),
        }
        nodes[n.key] = {"command": n.command, **_without_defaults(NodePart, part)}
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
    links: list[Json] = [
        {"from": li.source, "to": li.target} | ({} if li.when is When.SUCCESS else {"when": str(li.when)})
        for li in d.links
    ]
    whole: dict[str, Json] = {
        "description": d.description,
        "allow_concurrent_runs": d.allow_concurrent_runs,
        "inputs": inputs,
        "variables": variables,
        "start": d.start,
        "nodes": nodes,
        "links": links,
    }
    return {"onecloud": FORMAT, "name": d.name, **_without_defaults(ChainDocument, whole)}


def _short(number: float | None) -> float | None:
    """`60` instead of `60.0`."""
    return int(number) if number is not None and number == int(number) else number


def _without_defaults(part: type[Part], values: Mapping[str, Json]) -> dict[str, Json]:
    fields = part.model_fields
    return {k: v for k, v in values.items() if v != fields[k].get_default(call_default_factory=True)}


def _problems(fault: ValidationError, source: Source) -> tuple[Problem, ...]:
    problems: dict[tuple[Path, str], Problem] = {}
    for error in fault.errors(include_url=False, include_input=False):
        path = _path(error["loc"], source.value)
        kind = error["type"]
        if kind == "extra_forbidden":
            message, mend = f"There is no field `{path[-1]}` here.", near(str(path[-1]), _fields(path[:-1]))
        elif kind == "missing":
            message, mend = f"`{error['loc'][-1]}` is missing.", f"Add `{error['loc'][-1]}: …`."
            path = (*path, cast(str, error["loc"][-1]))
        else:
            message, mend = _said(kind, cast("dict[str, Any]", error.get("ctx", {})), error["msg"], path)
        place, arms = (path, kind), path[-1:] == ("default",)
        if arms:  # each kind of value that a default may have reports the same place
            place, message, mend = (path, ""), "Expected one text, number, true or false.", ""
        problems[place] = Problem(path_text(path) or "document", at_line(source.line(path), message), mend)
    return tuple(problems.values())


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
    parts: dict[str, type[Part]] = {"inputs": InputPart, "variables": VariablePart, "nodes": NodePart, "links": LinkPart}
    part = parts[str(path[0])] if path else ChainDocument
    return [field.alias or name for name, field in part.model_fields.items()]


def _said(kind: str, context: dict[str, Any], message: str, path: Path) -> tuple[str, str]:
    """Message and mend of a wrong value, in the document's own words."""
    match kind:
        case "string_type":
            return "Expected text.", "Put the value in quotes."
        case "literal_error":
            return f"The value must be {context['expected']}.", ""
        case "string_pattern_mismatch" if path[-1] in ("from", "to", "start") or path[0] == "nodes":
            return "A node's key has letters, digits, _ and -, at most 64.", "Choose such a key."
        case "string_pattern_mismatch":
            return "The text holds a line break or a control character.", "Remove it."
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
