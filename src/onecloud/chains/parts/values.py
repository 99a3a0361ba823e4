"""Named values of a chain beside its variables: dynamic variables and the outputs that a parent chain reads; pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import ConfigDict, Field, JsonValue

STRICT = ConfigDict(extra="forbid", strict=True)
NAME = r"^[^\W\d][\w-]{0,99}$"


@dataclass(frozen=True, slots=True)
class DynamicVariable:
    """A value that runs set and that the next run finds again. Source: product facts 2.15."""

    __pydantic_config__ = STRICT

    name: Annotated[str, Field(pattern=NAME, description="Name; references say `${{ dynamic.NAME }}`.")]
    value: Annotated[JsonValue, Field(description="Value before any run has set it.")] = ""


@dataclass(frozen=True, slots=True)
class ChainOutput:
    """A value that the chain gives to the parent chain that ran it. Source: product facts 2.12."""

    __pydantic_config__ = STRICT

    name: Annotated[str, Field(pattern=NAME, description="Name; the parent says `${{ node.KEY.NAME }}`.")]
    value: Annotated[JsonValue, Field(description="The value, usually one reference.")]
    description: Annotated[str, Field(max_length=4000, description="What it is.")] = ""
