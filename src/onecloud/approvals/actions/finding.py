"""Approvals as people may see them."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.access import permissions
from onecloud.activity.rules import cursor_id, page_of, page_size
from onecloud.approvals import rules, store
from onecloud.approvals.model import Approval, ApprovalState
from onecloud.connector.context import FileRef
from onecloud.infra.blobs import BlobMissing, Blobs
from onecloud.kernel.errors import NotFound
from onecloud.kernel.permission import Level, Place
from onecloud.kernel.principal import Principal


async def list_approvals(
    db: AsyncSession, caller: Principal, *, state: ApprovalState | None, mine: bool, cursor: str | None, limit: int
) -> tuple[list[Approval], str | None]:
    """A page of approvals, newest first, and the cursor of the next page.

    With `mine` those that ask the caller: open ones that wait for their answer, settled ones that they were asked in.
    Else those that they take part in, and those of chains that they may read.

    Raises: Malformed for a cursor or a limit that cannot be.
    """
    size, before = page_size(limit), cursor_id(cursor)
    found = await store.page(
        db,
        state=state,
        before=before,
        limit=size + 1,
        asks=caller.user_id if mine else None,
        seen_by=None if mine else caller,
    )
    return page_of(found, size)


async def get_approval(db: AsyncSession, caller: Principal, approval_id: int, *, lock: bool = False) -> Approval:
    """One approval, for its approvers and requesters and for whoever may read the chain.

    Raises: NotFound, also for one that the caller may not see.
    """
    found = await store.find(db, approval_id, lock=lock)
    if found is None or not (rules.takes_part(found, caller.user_id) or may(caller, Level.READ, found.origin.chain)):
        raise missing(approval_id)
    return found


def missing(approval_id: int | str) -> NotFound:
    """The error of an approval that is not there, or not for the caller."""
    return NotFound("approval.not_found", f"There is no approval {approval_id}.")


def may_edit(caller: Principal, approval: Approval) -> bool:
    """Whether the caller may change who is asked."""
    return approval.state == "open" and may(caller, Level.ADMIN, approval.origin.chain)


def require_editor(caller: Principal, approval: Approval) -> None:
    """Let only those pass who have the permission `admin` on the chain.

    Raises: Forbidden `permission.needed`, also for approvers from whom the chain itself is hidden.
    """
    if not may(caller, Level.ADMIN, approval.origin.chain):
        raise permissions.denied(Level.ADMIN, approval.origin.chain)


def may(caller: Principal, needed: Level, place: Place) -> bool:
    """Whether the caller has the level on the object."""
    return permissions.decide(caller.grants, caller.is_admin, needed, place) is permissions.Verdict.ALLOWED


def attachment(approval: Approval, number: int, blobs: Blobs) -> tuple[FileRef, Path]:
    """The attachment of that number, counted from 1, and where it lies.

    Raises: NotFound when there is none, or it is no longer stored.
    """
    if not 1 <= number <= len(approval.attachments):
        raise NotFound("approval.no_attachment", f"This approval has no attachment {number}.")
    file = approval.attachments[number - 1]
    try:
        return file, blobs.existing(file.blob)
    except (BlobMissing, ValueError) as gone:
        raise NotFound("approval.attachment_gone", f"The file {file.name!r} is no longer stored.") from gone
