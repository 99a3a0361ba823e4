"""API v2 for administrators: how long runs, logs, files and activity are kept."""

from __future__ import annotations

from fastapi import APIRouter

from onecloud.access.guard import Admin
from onecloud.infra.http import Reading, Session
from onecloud.retention import actions
from onecloud.retention.shapes import RetentionChange, RetentionOut, retention_out

router = APIRouter(tags=["retention"])


@router.get("/api/v2/admin/retention")
async def get_retention(caller: Admin, db: Reading) -> RetentionOut:
    """How long things are kept, and when the last pass was, what it removed and how long it took."""
    return retention_out(await actions.show(db))


@router.patch("/api/v2/admin/retention")
async def change_retention(caller: Admin, db: Session, body: RetentionChange) -> RetentionOut:
    """Change how long things are kept; the next pass, within the hour, goes by it."""
    return retention_out(await actions.change(db, caller, body.model_dump(exclude_unset=True)))
