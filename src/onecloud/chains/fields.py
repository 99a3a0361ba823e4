"""The fields of the chain document, stated once: parsing, the JSON Schema and the field guide come from here."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal, get_args, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints
from pydantic.fields import FieldInfo

from onecloud.chains.model import InputType
from onecloud.chains.parts.iterate import Iterate
from onecloud.chains.parts.notification import EmailNotice, NotificationSpec
from onecloud.chains.parts.schedule import MOST_SCHEDULES, ScheduleSpec
from onecloud.chains.parts.values import ChainOutput, DynamicVariable
from onecloud.variables.conditions import Comparison, Condition
from onecloud.variables.extract import DynamicOutput

DAY_S: Final = 86_400

# Keys go into paths, references and idempotency headers, so they are plain ASCII.
Key = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_-]{0,63}$")]
StartKey = Annotated[str, StringConstraints(pattern=r"^([A-Za-z0-9_][A-Za-z0-9_-]{0,63})?$")]
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


class LinkPart(Part):
    """An arrow from one node to another, with the result it waits for."""

    source: Key = Field(alias="from", description="Key of the node that comes first.")
    target: Key = Field(alias="to", description="Key of the node that follows.")
    when: Literal["success", "warning", "failure", "any"] = Field(
        "success", description="Result of the first node with which the link is followed."
    )


class GroupPart(Part):
    """Nodes that start, fail and repeat as one."""

    start: list[Key] = Field(
        default_factory=list, max_length=1000, description="Members that start together with the group."
    )
    nodes: dict[Key, NodePart] = Field(default_factory=dict, max_length=1000, description="The members by their keys.")
    links: list[LinkPart] = Field(
        default_factory=list[LinkPart], max_length=5000, description="Arrows among the members."
    )


class NodePart(Part):
    """One command, event or group of the chain and what happens around it."""

    command: str = Field("", description="Which command or event runs, as `connector.command`; a group has none.")
    group: GroupPart | None = Field(None, description="The members of a group, instead of a command.")
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
    skip_if: Condition | None = Field(
        None, description="Skip the node when this condition is true; of a node that iterates, each pass by itself."
    )
    iterate: Iterate | None = Field(None, description="Repeat the command or group.")
    dynamic_outputs: list[DynamicOutput] = Field(
        default_factory=list[DynamicOutput], max_length=100, description="More outputs, picked out of the command's."
    )
    notifications: list[NotificationSpec] = Field(
        default_factory=list[NotificationSpec], max_length=20, description="Whom to tell about the node's results."
    )
    mask_outputs: bool | None = Field(
        None, description="Hide the outputs from people (true) or show them (false); else as the organization has it."
    )
    color: Annotated[str, StringConstraints(pattern=r"^(#[0-9A-Fa-f]{6})?$")] = Field(
        "", description="Colour of the node, such as `#3CB702`."
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
    dynamic_variables: list[DynamicVariable] = Field(
        default_factory=list[DynamicVariable], max_length=100, description="Values that one run leaves to the next."
    )
    outputs: list[ChainOutput] = Field(
        default_factory=list[ChainOutput], max_length=100, description="Values for the chain that runs this one."
    )
    notifications: list[NotificationSpec] = Field(
        default_factory=list[NotificationSpec], max_length=20, description="Whom to tell about the results of runs."
    )
    tags: list[Name] = Field(default_factory=list, max_length=20, description="Words to find the chain by.")
    schedules: list[ScheduleSpec] = Field(
        default_factory=list[ScheduleSpec], max_length=MOST_SCHEDULES, description="When the chain starts by itself."
    )
    start: StartKey = Field("", description="Key of the node that runs first; a chain without one cannot be published.")
    nodes: dict[Key, NodePart] = Field(default_factory=dict, max_length=2000, description="The nodes by their keys.")
    links: list[LinkPart] = Field(default_factory=list[LinkPart], max_length=10_000, description="The arrows.")


# What stands under a name, at any depth; dataclasses are parts that are their own model.
PARTS: Final[Mapping[str, type[Any]]] = {
    "inputs": InputPart,
    "variables": VariablePart,
    "nodes": NodePart,
    "links": LinkPart,
    "group": GroupPart,
    "iterate": Iterate,
    "condition": Comparison,
    "dynamic_outputs": DynamicOutput,
    "dynamic_variables": DynamicVariable,
    "outputs": ChainOutput,
    "schedules": ScheduleSpec,
    "notifications": NotificationSpec,
    "email": EmailNotice,
}


@dataclasses.dataclass(frozen=True, slots=True)
class FieldFacts:
    """What is said of one field of a part."""

    name: str
    description: str
    required: bool


def fields_of(part: type[Any]) -> list[FieldFacts]:
    """The fields of a part by the names that a document gives them, in their order."""
    if issubclass(part, BaseModel):
        return [FieldFacts(f.alias or n, f.description or "", f.is_required()) for n, f in part.model_fields.items()]
    hints = get_type_hints(part, include_extras=True)
    facts: list[FieldFacts] = []
    for field in dataclasses.fields(part):
        info = next((m for m in get_args(hints[field.name])[1:] if isinstance(m, FieldInfo)), FieldInfo())
        required = field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
        facts.append(FieldFacts(info.alias or field.name, info.description or "", required))
    return facts
