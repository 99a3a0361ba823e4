"""API v2: the workspace's files with the chains that use them. Their content is in `resources/`."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, Field
from starlette.responses import Response

from onecloud.activity.rules import cursor_id, page_size
from onecloud.chains.actions import resources as uses
from onecloud.chains.actions.resources import Use
from onecloud.infra.conditional import etag
from onecloud.infra.http import Caller, Reading, Session
from onecloud.kernel.errors import NotFound
from onecloud.resources import actions, rules
from onecloud.resources.routes import wire_id
from onecloud.resources.shapes import ResourceOut, resource_out
from onecloud.workspaces.rules import row_id

router = APIRouter(tags=["resources"])


class ListedResource(ResourceOut):
    """A resource in a list."""

    uses: int = Field(description="How many chains refer to it, in their drafts or published versions.")


class ResourcePage(BaseModel):
    """A page of resources; `next_cursor` is null on the last one."""

    items: list[ListedResource]
    next_cursor: str | None


class ResourceUseOut(BaseModel):
    """A chain that refers to the resource."""

    chain_id: str
    chain_name: str
    environment_id: str
    environment_name: str
    in_draft: bool
    in_published: bool = Field(description="Whether the version that runs refers to it.")


class ResourceUsePage(BaseModel):
    """A page of chains; `next_cursor` is null on the last one."""

    items: list[ResourceUseOut]
    next_cursor: str | None


class ResourceChangeIn(BaseModel):
    """What is left out stays as it is."""

    name: str | None = None
    description: str | None = None


@router.get("/api/v2/workspaces/{workspace_id}/resources")
async def list_resources(
    db: Reading, caller: Caller, workspace_id: str, cursor: str | None = None, limit: int = 50
) -> ResourcePage:
    """The files of a workspace, oldest first, each with how many chains use it."""
    after, size = cursor_id(cursor), page_size(limit)
    workspace = row_id(workspace_id)
    if workspace is None:
        raise NotFound("workspace.not_found", f"There is no workspace {workspace_id}.")
    page, last = await actions.list_resources(db, caller, workspace, after, size)
    found = await uses.uses_by_name(db, workspace)
    return ResourcePage(
        items=[
            ListedResource(**resource_out(resource).model_dump(), uses=len(found.get(resource.name, ())))
            for resource in page
        ],
        next_cursor=None if last is None else str(last),
    )


@router.get("/api/v2/resources/{resource_id}")
async def get_resource(response: Response, db: Reading, caller: Caller, resource_id: str) -> ListedResource:
    """One file."""
    resource = await actions.get(db, caller, wire_id(resource_id))
    found = await uses.uses_of(db, resource)
    response.headers.update(etag(rules.tag(resource.version)))
    return ListedResource(**resource_out(resource).model_dump(), uses=len(found))


@router.patch("/api/v2/resources/{resource_id}")
async def change_resource(db: Session, caller: Caller, resource_id: str, body: ResourceChangeIn) -> ResourceOut:
    """Change the name (unless chains refer to it) or the description."""
    return resource_out(await uses.change_resource(db, caller, wire_id(resource_id), body.name, body.description))


@router.delete("/api/v2/resources/{resource_id}", status_code=204)
async def delete_resource(db: Session, caller: Caller, resource_id: str) -> None:
    """Take a file away with all its versions; refused while a chain refers to it."""
    await uses.remove_resource(db, caller, wire_id(resource_id))


@router.get("/api/v2/resources/{resource_id}/uses")
async def list_resource_uses(
    db: Reading, caller: Caller, resource_id: str, cursor: str | None = None, limit: int = 50
) -> ResourceUsePage:
    """The chains that refer to the file, in their drafts or published versions; oldest chain first."""
    after, size = cursor_id(cursor), page_size(limit)
    resource = await actions.get(db, caller, wire_id(resource_id))
    left = [use for use in await uses.uses_of(db, resource) if use.chain_id > (after or 0)]
    return ResourceUsePage(
        items=[use_out(use) for use in left[:size]],
        next_cursor=str(left[size - 1].chain_id) if len(left) > size else None,
    )


def use_out(use: Use) -> ResourceUseOut:
    """A use as it is shown."""
    return ResourceUseOut(
        chain_id=str(use.chain_id),
        chain_name=use.chain_name,
        environment_id=str(use.environment_id),
        environment_name=use.environment_name,
        in_draft=use.in_draft,
        in_published=use.in_published,
    )
