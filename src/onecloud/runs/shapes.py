"""Runs on the wire of API v2."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, TypeAlias

from pydantic import BaseModel

from onecloud.chains.model import Chain, Version
from onecloud.chains.shapes import Graph, PublishedOut, RuntimeInputOut, inputs_of, published_of
from onecloud.kernel.jsonvalue import Json
from onecloud.runs.model import NodeState, RunState
from onecloud.runs.records import NodeRecord, ResultRecord, RunRecord
from onecloud.workspaces.shapes import Permissions

ResultState: TypeAlias = Literal["active", "errored", "skipped", "warned", "succeeded", "stopped"]
NodeStateOut: TypeAlias = Literal["waiting", "active", "paused", "skipped", "errored", "warned", "succeeded", "stopped"]


class RunBrief(BaseModel):
    """A run in a list."""

    id: str
    chain_id: str
    chain_name: str
    environment_id: str
    state: RunState
    launch_type: str
    user_name: str | None
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    result_text: str


class RunPage(BaseModel):
    """A page of runs, newest first; `next_cursor` is null on the last one."""

    items: list[RunBrief]
    next_cursor: str | None


class ChainListItem(BaseModel):
    """A chain in an environment's list, with its newest run."""

    id: str
    name: str
    description: str
    disabled: bool
    allow_concurrent_runs: bool
    tags: list[str]
    unpublished_changes: bool
    published: PublishedOut | None
    runtime_inputs: list[RuntimeInputOut]
    last_run: RunBrief | None
    permissions: Permissions


class ChainPage(BaseModel):
    """A page of chains; `next_cursor` is null on the last one."""

    items: list[ChainListItem]
    next_cursor: str | None


class ResultOut(BaseModel):
    """One attempt of a node. `log_bytes` grows while it is active.

    `iteration` is the value of its pass; `group_pass` and `own_pass` count the passes of the group around and of the
    node itself from 0. `waits` says what an active event waits for. `reused_from` names the result of an earlier run
    that was taken over.
    """

    id: str
    iteration: str | None
    group_pass: int | None
    own_pass: int | None
    waits: dict[str, Any] | None
    reused_from: str | None
    attempt: int
    state: ResultState
    exit_code: int | None
    message: str
    started_at: datetime
    ended_at: datetime | None
    log_bytes: int


class ResultPage(BaseModel):
    """A page of a node's attempts, oldest first; `next_cursor` is null on the last one."""

    items: list[ResultOut]
    next_cursor: str | None


class NodeRunOut(BaseModel):
    """One node within a run, with its attempts, oldest first; of one in a loop the newest only.

    `passes` counts the attempts of a node in a loop by their state; null for others.
    """

    id: str
    node_id: str
    key: str
    name: str
    state: NodeStateOut
    started_at: datetime | None
    ended_at: datetime | None
    message: str
    passes: dict[str, int] | None
    results: list[ResultOut]


class RunOut(RunBrief):
    """A whole run: what it was given, the graph it follows, and where each node is.

    `why` says in a sentence why a live run is where it is; `outputs` are the chain's outputs once it has ended.
    `parent_run_id` is the run whose event started it, `rerun_of` the run that it takes over from.
    """

    inputs: dict[str, Any]
    why: str | None
    outputs: dict[str, Any] | None
    parent_run_id: str | None
    rerun_of: str | None
    paused_at: datetime | None
    resumed_at: datetime | None
    version: int
    graph: Graph
    nodes: list[NodeRunOut]


class StartIn(BaseModel):
    """The values of the chain's runtime inputs by name."""

    inputs: dict[str, Any] = {}


class ResumeIn(BaseModel):
    """Where a paused run goes on: `start` names a node that runs again with all that follow it; null goes on as is.

    Of a node in a repeating group `group_pass` says in which pass.
    """

    start: str | None = None
    group_pass: int | None = None


class RerunIn(BaseModel):
    """Where a past run is run again from: a node's key, and of one in a repeating group the pass.

    `only` runs that node alone. `published` takes the version that is published now instead of that run's.
    """

    node: str
    group_pass: int | None = None
    only: bool = False
    published: bool = False


class ReusedOut(BaseModel):
    """A node whose results are taken over. `changed`: it is written differently in the version that will run."""

    node: str
    state: NodeStateOut
    changed: bool


class RerunPlanOut(BaseModel):
    """What a re-run will do: `begins` at once, `may_run` as the links decide, `reused` without running.

    `reused_passes` counts the passes of the group that are taken over, `reused_inside` its members in that pass.
    """

    version: int
    begins: str
    may_run: list[str]
    reused: list[ReusedOut]
    reused_passes: int
    reused_inside: list[str]


class OutputOut(BaseModel):
    """One output of an attempt.

    For text, number, boolean and json `value` is the whole value, or its beginning when `truncated`. For a file it is
    null; `preview` holds the first lines of a text file, and `url` downloads it. `masked`: secrets are hidden in it.
    """

    name: str
    title: str
    kind: Literal["text", "number", "boolean", "json", "file"]
    value: Any
    truncated: bool
    masked: bool
    file_name: str | None
    size_bytes: int | None
    media_type: str | None
    preview: str | None
    url: str | None


class OutputsOut(BaseModel):
    """Every output of an attempt, in the command's order."""

    items: list[OutputOut]


def run_brief(run: RunRecord, chain_name: str) -> RunBrief:
    """A run as it stands in a list."""
    return RunBrief(**_brief(run, chain_name))


def _brief(run: RunRecord, chain_name: str) -> dict[str, Any]:
    return {
        "id": str(run.id),
        "chain_id": str(run.chain_id),
        "chain_name": chain_name,
        "environment_id": str(run.environment_id),
        "state": run.state,
        "launch_type": run.launch_type.value,
        "user_name": run.user_name,
        "created_at": run.created_at,
        "started_at": run.started_at,
        "ended_at": run.ended_at,
        "result_text": run.result_text,
    }


def run_out(
    run: RunRecord,
    version: Version,
    graph: Graph,
    nodes: Sequence[NodeRecord],
    results: Iterable[ResultRecord],
    passes: Mapping[str, Mapping[str, int]],
    why: str | None,
    log_sizes: Mapping[int, int],
) -> RunOut:
    """A whole run; `log_sizes` gives the bytes of each attempt's log by its id."""
    by_key: dict[str, list[ResultOut]] = {}
    for row in results:
        by_key.setdefault(row.key, []).append(result_out(row, log_sizes.get(row.id, 0)))
    return RunOut(
        **_brief(run, version.definition.name),
        inputs=dict(run.inputs),
        why=why,
        outputs=None if run.outputs is None else dict(run.outputs),
        parent_run_id=None if run.parent_run_id is None else str(run.parent_run_id),
        rerun_of=None if run.rerun_of is None else str(run.rerun_of),
        paused_at=run.paused_at,
        resumed_at=run.resumed_at,
        version=version.number,
        graph=graph,
        nodes=[
            NodeRunOut(
                id=str(node.id),
                node_id=node.node_id,
                key=node.key,
                name=node.name,
                state=node.state.value,
                started_at=node.started_at,
                ended_at=node.ended_at,
                message=node.message,
                passes=dict(passes[node.key]) if node.key in passes else None,
                results=by_key.get(node.key, []),
            )
            for node in nodes
        ],
    )


def result_out(row: ResultRecord, log_bytes: int) -> ResultOut:
    """One attempt."""
    state: Any = row.state.value  # an attempt is never waiting or paused
    return ResultOut(
        id=str(row.id),
        iteration=row.iteration,
        group_pass=row.outer if row.outer >= 0 else None,
        own_pass=row.item if row.item >= 0 else None,
        waits=None if row.waits is None or row.state is not NodeState.ACTIVE else dict(row.waits),
        reused_from=None if row.reused_from is None else str(row.reused_from),
        attempt=row.attempt,
        state=state,
        exit_code=row.exit_code,
        message=row.message,
        started_at=row.started_at,
        ended_at=row.ended_at,
        log_bytes=log_bytes,
    )


def chain_item(
    chain: Chain, version: Version | None, last_run: RunRecord | None, permissions: list[str]
) -> ChainListItem:
    """A chain as it stands in an environment's list."""
    return ChainListItem(
        id=str(chain.id),
        name=chain.name,
        description=chain.description,
        disabled=chain.disabled,
        allow_concurrent_runs=chain.allow_concurrent_runs,
        tags=list(chain.tags),
        unpublished_changes=chain.draft_differs,
        published=published_of(version),
        runtime_inputs=inputs_of(chain.id, None if version is None else version.definition),
        last_run=None if last_run is None else run_brief(last_run, chain.name),
        permissions=permissions,
    )


def kind_of(value: Json) -> Literal["text", "number", "boolean", "json", "file"]:
    """How an output is shown."""
    match value:
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str():
            return "text"
        case {"kind": "file", "blob": str()}:
            return "file"
        case _:
            return "json"
