"""Resources and their versions on the wire of API v2."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final

from fastapi import Query
from pydantic import BaseModel, Field

from onecloud.resources.model import Resource, Version
from onecloud.resources.rules import EDITOR_BYTES, media_type

LARGEST: Final = 2**31 - 1  # a version's number as the database holds it

ResourceName = Annotated[str, Query(description="File name of the resource, unique in the workspace.")]
Comment = Annotated[str, Query(description="What was changed, for the list of versions.")]


class ResourceVersionOut(BaseModel):
    """One content of a resource."""

    number: int = Field(description="1 for the first.")
    size_bytes: int
    sha256: str
    is_text: bool = Field(description="Whether the bytes are UTF-8 text.")
    comment: str
    created_at: datetime
    created_by: str = Field(description="Name of who made it.")


class ResourceOut(BaseModel):
    """A resource with its newest version, which is the one in force."""

    id: str
    workspace_id: str
    name: str
    description: str
    media_type: str = Field(description="As the name tells it.")
    editable: bool = Field(description="Whether the text editor takes it: UTF-8 text of at most 256 KB.")
    created_at: datetime
    version: ResourceVersionOut


class ResourceVersionPage(BaseModel):
    """A page of versions, newest first; `next_cursor` is null on the last one."""

    items: list[ResourceVersionOut]
    next_cursor: str | None


class ResourceTextOut(BaseModel):
    """A version as text; `ETag` is the newest version's."""

    text: str
    version: ResourceVersionOut


class ResourceTextIn(BaseModel):
    """The whole new text."""

    text: str
    comment: str = ""


class RevertIn(BaseModel):
    """Which version's content is to be in force again."""

    version: int = Field(ge=1, le=LARGEST)
    comment: str = ""


def version_out(version: Version) -> ResourceVersionOut:
    """A version as it is shown."""
    return ResourceVersionOut(
        number=version.number,
        size_bytes=version.content.size_bytes,
        sha256=version.content.sha256,
        is_text=version.content.is_text,
        comment=version.comment,
        created_at=version.created_at,
        created_by=version.created_by_name,
    )


def resource_out(resource: Resource) -> ResourceOut:
    """A resource as it is shown."""
    content = resource.version.content
    return ResourceOut(
        id=str(resource.id),
        workspace_id=str(resource.workspace_id),
        name=resource.name,
        description=resource.description,
        media_type=media_type(resource.name),
        editable=content.is_text and content.size_bytes <= EDITOR_BYTES,
        created_at=resource.created_at,
        version=version_out(resource.version),
    )
