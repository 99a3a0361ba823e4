"""What can be referred to, and the variables of a workspace, as frozen values."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Literal, TypeAlias, get_args

from onecloud.connector.context import FileRef
from onecloud.kernel.jsonvalue import Json, JsonScalar, dump
from onecloud.kernel.secret import Secret

Scope: TypeAlias = Literal[
    "workspace", "chain", "dynamic", "input", "resource", "node", "iteration", "group", "system", "trigger"
]
SCOPES: Final[tuple[Scope, ...]] = get_args(Scope)

# What a reference may stand for while a run resolves it.
Resolved: TypeAlias = JsonScalar | Secret | FileRef | Sequence["Resolved"] | Mapping[str, "Resolved"]

# A name that needs no quotes in a path: letters of any script, digits, underscore, hyphen.
PLAIN_NAME: Final = re.compile(r"[\w-]+")

# Source: product facts 2.15. Times are RFC 3339 in UTC; `date` is YYYY-MM-DD.
SYSTEM: Final[Mapping[str, str]] = MappingProxyType(
    {
        "chain_id": "Id of the chain",
        "chain_run_id": "Id of this run",
        "chain_name": "Name of the chain",
        "chain_environment": "Name of the environment",
        "chain_url": "Address of the chain's page",
        "chain_started_at": "When this run started",
        "chain_previous_started_at": "When the run before this one started; empty for the first",
        "command_id": "Id of the node",
        "command_run_id": "Id of this node's run",
        "command_name": "Name of the node",
        "command_url": "Address of this node in the run's page",
        "runner_directory": "Folder of the runner; empty on the server's own",
        "date": "Today's date when the command starts",
        "datetime": "The moment when the command starts",
        "user_email": "E-mail address of who started the run",
        "user_name": "Name of who started the run",
        "user_id": "Id of who started the run",
    }
)

# What an iterator tells each of its passes, as `iteration.…` of the node itself and `group.…` of the group around it.
# Source: product facts 2.10, where the total is called zero-based; here it is the count.
PASS_FACTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "value": "The value of this pass; further steps lead into it",
        "index": "Number of this pass, from 0",
        "first": "Whether this is the first pass",
        "last": "Whether this is the last pass; a list only",
        "total": "How many passes there are; a list only",
    }
)

# The scopes in words, as errors and pickers say them.
KINDS: Final[Mapping[Scope, str]] = MappingProxyType(
    {
        "workspace": "workspace variable",
        "chain": "chain variable",
        "dynamic": "dynamic chain variable",
        "input": "runtime input",
        "resource": "workspace resource",
        "node": "output of a node",
        "iteration": "value of the node's own iteration",
        "group": "value of the group's iteration",
        "system": "system value",
        "trigger": "fact of what a trigger saw",
    }
)

# Every node has these beside the outputs of its command.
NODE_FACTS: Final[Mapping[str, str]] = MappingProxyType(
    {"status": "succeeded, warned, errored or skipped", "exit_code": "Exit code, a number", "message": "Last message"}
)

# A node that repeats has these too; its command's outputs are lists then, one item for each pass.
LOOP_FACTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "passes": "How many passes there were",
        "failed_passes": "How many of them failed",
        "results": "File of JSON lines, one for each pass: index, value, state, exit_code and outputs",
    }
)


@dataclass(frozen=True, slots=True)
class Reference:
    """One `${{ scope.name… }}`. `path` begins with the name; texts are fields, whole numbers list positions.

    `start` and `end` are offsets into the template (0-based, end exclusive); they do not count for equality.
    """

    scope: Scope
    path: tuple[str | int, ...]
    start: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)

    @property
    def name(self) -> str:
        """The first step: a variable's, an input's or a system value's name, or a node's key."""
        return str(self.path[0])

    def __str__(self) -> str:
        return self.scope + "".join(_step(step) for step in self.path)


@dataclass(frozen=True, slots=True)
class Pipe:
    """One transformation of a value, as `| name(arguments)`; an argument is JSON, or a reference to a value."""

    name: str
    arguments: tuple[Json | Reference, ...] = ()
    start: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)

    def __str__(self) -> str:
        given = ", ".join(str(a) if isinstance(a, Reference) else dump(a) for a in self.arguments)
        return f"{self.name}({given})" if self.arguments else self.name


@dataclass(frozen=True, slots=True)
class Piped:
    """A reference whose value passes through transformations: `${{ reference | pipe | pipe }}`."""

    reference: Reference
    pipes: tuple[Pipe, ...]
    start: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)

    @property
    def references(self) -> tuple[Reference, ...]:
        """The reference, then those in the arguments."""
        inner = (a for pipe in self.pipes for a in pipe.arguments if isinstance(a, Reference))
        return (self.reference, *inner)

    def __str__(self) -> str:
        return " | ".join((str(self.reference), *(str(pipe) for pipe in self.pipes)))


@dataclass(frozen=True, slots=True)
class Text:
    """Literal text of a template, escapes already undone."""

    text: str
    start: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)


Piece: TypeAlias = Text | Reference | Piped


@dataclass(frozen=True, slots=True)
class Template:
    """A field's text taken apart: literal texts and references in order; no empty and no two adjoining texts."""

    pieces: tuple[Piece, ...]

    @property
    def references(self) -> tuple[Reference, ...]:
        """The references in order, those in arguments of transformations too."""
        return tuple(
            reference
            for piece in self.pieces
            if not isinstance(piece, Text)
            for reference in (piece.references if isinstance(piece, Piped) else (piece,))
        )

    @property
    def single(self) -> Reference | Piped | None:
        """The reference, when the field is exactly one and nothing else: then it keeps the value's type."""
        alone = self.pieces[0] if len(self.pieces) == 1 else None
        return None if isinstance(alone, Text) else alone

    def __str__(self) -> str:
        """The template as one writes it; parsing it gives an equal template."""
        parts: list[str] = []
        for index, piece in enumerate(self.pieces):
            if not isinstance(piece, Text):
                parts.append(f"${{{{ {piece} }}}}")
                continue
            # Dollars before an opening brace pair count double, as backslashes do before a quote.
            text = re.sub(r"(\$+)(?=\{\{)", r"\1\1", piece.text)
            before_reference = index + 1 < len(self.pieces)
            parts.append(re.sub(r"(\$+)\Z", r"\1\1", text) if before_reference else text)
        return "".join(parts)


class TemplateFault(ValueError):
    """A template that cannot be read.

    `position` counts characters from 1 within the text; `where` is the path of the text within the value
    that was walked ("" for the value itself).
    """

    def __init__(self, position: int, message: str, mend: str, where: str = "") -> None:
        super().__init__(f"{where}{': ' if where else ''}at character {position}: {message}. {mend}")
        self.position = position
        self.message = message
        self.mend = mend
        self.where = where


class Unresolved(ValueError):
    """A value that cannot be had, or cannot stand where it stands; `mend` says what to do.

    `span` is the part of the template that is at fault, as offsets: a reference or a transformation.
    """

    def __init__(
        self, reference: Reference, message: str, mend: str, where: str = "", span: tuple[int, int] | None = None
    ) -> None:
        super().__init__(f"{where}{': ' if where else ''}{message}. {mend}".rstrip())
        self.reference = reference
        self.message = message
        self.mend = mend
        self.where = where
        self.span = span or (reference.start, reference.end)

    def at(self, where: str) -> Unresolved:
        """The same fault, in a text at that place of the walked value."""
        return type(self)(self.reference, self.message, self.mend, where, self.span)


class Missing(Unresolved):
    """A step that leads nowhere in a value that is there: a field or an item that it does not have."""


@dataclass(frozen=True, slots=True)
class Known:
    """Every value that a run knows at one moment; `node` holds outputs and facts by node key.

    `iteration` and `group` hold the facts of the pass (`PASS_FACTS`) and are empty outside an iterator; a repeat
    until leaves out `last` and `total`, which nobody knows beforehand. `trigger` is for triggers alone: in a run it
    is empty.
    """

    workspace: Mapping[str, Resolved] = field(default_factory=dict[str, Resolved])
    chain: Mapping[str, Resolved] = field(default_factory=dict[str, Resolved])
    input: Mapping[str, Resolved] = field(default_factory=dict[str, Resolved])
    system: Mapping[str, Resolved] = field(default_factory=dict[str, Resolved])
    node: Mapping[str, Mapping[str, Resolved]] = field(default_factory=dict[str, Mapping[str, Resolved]])
    dynamic: Mapping[str, Resolved] = field(default_factory=dict[str, Resolved])
    resource: Mapping[str, Resolved] = field(default_factory=dict[str, Resolved])
    iteration: Mapping[str, Resolved] = field(default_factory=dict[str, Resolved])
    group: Mapping[str, Resolved] = field(default_factory=dict[str, Resolved])
    trigger: Mapping[str, Resolved] = field(default_factory=dict[str, Resolved])


@dataclass(frozen=True, slots=True)
class VariableFields:
    """What a person may set of a workspace variable.

    `default` None and an environment missing in `values` (environment id to text) leave what is stored when the
    variable was and stays encrypted; otherwise they mean no text of its own. An empty label shows the key.
    """

    key: str
    label: str = ""
    default: str | None = None
    encrypted: bool = False
    values: Mapping[int, str] = field(default_factory=dict[int, str])


@dataclass(frozen=True, slots=True, repr=False)
class StoredVariable:
    """A variable with its texts opened; never leaves the room and never prints."""

    id: int
    key: str
    label: str
    encrypted: bool
    default: str
    values: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class Shown:
    """A variable as lists show it: of an encrypted one neither the value nor the default is told.

    `value` is the environment's own text, or the default where it has none. Source: product facts 2.3, 12.
    """

    key: str
    label: str
    default: str
    value: str | None
    encrypted: bool


def _step(step: str | int) -> str:
    if isinstance(step, int):
        return f"[{step}]"
    return f".{step}" if PLAIN_NAME.fullmatch(step) else f"[{dump(step)}]"
