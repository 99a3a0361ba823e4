"""API v2: chains as `.chain` files."""

from __future__ import annotations

from typing import Annotated, Any, Final
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response

from onecloud.chains import actions
from onecloud.chains.moving_shapes import ImportedOut, WhichIn, imported_out, which_of
from onecloud.chains.routes.incoming import chain_row, environment_row, uploaded_file
from onecloud.infra.http import Caller, GroundPart, Reading, Session, Snapshot

router = APIRouter()

FILE: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
        "description": "The file; its name is in the header Content-Disposition.",
    }
}
UPLOAD: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {
                        "file": {"type": "string", "format": "binary", "description": "Must be a .chain file."}
                    },
                    "required": ["file"],
                }
            }
        },
    }
}


@router.post("/api/v2/chains/{chain_id}/export", response_class=Response, responses=FILE)
async def export_chain(
    db: Session,
    seen: Snapshot,
    caller: Caller,
    ground: GroundPart,
    chain_id: str,
    of: Annotated[
        WhichIn | None,
        Query(description="`draft`, `published`, or a version's number; else what runs, or the draft if nothing does."),
    ] = None,
) -> Response:
    """The chain and those that it runs as a `.chain` file, which can be imported for 14 days. No secret is in it."""
    which = None if of is None else which_of(of)
    exported = await actions.export_package(seen, ground.keys, ground.settings, caller, chain_row(chain_id), which)
    await actions.tell_export(db, caller, exported)
    return Response(exported.data, media_type="application/octet-stream", headers=attachment(exported.name))


@router.post("/api/v2/environments/{environment_id}/import", status_code=201, openapi_extra=UPLOAD)
async def import_chain(
    db: Session, seen: Reading, request: Request, caller: Caller, ground: GroundPart, environment_id: str
) -> ImportedOut:
    """Make unpublished, disabled copies of every chain in a `.chain` file, all or none."""
    environment = environment_row(environment_id)
    now = await actions.may_import(seen, caller, environment)
    data = await uploaded_file(request)  # before the transaction begins: an upload may be slow
    held = await actions.open_package(ground.keys, ground.settings, data, now)
    return imported_out(await actions.import_package(db, ground.keys, caller, environment, held))


def attachment(name: str) -> dict[str, str]:
    """Headers of a file that is to be saved under this name, for old readers and for new ones."""
    plain = name.encode("ascii", "replace").decode().replace("?", "_")
    return {
        "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=utf-8''{quote(name)}",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }
