"""API v1: publishing, exporting and importing chains.

The contract has no word for a chain with faults or a file that is refused but 400. Where the work is done and only its
description fails, it answers 201 with the address.
"""

from __future__ import annotations

from typing import Annotated, Final

import structlog
from fastapi import APIRouter, Header, Request
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.api.v1 import shapes
from onecloud.api.v1.metadata import chain_out
from onecloud.api.v1.shapes import refusals, respond
from onecloud.chains import actions as chains
from onecloud.chains.routes.files import FILE, UPLOAD, attachment
from onecloud.chains.routes.incoming import as_bad_request, chain_row, environment_row, uploaded_file
from onecloud.infra.http import Caller, GroundPart, Reading, Session, Snapshot
from onecloud.kernel.errors import Invalid

router = APIRouter(prefix="/api/v1", tags=["chain"])
log = structlog.get_logger()

SUCCEEDED: Final = (
    "Operation succeeded, but an additional request failed. A location header with the resource URL is provided."
)

TargetWorkspace = Annotated[
    str | None, Header(alias="wk-target-workspace", description="Taken from service providers, and not used here.")
]


@router.post(
    "/chains/{chain_id}/publish",
    operation_id="publishChain",
    response_model=shapes.ChainResponse,
    responses={
        201: {"model": shapes.SucceededResponse, "description": "Published, but the chain could not be described."},
        **refusals(400, 403, 404),
    },
)
async def publish_chain(
    db: Session,
    caller: Caller,
    ground: GroundPart,
    request: Request,
    chain_id: str,
    body: shapes.PublishRequest | None = None,
) -> Response:
    """Make the draft of a chain the version that runs."""
    row = chain_row(chain_id)
    try:
        applied = await chains.publish(db, caller, row, (body and body.publish_comment) or "")
    except Invalid as fault:
        raise as_bad_request(fault) from fault
    return await _described(db, request, ground.settings.public_url, applied.chain.environment_id, row)


@router.post(
    "/chains/{chain_id}/export",
    operation_id="exportChain",
    response_class=Response,
    responses={**FILE, **refusals(400, 403, 404)},
)
async def export_chain(
    db: Session,
    seen: Snapshot,
    caller: Caller,
    ground: GroundPart,
    chain_id: str,
    wk_target_workspace: TargetWorkspace = None,
) -> Response:
    """A chain and those that it runs as a `.chain` file, which can be imported for 14 days."""
    row = chain_row(chain_id)
    try:
        exported = await chains.export_package(seen, ground.keys, ground.settings, caller, row)
    except Invalid as fault:
        raise as_bad_request(fault) from fault
    await chains.tell_export(db, caller, exported)
    return Response(exported.data, media_type="application/octet-stream", headers=attachment(exported.name))


@router.post(
    "/environments/{environment_id}/import_chain",
    operation_id="importChain",
    response_model=shapes.ChainResponse,
    responses={
        201: {"model": shapes.SucceededResponse, "description": "Imported, but the chain could not be described."},
        **refusals(400, 403, 404),
    },
    openapi_extra=UPLOAD,
)
async def import_chain(
    db: Session,
    seen: Reading,
    caller: Caller,
    ground: GroundPart,
    request: Request,
    environment_id: str,
    wk_target_workspace: TargetWorkspace = None,
) -> Response:
    """Make unpublished, disabled copies of the chains in a `.chain` file; answers with the one that was exported."""
    environment = environment_row(environment_id)
    now = await chains.may_import(seen, caller, environment)
    try:
        held = await chains.open_package(ground.keys, ground.settings, await uploaded_file(request), now)
        imported = await chains.import_package(db, ground.keys, caller, environment, held)
    except Invalid as fault:
        raise as_bad_request(fault) from fault
    return await _described(db, request, ground.settings.public_url, environment, imported[0].applied.chain.id)


async def _described(
    db: AsyncSession, request: Request, public_url: str, environment_id: int, chain_id: int
) -> Response:
    """The chain in full, or, when that cannot be had, where it will be found: what was done stays done."""
    base = public_url.rstrip("/") or str(request.base_url).rstrip("/")
    url = f"{base}/api/v1/metadata/environment/{environment_id}/chain/{chain_id}"
    try:
        async with db.begin_nested():  # a failed statement must not take the change with it
            described = chain_out(*await chains.with_published(db, chain_id))
    except Exception:  # whatever it was, the contract's answer to it is 201
        log.exception("chain.not_described", chain_id=chain_id)
        body = shapes.SucceededResponse(data=shapes.Succeeded(message=SUCCEEDED, id=str(chain_id), url=url))
        answer = respond(body, 201)
        answer.headers["Location"] = url
        return answer
    return respond(shapes.ChainResponse(data=described))
