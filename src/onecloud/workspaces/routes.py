"""API v2: the workspaces of the home page and one environment."""

from __future__ import annotations

from fastapi import APIRouter

from onecloud.activity.rules import cursor_id, page_size
from onecloud.infra.http import Caller, Reading
from onecloud.kernel.errors import NotFound
from onecloud.workspaces import actions, rules
from onecloud.workspaces.shapes import EnvironmentOut, WorkspacePage, environment_out, workspace_out

router = APIRouter(tags=["workspaces"])


@router.get("/api/v2/workspaces")
async def list_workspaces(db: Reading, caller: Caller, cursor: str | None = None, limit: int = 50) -> WorkspacePage:
    """Workspaces that the caller may see, oldest first, each with its environments in their order."""
    after, size = cursor_id(cursor), page_size(limit)
    page, last = await actions.list_workspaces(db, caller, after, size)
    return WorkspacePage(
        items=[workspace_out(caller, workspace, environments) for workspace, environments in page],
        next_cursor=None if last is None else str(last),
    )


@router.get("/api/v2/environments/{environment_id}")
async def get_environment(db: Reading, caller: Caller, environment_id: str) -> EnvironmentOut:
    """One environment and the workspace it is in."""
    row = rules.row_id(environment_id)
    if row is None:
        raise NotFound("environment.not_found", f"There is no environment {environment_id}.")
    return environment_out(caller, *await actions.get_environment_with_workspace(db, caller, row))
