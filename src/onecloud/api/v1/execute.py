"""API v1: starting, watching and stopping runs, and the history of a chain.

The contract has no word for a run under way or a node at work: both are `sleeping` there, and a node's active
attempt says `active`. A stopped node is `skipped`, and its attempt says `stopped`.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from onecloud.api.v1 import shapes
from onecloud.api.v1.numbers import whole
from onecloud.api.v1.shapes import refusals, respond, second_time
from onecloud.chains import actions as chains
from onecloud.chains.model import Node
from onecloud.infra.blobs import BlobMissing, Blobs
from onecloud.infra.http import Caller, GroundPart, Reading, Session, Snapshot
from onecloud.kernel.errors import Conflict, Invalid, NotFound, OneCloudError
from onecloud.kernel.jsonvalue import Json, dump
from onecloud.kernel.permission import Level
from onecloud.runs import actions, store, views
from onecloud.runs.facts import shown_outputs
from onecloud.runs.model import LaunchType, NodeState, RunState
from onecloud.runs.parts import Parts
from onecloud.runs.records import NodeRecord, ResultRecord, RunRecord
from onecloud.runs.views import RunView, wire_id
from onecloud.workspaces.permits import permit_chain

router = APIRouter(prefix="/api/v1/execute", tags=["execution"])

MOST_RUNS: Final = 50  # Source: product facts 5.8
DEFAULT_RUNS: Final = 10

RUN_STATES: Final[Mapping[RunState, shapes.RunState]] = {
    RunState.ENQUEUEING: "enqueueing",
    RunState.RUNNING: "sleeping",
    RunState.PAUSED: "paused",
    RunState.ERRORED: "errored",
    RunState.WARNED: "warned",
    RunState.ALL_SUCCEEDED: "all_succeeded",
    RunState.STOPPED: "stopped",
}
NODE_STATES: Final[Mapping[NodeState, shapes.NodeState]] = {
    NodeState.WAITING: "sleeping",
    NodeState.ACTIVE: "sleeping",
    NodeState.PAUSED: "paused",
    NodeState.SKIPPED: "skipped",
    NodeState.ERRORED: "errored",
    NodeState.WARNED: "warned",
    NodeState.SUCCEEDED: "succeeded",
    NodeState.STOPPED: "skipped",
}
RESULT_STATES: Final[Mapping[NodeState, shapes.ResultState]] = {
    NodeState.ACTIVE: "active",
    NodeState.SKIPPED: "skipped",
    NodeState.ERRORED: "errored",
    NodeState.WARNED: "warned",
    NodeState.SUCCEEDED: "succeeded",
    NodeState.STOPPED: "stopped",
}


@router.post(
    "/environment/{environment_id}/chain/{chain_id}/start",
    operation_id="startChain",
    response_model=shapes.ChainRunResponse,
    responses=refusals(400, 404, 422),
)
async def start_chain(
    db: Session,
    caller: Caller,
    ground: GroundPart,
    parts: Parts,
    environment_id: str,
    chain_id: str,
    body: shapes.StartRequest,
) -> Response:
    """Start the published version of a chain."""
    environment, chain = wire_id(environment_id, "environment"), wire_id(chain_id, "chain")
    try:
        run = await actions.start(
            db,
            ground.keys,
            parts.signals,
            caller,
            chain,
            body.runtimeVariables or {},
            LaunchType.API,
            environment_id=environment,
        )
    except (Conflict, Invalid) as error:
        raise _unable(error) from error
    return respond(shapes.ChainRunResponse(data=run_out(run)))


@router.get(
    "/chain_run/{chain_run_id}",
    operation_id="getChainRun",
    response_model=shapes.ChainRunResponse,
    responses=refusals(404),
)
async def get_chain_run(db: Reading, caller: Caller, chain_run_id: str) -> Response:
    """One run."""
    run = await actions.get(db, caller, wire_id(chain_run_id, "run"))
    return respond(shapes.ChainRunResponse(data=run_out(run)))


@router.get(
    "/chain_run/{chain_run_id}/nodes",
    operation_id="getChainRunNodes",
    response_model=shapes.ChainRunWithNodesResponse,
    responses=refusals(404),
)
async def get_chain_run_nodes(
    request: Request, db: Snapshot, caller: Caller, ground: GroundPart, parts: Parts, chain_run_id: str
) -> Response:
    """One run with its nodes and their results."""
    seen = await views.view(db, caller, chain_run_id, every_pass=True)
    base = ground.settings.public_url.rstrip("/") or str(request.base_url).rstrip("/")
    return respond(shapes.ChainRunWithNodesResponse(data=run_with_nodes(seen, parts.blobs, base)))


@router.post(
    "/chain_run/{chain_run_id}/stop",
    operation_id="stopChain",
    response_model=shapes.ChainRunResponse,
    responses=refusals(404, 422),
)
async def stop_chain(db: Session, caller: Caller, parts: Parts, chain_run_id: str) -> Response:
    """End a run now."""
    try:
        run = await actions.stop(db, parts.signals, caller, wire_id(chain_run_id, "run"))
    except Conflict as error:
        raise _unable(error) from error
    return respond(shapes.ChainRunResponse(data=run_out(run)))


@router.get(
    "/environment/{environment_id}/chain/{chain_id}/history",
    operation_id="chainRunHistory",
    response_model=shapes.ChainRunPageResponse,
    responses=refusals(404, 422),
)
async def chain_run_history(
    db: Reading,
    caller: Caller,
    environment_id: str,
    chain_id: str,
    limit: Annotated[str | None, Query(description="Runs in an answer: 1 to 50, default 10.")] = None,
    cursor: Annotated[str | None, Query(description="The `cursor` of the answer before.")] = None,
    start_date: Annotated[str | None, Query(description="Only runs from this moment on, in Unix seconds.")] = None,
    end_date: Annotated[str | None, Query(description="Only runs up to this moment, in Unix seconds.")] = None,
) -> Response:
    """The runs of a chain, newest first."""
    environment, number = wire_id(environment_id, "environment"), wire_id(chain_id, "chain")
    size = whole("limit", limit, 1, MOST_RUNS) or DEFAULT_RUNS
    before = whole("cursor", cursor, 1, 2**63 - 1)
    start, end = moment("start_date", start_date), moment("end_date", end_date)
    chain = await chains.get_chain(db, number, deleted=True)
    await permit_chain(db, caller, Level.READ, chain.environment_id, number)
    if chain.environment_id != environment:
        raise NotFound("chain.not_found", f"There is no chain {number} in environment {environment}.")
    found = await store.runs_of_chain(db, number, before_id=before, limit=size + 1, start=start, end=end)
    page = found[:size]
    return respond(
        shapes.ChainRunPageResponse(
            data=shapes.ChainRunPage(
                cursor=str(page[-1].id) if len(found) > size else "",
                chainExecutors=[run_out(run) for run in page],
            )
        )
    )


def _unable(error: OneCloudError) -> Invalid:
    """The contract's 422: v1 has one answer for a start or stop that the state does not allow."""
    return Invalid(error.code, error.message, problems=error.problems)


def moment(name: str, text: str | None) -> datetime | None:
    """A moment that arrives as Unix seconds.

    Raises: Invalid naming the parameter.
    """
    seconds = whole(name, text, 0, 253_402_300_799)  # the last second of the year 9999
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def _time(at: datetime | None) -> str:
    return "" if at is None else second_time(at)


def run_out(run: RunRecord) -> shapes.ChainRun:
    """A run as the contract has it. Before it starts its start is the moment it was asked for."""
    return shapes.ChainRun(
        id=str(run.id),
        chainId=str(run.chain_id),
        envId=str(run.environment_id),
        userId="" if run.user_id is None else str(run.user_id),
        userName=run.user_name or "",
        startAt=_time(run.started_at or run.created_at),
        endAt=_time(run.ended_at),
        pausedAt=_time(run.paused_at),
        resumedAt=_time(run.resumed_at),
        state=RUN_STATES[run.state],
        launchType=run.launch_type.value,
        resultText=run.result_text,
    )


def run_with_nodes(seen: RunView, blobs: Blobs, base: str) -> shapes.ChainRunWithNodes:
    """A run with its nodes; of a unit that was tried again only the newest attempt counts as its result."""
    newest = {row.unit: row for row in seen.results}
    failed = next((row for row in seen.results if row.state is NodeState.ERRORED and newest[row.unit] is row), None)
    names = {node.key: node.name for node in seen.nodes}
    results: dict[str, list[ResultRecord]] = {}
    for row in newest.values():
        results.setdefault(row.key, []).append(row)
    definition = seen.version.definition
    nodes = {node.key: node for node in definition.nodes}
    return shapes.ChainRunWithNodes(
        **run_out(seen.run).model_dump(),
        nodes=[_node(node, nodes.get(node.key), results.get(node.key, []), blobs, base) for node in seen.nodes],
        rootCause=None if failed is None else f"{names[failed.key]}: {failed.message}",
    )


def _node(
    node: NodeRecord, made_from: Node | None, results: list[ResultRecord], blobs: Blobs, base: str
) -> shapes.ChainRunNode:
    return shapes.ChainRunNode(
        id=str(node.id),
        nodeId=node.node_id,
        name=node.name,
        nodeType="event" if made_from is not None and made_from.is_event else "command",
        iterable=made_from is not None and made_from.iterate is not None,
        startAt=_time(node.started_at),
        endAt=_time(node.ended_at),
        state=NODE_STATES[node.state],
        results=[_result(result, blobs, base) for result in results],
    )


def _result(result: ResultRecord, blobs: Blobs, base: str) -> shapes.ChainRunNodeResult:
    outputs: Mapping[str, Json] = {}
    with contextlib.suppress(BlobMissing):
        outputs = shown_outputs(blobs, result)
    address = f"{base}/api/v2/results/{result.id}"
    return shapes.ChainRunNodeResult(
        id=str(result.id),
        iteratorValue=result.iteration or "",
        outputLogUrl=f"{address}/log",
        outputVariables=shapes.OutputVariables(
            data=dump(outputs) if outputs else "", path=f"{address}/outputs" if outputs else ""
        ),
        state=RESULT_STATES[result.state],
    )
