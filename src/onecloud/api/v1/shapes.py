"""Every body of API v1, field for field. Ids are texts, success is wrapped in `data`, times are texts in UTC.

A field without a value is null, as in the documented examples. Source: product facts 9.3 and 9.4.
"""

# ruff: noqa: N815 - these are the field names of the wire

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final, Literal, TypeAlias

from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import to_json

RunState: TypeAlias = Literal["sleeping", "enqueueing", "paused", "errored", "warned", "all_succeeded", "stopped"]
NodeState: TypeAlias = Literal["sleeping", "paused", "skipped", "errored", "warned", "succeeded"]
ResultState: TypeAlias = Literal["active", "errored", "skipped", "warned", "succeeded", "stopped"]
LaunchType: TypeAlias = Literal["manual", "api", "schedule", "trigger", "slack", "trigger_event"]
NodeType: TypeAlias = Literal["command", "event"]
SearchState: TypeAlias = Literal["running", "succeeded", "failed", "paused", "warned", "completed"]


class Shape(BaseModel):
    """Base of v1's bodies; none has a default, so a forgotten field is an error here and not at the client."""

    model_config = ConfigDict(frozen=True)


class SingleError(Shape):
    """Any refusal: a stable code and a sentence."""

    error: str
    error_description: str


class Variable(Shape):
    """A workspace variable; of an encrypted one `value` is null and `defaultValue` empty. Source: product facts 12."""

    key: str
    label: str
    defaultValue: str
    value: str | None
    encrypted: bool


class Workspace(Shape):
    """A workspace; `external_id` is empty when no workspace of another product is associated."""

    id: str
    company_id: str
    external_id: str
    name: str
    description: str
    variables: list[Variable]


class EnvironmentSettings(Shape):
    """The color once more."""

    color: str


class Environment(Shape):
    """An environment with the workspace's variables as they are in it."""

    id: str
    name: str
    description: str
    position: int
    color: str
    chains_count: int
    variables: list[Variable]
    settings: EnvironmentSettings
    created_at: str
    updated_at: str


class EnvironmentChain(Shape):
    """A chain in an environment's list."""

    id: str
    internal_id: int
    name: str
    description: str
    created_at: str
    updated_at: str


class RuntimeInput(Shape):
    """A value asked for at start: `vuid` is `data.chain.<guid>`."""

    vuid: str
    data_type: str


class ScheduleProperties(Shape):
    """When a schedule fires."""

    days_of_month: list[str]
    days_of_week: list[str]
    recurring_interval: int
    recurring_type: str
    run_at_hours: int
    run_at_minutes: int
    run_at_seconds: int
    stop_at_hours: int | None
    stop_at_minutes: int | None
    zone: str


class CronProperties(Shape):
    """A cron text that is no repetition which the contract's fields can say: they are null or empty."""

    days_of_month: list[str]
    days_of_week: list[str]
    recurring_interval: None
    recurring_type: Literal["cron"]
    run_at_hours: None
    run_at_minutes: None
    run_at_seconds: None
    stop_at_hours: None
    stop_at_minutes: None
    zone: str
    cron: str


class ChainSchedule(Shape):
    """One schedule of a chain; `start_at` is the publish where no first day is set, `end_at` null without a last."""

    enabled: bool
    start_at: str
    end_at: str | None
    properties: ScheduleProperties | CronProperties


class Chain(EnvironmentChain):
    """A chain in full; `concurrency_enabled` says whether several runs of it may be under way at once."""

    disabled: bool
    concurrency_enabled: bool
    runtime_inputs: list[RuntimeInput]
    schedules: list[ChainSchedule]


class Command(Shape):
    """A command of a chain; `link_id` is the link that leads to it, empty for the first."""

    id: str
    link_id: str
    name: str
    description: str


class ChainRun(Shape):
    """One run of a chain; times are to the second.

    What there is not (yet) is an empty text: the contract's types have no null.
    """

    id: str
    chainId: str
    envId: str
    userId: str
    userName: str
    startAt: str
    endAt: str
    pausedAt: str
    resumedAt: str
    state: RunState
    launchType: LaunchType
    resultText: str


class OutputVariables(Shape):
    """A result's outputs: `data` is a JSON text of them all, `path` the address that lists them with their files."""

    data: str
    path: str


class ChainRunNodeResult(Shape):
    """One pass of a node; `iteratorValue` is empty outside iterations."""

    id: str
    iteratorValue: str
    outputLogUrl: str
    outputVariables: OutputVariables
    state: ResultState


class ChainRunNode(Shape):
    """One node in a run with its results."""

    id: str
    nodeId: str
    name: str
    nodeType: NodeType
    iterable: bool
    startAt: str
    endAt: str
    state: NodeState
    results: list[ChainRunNodeResult]


class ChainRunWithNodes(ChainRun):
    """A run with its nodes. `rootCause`: what failed first, in one sentence; null while nothing did."""

    nodes: list[ChainRunNode]
    rootCause: str | None


class ChainRunPage(Shape):
    """A page of runs; `cursor` is empty on the last one."""

    cursor: str
    chainExecutors: list[ChainRun]


class StartRequest(BaseModel):
    """What a start needs; a chain without runtime inputs needs nothing."""

    runtimeVariables: dict[str, Any] | None = Field(None, description="The runtime inputs of the chain by name.")


class PublishRequest(BaseModel):
    """What to say with a publish."""

    publish_comment: str | None = Field(None, description="Optional publish comment")


class Succeeded(Shape):
    """What was done when its result could not be read; the address tells where it is."""

    message: str
    id: str
    url: str


class SucceededResponse(Shape):
    """The same in its envelope."""

    data: Succeeded


class WorkspacesResponse(Shape):
    """Workspaces in their envelope."""

    data: list[Workspace]


class WorkspaceResponse(Shape):
    """A workspace in its envelope."""

    data: Workspace


class EnvironmentsResponse(Shape):
    """Environments in their envelope."""

    data: list[Environment]


class EnvironmentResponse(Shape):
    """An environment in its envelope."""

    data: Environment


class ChainsEnvironmentResponse(Shape):
    """An environment's chains in their envelope."""

    data: list[EnvironmentChain]


class ChainResponse(Shape):
    """A chain in its envelope."""

    data: Chain


class ChainsResponse(Shape):
    """Chains in their envelope."""

    data: list[Chain]


class CommandsResponse(Shape):
    """A chain's commands in their envelope."""

    data: list[Command]


class ChainRunResponse(Shape):
    """A run in its envelope."""

    data: ChainRun


class ChainRunWithNodesResponse(Shape):
    """A run with nodes in its envelope."""

    data: ChainRunWithNodes


class ChainRunPageResponse(Shape):
    """A page of runs in its envelope."""

    data: ChainRunPage


REFUSALS: Final = {
    400: "The request cannot be read.",
    401: "The access token is missing, wrong, expired or revoked.",
    403: "The caller may not do this.",
    404: "There is no such thing, or the caller may not see it.",
    422: "The request's meaning is wrong, or the state does not allow it.",
    429: "Over the rate limit; see the header Retry-After.",
}


def refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The documentation of a route's refusals; every route can answer 401 and 429."""
    return {status: {"model": SingleError, "description": REFUSALS[status]} for status in sorted({401, 429, *statuses})}


def respond(body: Shape, status: int = 200) -> Response:
    """The body as a ready answer: it is not checked a second time on its way out."""
    return Response(to_json(body), status, media_type="application/json")


def exact_time(moment: datetime) -> str:
    """`YYYY-MM-DD HH:MM:SS.ffffff` in UTC, as metadata has it."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


def second_time(moment: datetime) -> str:
    """`YYYY-MM-DD HH:MM:SS` in UTC, as runs have it."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "seconds")
