"""API v2: the content of resources. Lists, names and deletion are in `chains/`, which knows who uses a resource."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import FileResponse
from starlette.requests import ClientDisconnect

from onecloud.activity.rules import cursor_id, page_size
from onecloud.infra.conditional import IfMatch, etag, required_tag, seen_tag
from onecloud.infra.http import BlobsPart, Caller, GroundPart, Reading, Session
from onecloud.kernel.errors import Malformed, NotFound
from onecloud.kernel.permission import Level
from onecloud.resources import actions, rules
from onecloud.resources.incoming import receive
from onecloud.resources.model import NewVersion
from onecloud.resources.reading import existing
from onecloud.resources.shapes import (
    LARGEST,
    Comment,
    ResourceName,
    ResourceOut,
    ResourceTextIn,
    ResourceTextOut,
    ResourceVersionPage,
    RevertIn,
    resource_out,
    version_out,
)
from onecloud.workspaces.rules import row_id

router = APIRouter(tags=["resources"])

BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "description": "The file's bytes, at most 10 MB.",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


@router.post("/api/v2/workspaces/{workspace_id}/resources", status_code=201, openapi_extra=BODY)
async def add_resource(
    request: Request,
    response: Response,
    db: Session,
    caller: Caller,
    ground: GroundPart,
    blobs: BlobsPart,
    workspace_id: str,
    name: ResourceName,
    description: Annotated[str, Query(description="What the file is for.")] = "",
    comment: Comment = "",
) -> ResourceOut:
    """Add a resource. The body is the file itself, as it is."""
    workspace = row_id(workspace_id)
    if workspace is None:
        raise NotFound("workspace.not_found", f"There is no workspace {workspace_id}.")
    # Asked on a reading session: the writer must not be held while the bytes come in.
    async with ground.database.reading() as reading:
        await actions.may_add(reading, caller, workspace, name)
    rules.check(name, description, comment)
    content = await receive(body_of(request), blobs, workspace)
    new = NewVersion(content, comment)
    resource = await actions.add(db, caller, workspace, name, new, description=description)
    response.headers.update(etag(rules.tag(resource.version)))
    return resource_out(resource)


@router.put("/api/v2/resources/{resource_id}/content", openapi_extra=BODY)
async def change_resource_content(
    request: Request,
    response: Response,
    db: Session,
    caller: Caller,
    ground: GroundPart,
    blobs: BlobsPart,
    resource_id: str,
    comment: Comment = "",
    if_match: IfMatch = None,
) -> ResourceOut:
    """Upload a new version. The same bytes as the newest one's change nothing."""
    number, seen = wire_id(resource_id), seen_tag(if_match)
    async with ground.database.reading() as reading:
        found = await actions.get(reading, caller, number, Level.WRITE)
    rules.check_unchanged(found, seen)
    rules.check(found.name, comment=comment)
    content = await receive(body_of(request), blobs, found.workspace_id)
    resource, _ = await actions.change_content(db, caller, number, NewVersion(content, comment), seen=seen)
    response.headers.update(etag(rules.tag(resource.version)))
    return resource_out(resource)


@router.get(
    "/api/v2/resources/{resource_id}/content",
    response_class=FileResponse,
    responses={200: {"content": {"application/octet-stream": {}}, "description": "The file."}},
)
async def download_resource(
    db: Reading,
    caller: Caller,
    blobs: BlobsPart,
    resource_id: str,
    version: Annotated[int | None, Query(ge=1, le=LARGEST, description="The newest when left out.")] = None,
) -> FileResponse:
    """A version of the file, as an attachment."""
    resource = await actions.get(db, caller, wire_id(resource_id))
    wanted = await actions.get_version(db, resource, version)
    return FileResponse(
        existing(blobs, resource.name, wanted),
        filename=resource.name,
        # Whatever people upload is never shown as a page of this site.
        media_type="application/octet-stream",
        headers={"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store", **etag(rules.tag(wanted))},
    )


@router.get("/api/v2/resources/{resource_id}/text")
async def get_resource_text(
    response: Response,
    db: Reading,
    caller: Caller,
    blobs: BlobsPart,
    resource_id: str,
    version: Annotated[int | None, Query(ge=1, le=LARGEST, description="The newest when left out.")] = None,
) -> ResourceTextOut:
    """A version for the text editor: UTF-8 of at most 256 KB."""
    resource = await actions.get(db, caller, wire_id(resource_id))
    wanted = await actions.get_version(db, resource, version)
    rules.check_editable(resource.name, wanted.content)
    data = await asyncio.to_thread(existing(blobs, resource.name, wanted).read_bytes)
    response.headers.update(etag(rules.tag(resource.version)))
    return ResourceTextOut(text=data.decode("utf-8"), version=version_out(wanted))


@router.put("/api/v2/resources/{resource_id}/text")
async def change_resource_text(
    response: Response,
    db: Session,
    caller: Caller,
    ground: GroundPart,
    blobs: BlobsPart,
    resource_id: str,
    body: ResourceTextIn,
    if_match: IfMatch = None,
) -> ResourceOut:
    """Save the text as a new version; `If-Match` says which one it was made from."""
    number, seen = wire_id(resource_id), required_tag(if_match)
    async with ground.database.reading() as reading:
        found = await actions.get(reading, caller, number, Level.WRITE)
    rules.check_editable(found.name, found.version.content)
    rules.check_unchanged(found, seen)
    content = await receive(once(rules.check_text(body.text)), blobs, found.workspace_id)
    resource, _ = await actions.change_content(db, caller, number, NewVersion(content, body.comment), seen=seen)
    response.headers.update(etag(rules.tag(resource.version)))
    return resource_out(resource)


@router.get("/api/v2/resources/{resource_id}/versions")
async def list_resource_versions(
    db: Reading, caller: Caller, resource_id: str, cursor: str | None = None, limit: int = 50
) -> ResourceVersionPage:
    """Every version with who made it when, newest first."""
    before, size = cursor_id(cursor), page_size(limit)
    resource = await actions.get(db, caller, wire_id(resource_id))
    page, last = await actions.list_versions(db, resource, before, size)
    return ResourceVersionPage(
        items=[version_out(version) for version in page], next_cursor=None if last is None else str(last)
    )


@router.post("/api/v2/resources/{resource_id}/revert")
async def revert_resource(
    response: Response, db: Session, caller: Caller, resource_id: str, body: RevertIn
) -> ResourceOut:
    """Put an earlier version's content in force again, as a version of its own."""
    resource = await actions.revert(db, caller, wire_id(resource_id), body.version, body.comment)
    response.headers.update(etag(rules.tag(resource.version)))
    return resource_out(resource)


def wire_id(text: str) -> int:
    """The resource that an id of the wire names.

    Raises: NotFound.
    """
    number = row_id(text)
    if number is None:
        raise actions.not_found(text)
    return number


async def body_of(request: Request) -> AsyncIterator[bytes]:
    """The body piece by piece; refused at once when it says that it is too large.

    Raises: Invalid `resource.too_large`; Malformed when the sender goes away in the middle.
    """
    said = request.headers.get("content-length", "")
    if said.isascii() and said.isdecimal():
        rules.check_size(int(said))
    try:
        async for piece in request.stream():
            yield piece
    except ClientDisconnect as error:
        raise Malformed("resource.incomplete", "The upload broke off; send the file again.") from error


async def once(data: bytes) -> AsyncIterator[bytes]:
    """Bytes that are there already, as a stream."""
    yield data
