"""Uploads over HTTP: the list, one upload, its files as they come, and its end."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel
from starlette.requests import ClientDisconnect

from onecloud.approvals.actions.finding import may
from onecloud.approvals.parts import Parts
from onecloud.approvals.shapes import AskedPerson, Comment, person_out
from onecloud.approvals.uploads import actions
from onecloud.approvals.uploads.model import Upload, UploadState
from onecloud.approvals.uploads.receive import discard
from onecloud.approvals.uploads.rules import MEGABYTE
from onecloud.infra.db import after_commit
from onecloud.infra.http import Caller, GroundPart, Reading, Session
from onecloud.infra.settings import Settings
from onecloud.kernel.errors import Malformed, NotFound
from onecloud.kernel.permission import Level
from onecloud.kernel.principal import Principal
from onecloud.workspaces.rules import row_id

router = APIRouter(tags=["approvals"])

BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "description": "The bytes of the file.",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


class UploadedFileOut(BaseModel):
    """One file that was given."""

    id: str
    name: str
    size_bytes: int
    by: AskedPerson
    at: datetime


class UploadOut(BaseModel):
    """A request for files. `may_give`: the caller may add files and end it; `may_read_chain`: see its run."""

    id: str
    title: str
    details: str
    state: UploadState
    text: str
    comment: str
    chain_id: str
    chain_name: str
    run_id: str
    node_name: str
    people: list[AskedPerson]
    endings: list[str]
    most_files: int
    most_bytes: int
    files: list[UploadedFileOut]
    may_give: bool
    may_read_chain: bool
    due_at: datetime
    opened_at: datetime
    settled_at: datetime | None


class UploadPage(BaseModel):
    """Requests for files, newest first."""

    items: list[UploadOut]
    next_cursor: str | None


class UploadEnd(BaseModel):
    """What to say with the files, or instead of them."""

    comment: str = Comment


@router.get("/api/v2/uploads")
async def list_uploads(
    db: Reading,
    caller: Caller,
    ground: GroundPart,
    state: UploadState | None = None,
    mine: bool = False,  # noqa: FBT001, FBT002 - a query parameter
    cursor: str | None = None,
    limit: int = 50,
) -> UploadPage:
    """Requests for files, newest first: `mine` are those that ask the caller."""
    found, next_cursor = await actions.list_uploads(db, caller, state=state, mine=mine, cursor=cursor, limit=limit)
    return UploadPage(items=[_out(one, caller, ground.settings) for one in found], next_cursor=next_cursor)


@router.get("/api/v2/uploads/{upload_id}")
async def get_upload(db: Reading, caller: Caller, ground: GroundPart, upload_id: str) -> UploadOut:
    """One request for files, with those that are there."""
    return _out(await actions.get_upload(db, caller, _number(upload_id)), caller, ground.settings)


@router.post("/api/v2/uploads/{upload_id}/files", status_code=201, openapi_extra=BODY)
async def add_upload_file(
    caller: Caller,
    ground: GroundPart,
    parts: Parts,
    request: Request,
    upload_id: str,
    name: Annotated[str, Query(max_length=1000, description="The file's name with its ending.")],
) -> UploadOut:
    """Add one file: the body is its bytes, and they are stored as they come. Several files are several requests."""
    length = request.headers.get("content-length", "")
    announced = int(length) if length.isascii() and length.isdecimal() and len(length) < 19 else None
    number = _number(upload_id)
    try:
        upload = await actions.add_file(ground, parts.blobs, caller, number, name, announced, request.stream())
    except ClientDisconnect as gone:  # nobody reads this answer; it keeps the log free of faults that are none
        raise Malformed("upload.cut_off", "The file did not come to its end. Upload it again.") from gone
    return _out(upload, caller, ground.settings)


@router.delete("/api/v2/uploads/{upload_id}/files/{file_id}")
async def remove_upload_file(
    db: Session, caller: Caller, ground: GroundPart, parts: Parts, upload_id: str, file_id: str
) -> UploadOut:
    """Take a file out again, before the upload is completed."""
    number = row_id(file_id)
    if number is None:
        raise NotFound("upload.no_file", f"The upload {upload_id} has no file {file_id}.")
    upload, gone = await actions.remove_file(db, caller, _number(upload_id), number)
    after_commit(db, lambda: discard(parts.blobs, gone.file))
    return _out(upload, caller, ground.settings)


@router.post("/api/v2/uploads/{upload_id}/complete")
async def complete_upload(
    db: Session, caller: Caller, ground: GroundPart, parts: Parts, upload_id: str, body: UploadEnd
) -> UploadOut:
    """Say that all files are there; the run goes on with them."""
    after = await actions.complete(db, parts.settled, caller, _number(upload_id), body.comment)
    return _out(after, caller, ground.settings)


@router.post("/api/v2/uploads/{upload_id}/decline")
async def decline_upload(
    db: Session, caller: Caller, ground: GroundPart, parts: Parts, upload_id: str, body: UploadEnd
) -> UploadOut:
    """Say that there will be no files; for the run's links that is a failure."""
    after = await actions.decline(db, parts.settled, caller, _number(upload_id), body.comment)
    return _out(after, caller, ground.settings)


def _out(upload: Upload, caller: Principal, settings: Settings) -> UploadOut:
    return UploadOut(
        id=str(upload.id),
        title=upload.title,
        details=upload.details,
        state=upload.state,
        text=upload.text,
        comment=upload.comment,
        chain_id=str(upload.origin.chain_id),
        chain_name=upload.origin.chain_name,
        run_id=str(upload.ask.run_id),
        node_name=upload.origin.node_name,
        people=[person_out(person) for person in upload.people],
        endings=list(upload.endings),
        most_files=upload.most_files,
        most_bytes=settings.upload_file_mb * MEGABYTE,
        files=[
            UploadedFileOut(
                id=str(one.id), name=one.file.name, size_bytes=one.file.size_bytes, by=person_out(one.by), at=one.at
            )
            for one in upload.files
        ],
        may_give=upload.state == "open" and actions.may_give(caller, upload),
        may_read_chain=may(caller, Level.READ, upload.origin.chain),
        due_at=upload.due_at,
        opened_at=upload.opened_at,
        settled_at=upload.settled_at,
    )


def _number(text: str) -> int:
    number = row_id(text)
    if number is None:
        raise actions.missing(text)
    return number
