"""The template document: readable YAML text, or the same as a JSON value, to a template's content and back; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, TypeAdapter, ValidationError

from onecloud.chain_templates.model import DEFAULT_FOLDER, Content, TemplateVariable
from onecloud.chains import yamltext
from onecloud.chains.document import document_value, parse_value
from onecloud.chains.fields import PRINTED
from onecloud.chains.yamltext import Path, Source, at_line, path_text
from onecloud.kernel.errors import Invalid, Problem
from onecloud.kernel.jsonvalue import Json, dump
from onecloud.variables.rules import near

FORMAT: Final = 1

# What a chain gets only when it is made, and why.
NOT_HERE: Final[Mapping[str, str]] = {
    "onecloud": "It stands at the top of the document.",
    "name": "The chain gets its name when it is made; the template's stands at the top.",
    "variables": "Declare them as the template's `variables`, with `type: chain`.",
    "dynamic_variables": "Declare them as the template's `variables`, with `type: dynamic`.",
    "schedules": "Add them to the chain that is made.",
    "triggers": "Add them to the chain that is made.",
}
Named = Annotated[str, Field(min_length=1, max_length=100, pattern=PRINTED)]


class TemplateDocument(BaseModel):
    """A template as one readable file."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    onecloud: Literal[1] = Field(description="Format of the document.")
    template: Named = Field(description="Name of the template, unique in its folder.")
    folder: Named = Field(DEFAULT_FOLDER, description="Folder that it is kept in.")
    description: str = Field("", max_length=4000, description="What chains of it are for.")
    variables: list[TemplateVariable] = Field(
        default_factory=list[TemplateVariable],
        max_length=200,
        description="What is chosen or given when a chain is made.",
    )
    chain: dict[str, JsonValue] = Field(
        description="The chain, as a chain document has it, without a name, variables and connections."
    )


@dataclass(frozen=True, slots=True)
class Parsed:
    """A document that was read."""

    name: str
    folder: str
    description: str
    content: Content
    source: Source

    def placed(self, problems: Sequence[Problem]) -> tuple[Problem, ...]:
        """The problems with the line of their place in front of the message, as far as lines are known."""
        lines = {path_text(path): line for path, line in self.source.lines.items()}
        return tuple(Problem(p.where, at_line(_line(lines, p.where), p.message), p.mend) for p in problems)


def parse_text(text: str) -> Parsed:
    """The template that a YAML text holds.

    Raises: Invalid `template.document` with one Problem per fault, each naming path, line and mend.
    """
    try:
        return _parsed(yamltext.read(text))
    except yamltext.Unreadable as fault:
        raise invalid((fault.problem,)) from fault


def parse_json(value: Json) -> Parsed:
    """The template that a JSON value holds, as editors send it.

    Raises: Invalid `template.document` with one Problem per fault, each naming path and mend.
    """
    try:
        return _parsed(yamltext.given(value))
    except yamltext.Unreadable as fault:
        raise invalid((fault.problem,)) from fault


def _parsed(source: Source) -> Parsed:
    if not isinstance(source.value, Mapping):
        message = at_line(source.line(()), "The document is not a mapping.")
        raise invalid((Problem("document", message, "Start with `onecloud: 1` and `template: …`."),))
    try:
        document = TemplateDocument.model_validate_json(dump(source.value))
    except ValidationError as fault:
        raise invalid(tuple(_fault(error, source) for error in fault.errors(include_url=False))) from None
    bare = Content(tuple(document.variables), {})
    parsed = Parsed(document.template, document.folder, document.description, bare, source)
    problems = [*_twice(document.variables), *_misplaced(document.chain)]
    if problems:
        raise invalid(parsed.placed(problems))
    try:
        chain = normal(document.template, document.chain)
    except Invalid as fault:
        raise invalid(parsed.placed([Problem(f"chain.{p.where}", p.message, p.mend) for p in fault.problems])) from None
    content = Content(tuple(document.variables), chain)
    return Parsed(document.template, document.folder, document.description, content, source)


def normal(name: str, chain: Mapping[str, Json]) -> dict[str, Json]:
    """The chain part as it is kept: what has its default is left out.

    Raises: Invalid `chain.document`.
    """
    whole = document_value(parse_value({"onecloud": FORMAT, "name": name, **chain}).definition)
    return {key: value for key, value in whole.items() if key not in NOT_HERE}


def document(name: str, folder: str, description: str, content: Content) -> dict[str, Json]:
    """The document as a JSON value, in the order in which people read it."""
    whole: dict[str, Json] = {"onecloud": FORMAT, "template": name}
    if folder != DEFAULT_FOLDER:
        whole["folder"] = folder
    if description:
        whole["description"] = description
    if content.variables:
        whole["variables"] = variables_value(content.variables)
    return {**whole, "chain": content.chain}


def document_text(name: str, folder: str, description: str, content: Content) -> str:
    """The document as YAML."""
    return yamltext.write(document(name, folder, description, content))


_VARIABLES: Final[TypeAdapter[tuple[TemplateVariable, ...]]] = TypeAdapter(tuple[TemplateVariable, ...])


def variables_value(variables: tuple[TemplateVariable, ...]) -> list[Json]:
    """The variables as JSON; what has its default is left out."""
    value: list[Json] = _VARIABLES.dump_python(variables, mode="json", exclude_defaults=True)
    return value


def encode(content: Content) -> str:
    """The content as stored text; equal contents give equal text."""
    return dump({"format": FORMAT, "variables": variables_value(content.variables), "chain": content.chain})


def decode(text: str) -> Content:
    """The content of a stored text.

    Raises: ValueError when a newer OneCloud wrote it.
    """
    stored: Any = TypeAdapter(dict[str, Any]).validate_json(text)
    if stored["format"] != FORMAT:
        raise ValueError(f"a stored template has format {stored['format']}, this OneCloud reads {FORMAT}; update it")
    return Content(_VARIABLES.validate_json(dump(stored["variables"])), stored["chain"])


def invalid(problems: tuple[Problem, ...]) -> Invalid:
    """The one error of a document with faults."""
    others = len(problems) - 1
    more = f" (and {others} more)" if others else ""
    return Invalid("template.document", problems[0].sentence() + more, problems=problems)


def _twice(variables: Sequence[TemplateVariable]) -> list[Problem]:
    seen: set[tuple[str, str]] = set()
    problems: list[Problem] = []
    for index, variable in enumerate(variables):
        where = f"variables[{index}]"
        if variable.key in seen:
            message = f"There are two variables `{variable.name}` of the type {variable.type}."
            problems.append(Problem(f"{where}.name", message, "Remove or rename one."))
        seen.add(variable.key)
        problems += [Problem(f"{where}.{field}", message, mend) for field, message, mend in _faults(variable)]
    return problems


def _faults(variable: TemplateVariable) -> list[tuple[str, str, str]]:
    faults: list[tuple[str, str, str]] = []
    if variable.encrypted and variable.type in {"dynamic", "resource"}:
        faults.append(("encrypted", f"A variable of the type {variable.type} cannot be encrypted.", "Remove it."))
    if variable.value is None:
        return faults
    if variable.encrypted:
        faults.append(("value", "A template keeps no secrets.", "Remove the value; it is given with the chain."))
    elif variable.type == "resource":
        faults.append(("value", "A file has no value here.", "Remove it; a file of the workspace is chosen."))
    elif variable.type != "dynamic" and not isinstance(variable.value, str):
        faults.append(("value", "Expected text.", "Put the value in quotes."))
    return faults


def _misplaced(chain: Mapping[str, Json]) -> list[Problem]:
    return [
        Problem(f"chain.{field}", f"`{field}` does not belong to a template's chain.", mend)
        for field, mend in NOT_HERE.items()
        if field in chain
    ]


def _fault(error: Mapping[str, Any], source: Source) -> Problem:
    path: Path = tuple(error["loc"])
    kind: str = error["type"]
    if kind == "extra_forbidden":
        names = _fields(path)
        message, mend = f"There is no field `{path[-1]}` here.", near(str(path[-1]), names)
    elif kind == "missing":
        message, mend = f"`{path[-1]}` is missing.", f"Add `{path[-1]}: …`."
    elif kind == "string_type":
        message, mend = "Expected text.", "Put the value in quotes."
    else:
        message, mend = str(error["msg"]).replace("Input should", "The value should").rstrip(".") + ".", ""
    return Problem(path_text(path), at_line(source.line(path), message), mend)


def _fields(path: Path) -> list[str]:
    if len(path) > 1 and path[0] == "variables":
        return list(TemplateVariable.__dataclass_fields__)
    return list(TemplateDocument.model_fields)


def _line(lines: Mapping[str, int], where: str) -> int | None:
    """The line of a place, or of the nearest place around it."""
    while where and where not in lines:
        where = where[: max(where.rfind("."), where.rfind("["), 0)]
    return lines.get(where)
