"""Approvals over HTTP: the inbox, one approval, answers, edits, and the signed links of mails."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from fastapi import APIRouter, Depends
from fastapi.responses import FileResponse

from onecloud.access.guard import public, requires_own_page
from onecloud.access.throttle import admit_attempt
from onecloud.approvals import actions
from onecloud.approvals.actions.finding import missing
from onecloud.approvals.model import ApprovalState
from onecloud.approvals.parts import Parts
from onecloud.approvals.shapes import (
    AnswerIn,
    ApprovalEdit,
    ApprovalOut,
    ApprovalPage,
    LinkAnswerIn,
    LinkAnswerOut,
    LinkIn,
    LinkOut,
    brief,
    link_out,
    whole,
)
from onecloud.connector.context import FileRef
from onecloud.infra.http import Caller, GroundPart, Reading, Session
from onecloud.workspaces.rules import row_id

router = APIRouter(tags=["approvals"])

FILE: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {"application/octet-stream": {}}, "description": "The file."}
}
# A link is a door without a session: our own page and programs only, and so many times a minute.
_door = [Depends(requires_own_page), Depends(admit_attempt)]


@router.get("/api/v2/approvals")
async def list_approvals(
    db: Reading,
    caller: Caller,
    state: ApprovalState | None = None,
    mine: bool = False,  # noqa: FBT001, FBT002 - a query parameter
    cursor: str | None = None,
    limit: int = 50,
) -> ApprovalPage:
    """Approvals, newest first: `mine` are those that ask the caller (open ones: that wait for their answer)."""
    found, next_cursor = await actions.list_approvals(db, caller, state=state, mine=mine, cursor=cursor, limit=limit)
    return ApprovalPage(items=[brief(one, caller) for one in found], next_cursor=next_cursor)


@router.get("/api/v2/approvals/{approval_id}")
async def get_approval(db: Reading, caller: Caller, approval_id: str) -> ApprovalOut:
    """One approval with its approvers and their answers."""
    return whole(await actions.get_approval(db, caller, _number(approval_id)), caller)


@router.get("/api/v2/approvals/{approval_id}/attachments/{number}", response_class=FileResponse, responses=FILE)
async def download_approval_attachment(
    db: Reading, caller: Caller, parts: Parts, approval_id: str, number: int
) -> FileResponse:
    """A file that goes with the request."""
    approval = await actions.get_approval(db, caller, _number(approval_id))
    return _sent(*actions.attachment(approval, number, parts.blobs))


@router.post("/api/v2/approvals/{approval_id}/answer")
async def answer_approval(
    db: Session, caller: Caller, ground: GroundPart, parts: Parts, approval_id: str, body: AnswerIn
) -> ApprovalOut:
    """Accept or reject, as an approver whose answer is waited for."""
    number = _number(approval_id)
    after = await actions.answer(db, ground, parts.settled, caller, number, body.verdict, body.comment)
    return whole(after, caller)


@router.post("/api/v2/approvals/{approval_id}/edit")
async def edit_approval(
    db: Session, caller: Caller, ground: GroundPart, parts: Parts, approval_id: str, body: ApprovalEdit
) -> ApprovalOut:
    """Skip or add approvers, or change the time to answer. Needs the permission `admin` on the chain."""
    after = await actions.edit(
        db,
        ground,
        parts.settled,
        caller,
        _number(approval_id),
        skip=body.skip,
        add=body.add,
        due=None if body.due_days is None else timedelta(days=body.due_days),
    )
    return whole(after, caller)


@router.post("/api/v2/approval-links/look", dependencies=_door)
@public
async def look_at_approval_link(db: Reading, ground: GroundPart, body: LinkIn) -> LinkOut:
    """What a link of a mail asks. Looking answers nothing and uses nothing up."""
    return link_out(*await actions.look_by_link(db, ground, body.token))


@router.post("/api/v2/approval-links/answer", dependencies=_door)
@public
async def answer_approval_link(db: Session, ground: GroundPart, parts: Parts, body: LinkAnswerIn) -> LinkAnswerOut:
    """Accept or reject by a link, in the name of the person whom it was mailed to. It works once."""
    after = await actions.answer_by_link(db, ground, parts.settled, body.token, body.verdict, body.comment)
    return LinkAnswerOut(state=after.state, text=after.text)


@router.post(
    "/api/v2/approval-links/attachments/{number}", response_class=FileResponse, responses=FILE, dependencies=_door
)
@public
async def download_approval_link_attachment(
    db: Reading, ground: GroundPart, parts: Parts, number: int, body: LinkIn
) -> FileResponse:
    """A file that goes with what a link asks."""
    approval, _ = await actions.look_by_link(db, ground, body.token)
    return _sent(*actions.attachment(approval, number, parts.blobs))


def _sent(file: FileRef, path: Path) -> FileResponse:
    # Always an attachment: a stored HTML file must never run as a page of this site.
    return FileResponse(
        path,
        filename=file.name,
        media_type="application/octet-stream",
        headers={"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"},
    )


def _number(text: str) -> int:
    number = row_id(text)
    if number is None:
        raise missing(text)
    return number
