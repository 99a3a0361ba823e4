"""API v2: chains with their newest run, starting, watching and stopping runs, logs and outputs."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import FileResponse, StreamingResponse

from onecloud.access.permissions import permitted
from onecloud.activity.rules import cursor_id, page_size
from onecloud.chains import actions as chains
from onecloud.infra.blobs import BlobMissing
from onecloud.infra.http import Caller, GroundPart, Reading, Session, Snapshot
from onecloud.kernel.errors import NotFound
from onecloud.kernel.permission import Level, Place
from onecloud.runs import actions, store, views
from onecloud.runs.facts import shown_outputs
from onecloud.runs.model import ENDED_STATES, NO_PASS, SETTLED_STATES, LaunchType, Spot
from onecloud.runs.outputs import output_file, outputs_out
from onecloud.runs.parts import Parts
from onecloud.runs.rerun import Choice
from onecloud.runs.rerunning import planned, rerun
from onecloud.runs.shapes import (
    ChainPage,
    OutputsOut,
    RerunIn,
    RerunPlanOut,
    ResultPage,
    ResumeIn,
    ReusedOut,
    RunBrief,
    RunOut,
    RunPage,
    StartIn,
    chain_item,
    result_out,
    run_brief,
)
from onecloud.workspaces import actions as workspaces
from onecloud.workspaces.permits import permit_chain, permit_environment

router = APIRouter(tags=["runs"])

LOG_CHUNK: Final = 1_048_576
STREAM_PAUSE_S: Final = 0.25  # at most four events a second to one watcher
STREAM_IDLE_S: Final = 2.0  # a run that another process works on is seen by looking again


@router.get("/api/v2/environments/{environment_id}/chains")
async def list_chains(
    db: Reading,
    caller: Caller,
    environment_id: str,
    cursor: str | None = None,
    limit: int = 50,
    tag: Annotated[str | None, Query(description="Only chains with this tag.")] = None,
    search: Annotated[str | None, Query(description="Only chains with this text in their name or a tag.")] = None,
) -> ChainPage:
    """The chains of an environment, oldest first, each with its newest run."""
    environment = views.wire_id(environment_id, "environment")
    after, size = cursor_id(cursor), page_size(limit)
    await permit_environment(db, caller, Level.SEE, environment)
    there = await workspaces.get_environment(db, environment)
    found = await chains.list_chains(db, caller, environment, after, size + 1, tag=tag, search=search)
    page = found[:size]
    newest = await store.last_runs(db, [chain.id for chain, _ in page])
    return ChainPage(
        items=[
            chain_item(
                chain,
                version,
                newest.get(chain.id),
                permitted(caller, Place(there.workspace_id, environment, chain.id)),
            )
            for chain, version in page
        ],
        next_cursor=str(page[-1][0].id) if len(found) > size else None,
    )


@router.post("/api/v2/chains/{chain_id}/runs", status_code=201)
async def start_run(
    db: Session, caller: Caller, ground: GroundPart, parts: Parts, chain_id: str, body: StartIn
) -> RunBrief:
    """Start the published version of a chain."""
    number = views.wire_id(chain_id, "chain")
    launch = LaunchType.MANUAL if caller.via == "session" else LaunchType.API
    run = await actions.start(db, ground.keys, parts.signals, caller, number, body.inputs, launch)
    return run_brief(run, (await chains.get_chain(db, number)).name)


@router.get("/api/v2/chains/{chain_id}/runs")
async def list_runs(db: Reading, caller: Caller, chain_id: str, cursor: str | None = None, limit: int = 50) -> RunPage:
    """The runs of a chain, newest first."""
    number = views.wire_id(chain_id, "chain")
    before, size = cursor_id(cursor), page_size(limit)
    chain = await chains.get_chain(db, number, deleted=True)
    await permit_chain(db, caller, Level.READ, chain.environment_id, number)
    found = await store.runs_of_chain(db, number, before_id=before, limit=size + 1)
    page = found[:size]
    return RunPage(
        items=[run_brief(run, chain.name) for run in page],
        next_cursor=str(page[-1].id) if len(found) > size else None,
    )


@router.get("/api/v2/runs/{run_id}")
async def get_run(db: Snapshot, caller: Caller, ground: GroundPart, parts: Parts, run_id: str) -> RunOut:
    """One run with its graph, nodes and attempts."""
    return views.shape(parts.blobs, await views.view(db, caller, run_id, places=ground.settings.run_slots))


@router.post("/api/v2/runs/{run_id}/stop")
async def stop_run(db: Session, caller: Caller, parts: Parts, run_id: str) -> RunBrief:
    """End a run now."""
    run = await actions.stop(db, parts.signals, caller, views.wire_id(run_id, "run"))
    return run_brief(run, (await chains.get_chain(db, run.chain_id)).name)


@router.post("/api/v2/runs/{run_id}/pause")
async def pause_run(db: Session, caller: Caller, parts: Parts, run_id: str) -> RunBrief:
    """Let a run begin nothing more; what is under way goes on to its end."""
    run = await actions.pause(db, parts.signals, caller, views.wire_id(run_id, "run"))
    return run_brief(run, (await chains.get_chain(db, run.chain_id)).name)


@router.post("/api/v2/runs/{run_id}/resume")
async def resume_run(db: Session, caller: Caller, parts: Parts, run_id: str, body: ResumeIn | None = None) -> RunBrief:
    """Let a paused run go on, as it is or from a chosen node."""
    start = None if body is None or body.start is None else Spot(body.start, _pass(body.group_pass))
    run = await actions.resume(db, parts.signals, caller, views.wire_id(run_id, "run"), start)
    return run_brief(run, (await chains.get_chain(db, run.chain_id)).name)


@router.post("/api/v2/runs/{run_id}/rerun/plan")
async def plan_rerun(db: Snapshot, caller: Caller, run_id: str, body: RerunIn) -> RerunPlanOut:
    """Which nodes a re-run would run, and which results it would take over."""
    choice = Choice(body.node, body.group_pass, body.only)
    what = await planned(db, caller, views.wire_id(run_id, "run"), choice, published=body.published)
    return RerunPlanOut(
        version=what.version.number,
        begins=what.rerun.begins,
        may_run=list(what.rerun.may_run),
        reused=[
            ReusedOut(node=key, state=state.value, changed=key in what.rerun.changed)
            for key, state in what.rerun.reused.items()
        ],
        reused_passes=what.rerun.passes,
        reused_inside=list(what.rerun.inside),
    )


@router.post("/api/v2/runs/{run_id}/rerun", status_code=201)
async def rerun_run(
    db: Session, caller: Caller, ground: GroundPart, parts: Parts, run_id: str, body: RerunIn
) -> RunBrief:
    """Run a past run again from a node; what came before it is taken over."""
    choice = Choice(body.node, body.group_pass, body.only)
    number = views.wire_id(run_id, "run")
    run = await rerun(db, ground.keys, parts.signals, caller, number, choice, published=body.published)
    return run_brief(run, (await chains.get_chain(db, run.chain_id)).name)


def _pass(number: int | None) -> int:
    return NO_PASS if number is None else number


@router.get("/api/v2/runs/{run_id}/nodes/{key}/results")
async def list_results(
    db: Reading, caller: Caller, parts: Parts, run_id: str, key: str, cursor: str | None = None, limit: int = 50
) -> ResultPage:
    """The attempts of one node, oldest first: every pass of a loop."""
    run = await actions.get(db, caller, views.wire_id(run_id, "run"))
    after, size = cursor_id(cursor), page_size(limit)
    found = await store.results_of_node(db, run.id, key, after or 0, size + 1)
    page = found[:size]
    return ResultPage(
        items=[result_out(row, parts.blobs.size(row.log_key)) for row in page],
        next_cursor=str(page[-1].id) if len(found) > size else None,
    )


@router.get(
    "/api/v2/runs/{run_id}/events",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {}}, "description": "Events `run` (a RunOut) and `end`."}},
)
async def watch_run(
    request: Request, db: Reading, caller: Caller, ground: GroundPart, parts: Parts, run_id: str
) -> Response:
    """The run at every change, as server-sent events; ends after the run did."""
    await actions.get(db, caller, views.wire_id(run_id, "run"))  # a wrong id is a 404 now, not a broken stream later

    async def events() -> AsyncIterator[bytes]:
        number, sent = int(run_id), b""
        with parts.changes.watching(number) as changed:
            while not await request.is_disconnected():
                changed.clear()
                async with ground.database.snapshot() as session:
                    seen = await views.view(session, caller, run_id, places=ground.settings.run_slots)
                data = views.shape(parts.blobs, seen).model_dump_json().encode()
                if data != sent:
                    yield b"event: run\ndata: " + data + b"\n\n"
                    sent = data
                else:
                    yield b": still here\n\n"
                if seen.run.state in ENDED_STATES:
                    yield b"event: end\ndata: {}\n\n"
                    return
                await asyncio.sleep(STREAM_PAUSE_S)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(STREAM_IDLE_S):
                        await changed.wait()

    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(events(), media_type="text/event-stream", headers=headers)


@router.get(
    "/api/v2/results/{result_id}/log",
    response_class=Response,
    responses={200: {"content": {"text/plain": {}}, "description": "The log from the offset on."}},
)
async def get_result_log(
    db: Reading, caller: Caller, parts: Parts, result_id: str, offset: Annotated[int, Query(ge=0)] = 0
) -> Response:
    """The log of an attempt from a byte offset, at most 1 MiB.

    Headers: `oc-log-next-offset` says where to go on; `oc-log-complete` is `true` when nothing will follow.
    """
    result, _ = await views.result_with_command(db, caller, result_id)
    data, size = await asyncio.to_thread(_read_log, parts, result.log_key, offset)
    complete = result.state in SETTLED_STATES and offset + len(data) >= size
    return Response(
        data,
        media_type="text/plain; charset=utf-8",
        headers={
            "oc-log-next-offset": str(offset + len(data)),
            "oc-log-complete": "true" if complete else "false",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-store",
        },
    )


def _read_log(parts: Parts, key: str, offset: int) -> tuple[bytes, int]:
    """A piece of the log that ends at a line's end (or at its own end), and the log's size."""
    try:
        with parts.blobs.existing(key).open("rb") as stream:
            stream.seek(offset)
            data = stream.read(LOG_CHUNK)
    except BlobMissing:
        return b"", 0
    cut = data.rfind(b"\n") + 1
    return data[: cut or len(data)], parts.blobs.size(key)


@router.get("/api/v2/results/{result_id}/outputs")
async def get_result_outputs(db: Reading, caller: Caller, parts: Parts, result_id: str) -> OutputsOut:
    """The outputs of an attempt, values cut for the screen."""
    result, command = await views.result_with_command(db, caller, result_id)
    return OutputsOut(items=await asyncio.to_thread(outputs_out, parts.blobs, result, command))


@router.get(
    "/api/v2/results/{result_id}/files/{output_name}",
    response_class=FileResponse,
    responses={200: {"content": {"application/octet-stream": {}}, "description": "The file."}},
)
async def download_output(db: Reading, caller: Caller, parts: Parts, result_id: str, output_name: str) -> FileResponse:
    """A file output, as an attachment."""
    result, _ = await views.result_with_command(db, caller, result_id)
    try:
        outputs = shown_outputs(parts.blobs, result)
    except BlobMissing as missing:
        raise NotFound("output.gone", "The outputs of this result are no longer stored.") from missing
    file, path = output_file(parts.blobs, outputs, output_name)
    # Always an attachment: a stored HTML file must never run as a page of this site.
    return FileResponse(
        path,
        filename=file.name,
        media_type="application/octet-stream",
        headers={"X-Content-Type-Options": "nosniff"},
    )
