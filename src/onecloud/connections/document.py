"""The workspace document: environments, variables and connections in one readable text; pure.

It stands on this floor because connections are the highest of the three. Secrets never stand in it: `${ENV:NAME}`
takes one from the environment, `${STDIN}` the next line of standard input.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from onecloud.kernel.errors import Invalid, Problem
from onecloud.kernel.jsonvalue import Json

GIVEN: Final = re.compile(r"\$\{(?:ENV:(?P<name>[A-Za-z_][A-Za-z0-9_]*)|STDIN)\}")


class Part(BaseModel):
    """What every part shares: no unknown fields, a number may stand for text, and no value shows in an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True, hide_input_in_errors=True)


class EnvironmentPart(Part):
    """An environment; the order in the document is the order of making."""

    name: str = Field(description="Name, such as DEV.")
    description: str = Field("", description="What it is for.")
    color: str = Field("", description="Color as #RRGGBB; left out, it is chosen or kept.")


class VariablePart(Part):
    """A workspace variable; references say `${{ workspace.KEY }}`."""

    key: str = Field(description="Key that references name.")
    label: str = Field("", description="Shown instead of the key.")
    default: str | None = Field(None, description="Value where an environment has none of its own.")
    encrypted: bool = Field(False, description="Store the values sealed and never show them.")
    values: dict[str, str] = Field(default_factory=dict, description="Own values by the environment's name.")


class ConnectionPart(Part):
    """A configured connector."""

    name: str = Field(description="Name that chains use.")
    connector: str = Field(description="Id of the connector, such as `sql`.")
    description: str = Field("", description="What it is for.")
    properties: dict[str, JsonValue] = Field(default_factory=dict, description="The connector's readable properties.")
    secrets: dict[str, JsonValue] = Field(default_factory=dict, description="Its secrets, each given from outside.")
    environments: list[str] = Field(default_factory=list, description="Names of the environments that may use it.")


class WorkspaceDocument(Part):
    """A whole workspace but for its chains."""

    onecloud: Literal[1] = Field(description="Version of the document format.")
    name: str = Field(description="Name of the workspace.")
    description: str = Field("", description="What it is for.")
    external_id: str = Field("", description="Id of an associated workspace in another product.")
    environments: list[EnvironmentPart] = Field(default_factory=list[EnvironmentPart])
    variables: list[VariablePart] = Field(default_factory=list[VariablePart])
    connections: list[ConnectionPart] = Field(default_factory=list[ConnectionPart])


def read(value: Json, environ: Mapping[str, str], next_line: Callable[[], str | None]) -> WorkspaceDocument:
    """The document of a value, with every `${ENV:NAME}` and `${STDIN}` replaced by what it stands for.

    `next_line` gives the next line of standard input, None at its end. Raises: Invalid with every problem.
    """
    if not isinstance(value, Mapping):
        raise invalid([Problem("document", "is not a mapping.", "Begin with `onecloud: 1` and `name: …`.")])
    filler = _Filler(environ, next_line)
    try:
        document = WorkspaceDocument.model_validate(value)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_context=False, include_input=False)
        raise invalid([_fault(fault["loc"], fault["msg"]) for fault in faults]) from None
    variables = [filler.variable(variable, f"variables[{i}]") for i, variable in enumerate(document.variables)]
    connections = [filler.connection(part, f"connections[{i}]") for i, part in enumerate(document.connections)]
    problems = [
        *_twice("environments", "name", [part.name for part in document.environments]),
        *_twice("variables", "key", [part.key for part in document.variables]),
        *_twice("connections", "name", [part.name for part in document.connections]),
        *filler.problems,
    ]
    if problems:
        raise invalid(problems)
    return document.model_copy(update={"variables": variables, "connections": connections})


def invalid(problems: list[Problem]) -> Invalid:
    """The one error of a document that cannot be applied."""
    count = "a fault" if len(problems) == 1 else f"{len(problems)} faults"
    sentence = f"The workspace document has {count}: {problems[0].sentence()}"
    return Invalid("workspace.document", sentence, problems=tuple(problems))


class _Filler:
    """Replaces what is given from outside, in the order of the document, and notes what is wrong."""

    def __init__(self, environ: Mapping[str, str], next_line: Callable[[], str | None]) -> None:
        self.environ = environ
        self.next_line = next_line
        self.problems: list[Problem] = []

    def variable(self, part: VariablePart, where: str) -> VariablePart:
        default = part.default
        if default is not None:
            default = self.text(default, f"{where}.default", secret=part.encrypted)
        values = {
            name: self.text(value, f"{where}.values.{name}", secret=part.encrypted)
            for name, value in part.values.items()
        }
        return part.model_copy(update={"default": default, "values": values})

    def connection(self, part: ConnectionPart, where: str) -> ConnectionPart:
        properties = self.value(part.properties, f"{where}.properties", secret=False)
        secrets = self.value(part.secrets, f"{where}.secrets", secret=True)
        return part.model_copy(update={"properties": properties, "secrets": secrets})

    def value(self, value: JsonValue, where: str, *, secret: bool) -> JsonValue:
        if isinstance(value, dict):
            return {key: self.value(item, f"{where}.{key}", secret=secret) for key, item in value.items()}
        if isinstance(value, list):
            return [self.value(item, f"{where}[{i}]", secret=secret) for i, item in enumerate(value)]
        if isinstance(value, str):
            return self.text(value, where, secret=secret)
        if secret and value is not None:
            return self.text("", where, secret=True)
        return value

    def text(self, text: str, where: str, *, secret: bool) -> str:
        given = GIVEN.fullmatch(text)
        if given is None:
            if secret:
                mend = "Write ${ENV:NAME}, or ${STDIN} for the next line of standard input."
                self.problems.append(Problem(where, "is a secret and stands readable in the document.", mend))
            return text
        name = given["name"]
        found = self.next_line() if name is None else self.environ.get(name)
        if found is None:
            message = "standard input has no further line." if name is None else f"the variable {name} is not set."
            self.problems.append(Problem(where, message, "Give it and apply again."))
        return found or ""


def _twice(part: str, field: str, names: Iterable[str]) -> list[Problem]:
    seen: set[str] = set()
    problems: list[Problem] = []
    for index, name in enumerate(names):
        if name in seen:
            problems.append(Problem(f"{part}[{index}].{field}", f"`{name}` is there twice.", "Remove or rename one."))
        seen.add(name)
    return problems


def _fault(path: tuple[int | str, ...], message: str) -> Problem:
    where = ""
    for step in path:
        where += f"[{step}]" if isinstance(step, int) else f".{step}" if where else step
    return Problem(where, f"{message[:1].lower()}{message[1:]}.", "")
