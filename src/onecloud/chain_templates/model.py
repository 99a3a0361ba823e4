"""Templates, their variables and folders as frozen values. Source: product facts 2.20."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final, Literal, TypeAlias

from pydantic import ConfigDict, Field, JsonValue

from onecloud.kernel.jsonvalue import Json

DEFAULT_FOLDER: Final = "Default"

# A template's variable is what its name says in the chain's references: `${{ workspace.NAME }}` and so on.
VariableType: TypeAlias = Literal["workspace", "chain", "dynamic", "resource"]


@dataclass(frozen=True, slots=True)
class TemplateVariable:
    """Something that is chosen when a chain is made.

    References to a variable or a file of the workspace get the chosen one's name; chain and dynamic variables keep
    theirs, since the new chain has no others, and get a value.
    """

    __pydantic_config__ = ConfigDict(extra="forbid", strict=True)

    name: Annotated[str, Field(min_length=1, max_length=100, description="Name, as the chain's references have it.")]
    type: Annotated[
        VariableType,
        Field(
            description="What references to it say: `workspace` for a variable of the workspace, `resource` for one of "
            "its files, `chain` and `dynamic` for variables that the new chain gets."
        ),
    ]
    description: Annotated[str, Field(max_length=4000, description="What to choose or give.")] = ""
    value: Annotated[JsonValue, Field(description="Value that is proposed for a new variable; a file has none.")] = None
    encrypted: Annotated[
        bool, Field(description="Whether a new variable is encrypted; its value is then given when the chain is made.")
    ] = False

    @property
    def key(self) -> tuple[VariableType, str]:
        """What tells it from the others: files and variables may share a name."""
        return self.type, self.name


@dataclass(frozen=True, slots=True)
class Content:
    """What a template holds. `chain` is the chain document without its names, variables and connections."""

    variables: tuple[TemplateVariable, ...]
    chain: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Folder:
    """Where templates are kept; one is called Default and is always there."""

    id: int
    name: str
    templates_count: int


@dataclass(frozen=True, slots=True)
class Template:
    """A template's identity; what it holds is in its draft and its versions."""

    id: int
    folder_id: int
    folder: str
    name: str
    description: str
    revision: int
    published_version: int | None
    changed: bool  # whether the draft differs from what is published
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class TemplateVersion:
    """One publish, never changed afterwards."""

    number: int
    content: Content
    comment: str
    published_at: datetime
    published_by: str
