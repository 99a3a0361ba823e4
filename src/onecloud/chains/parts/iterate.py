"""How a command or a group repeats: over a list, over the rows of a file, or until a condition is true; pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final, Literal

from pydantic import ConfigDict, Field, JsonValue

from onecloud.variables.conditions import Condition

MOST_PARALLEL: Final = 1000


@dataclass(frozen=True, slots=True)
class Iterate:
    """Exactly one of `over`, `rows` and `until` says what the passes are. Source: product facts 2.10 and 12."""

    __pydantic_config__ = ConfigDict(extra="forbid", strict=True, serialize_by_alias=True)

    over: Annotated[
        Annotated[tuple[JsonValue, ...], Field(strict=False)] | str | None,
        Field(description="One pass for each value: a list, or a reference to a list or to JSON text."),
    ] = None
    rows: Annotated[
        str | None,
        Field(description="One pass for each row of a file: a reference to a CSV file (with headers) or JSON lines."),
    ] = None
    until: Annotated[Condition | None, Field(description="Passes follow each other until this condition is true.")] = (
        None
    )
    at_most: Annotated[
        int, Field(ge=1, le=1_000_000, description="With `until`: the node fails when so many passes were not enough.")
    ] = 1000
    parallel: Annotated[
        int, Field(ge=1, le=MOST_PARALLEL, description="Passes that may run at the same time; 1: one after another.")
    ] = 1
    on_failure: Annotated[
        Literal["stop", "continue"],
        Field(description="After a failed pass: begin no further one, or go on and report at the end."),
    ] = "stop"
