"""The fields of the chain document, stated once: parsing, the JSON Schema and the field guide come from here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints

from onecloud.chains.model import InputType

DAY_S: Final = 86_400

# Keys go into paths, references and idempotency headers, so they are plain ASCII.
Key = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_-]{0,63}$")]
# No control characters or line separators, no blank at either end.
PRINTED: Final = (
    r"^[^\s\x00-\x1f\x7f-\x9f\u2028\u2029]([^\x00-\x1f\x7f-\x9f\u2028\u2029]*[^\s\x00-\x1f\x7f-\x9f\u2028\u2029])?$"
)
Name = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=PRINTED)]
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
    retry_pause_s: float = Field(0.0, ge=0, le=DAY_S, description="Seconds between two tries.")
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


PARTS: Final[Mapping[str, type[Part]]] = {
    "inputs": InputPart,
    "variables": VariablePart,
    "nodes": NodePart,
    "links": LinkPart,
}
