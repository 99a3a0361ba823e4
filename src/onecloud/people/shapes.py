"""What the routes of the room read and answer."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, TypeAlias

from pydantic import BaseModel, Field

from onecloud.access.shapes import PersonOut
from onecloud.kernel.permission import Place
from onecloud.people.model import Named

ObjectType: TypeAlias = Literal["workspace", "environment", "chain"]
LevelName: TypeAlias = Literal["read", "execute", "write", "create", "admin"]


class PermissionOut(BaseModel):
    """What a group may do with one object; the parents say where the object is."""

    object_type: ObjectType
    object_id: str
    object_name: str
    workspace_id: str
    environment_id: str | None
    level: LevelName


class GroupPermissionsOut(BaseModel):
    """Everything that a group may do, the workspaces first."""

    permissions: list[PermissionOut]


class PermissionIn(BaseModel):
    """A level on one object; it holds for all that is in it."""

    object_type: ObjectType
    object_id: str = Field(max_length=100)
    level: LevelName


class GroupPermissionsIn(BaseModel):
    """Everything that the group may do from now on; what is not named is taken away."""

    permissions: list[PermissionIn] = Field(max_length=10_000)


class InvitationIn(BaseModel):
    """Whom to invite, and the groups to put them into besides the one that everybody is in."""

    email: str = Field(max_length=1000)
    first_name: str = Field("", max_length=1000)
    last_name: str = Field("", max_length=1000)
    group_ids: list[str] = Field(default_factory=list[str], max_length=200)


class InvitationOut(BaseModel):
    """An invitation. `url` works once and is shown only now; null when it was mailed instead."""

    user: PersonOut
    url: str | None
    expires_at: datetime


def permission_out(named: Named) -> PermissionOut:
    """A permission as it is shown."""
    place: Place = named.place
    return PermissionOut.model_validate(
        {
            "object_type": place.kind,
            "object_id": str(place.object_id),
            "object_name": named.name,
            "workspace_id": str(place.workspace_id),
            "environment_id": None if place.environment_id is None else str(place.environment_id),
            "level": named.level.word,
        }
    )
