"""What the v2 routes of the room read and answer."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, Field

from onecloud.access.model import Group, User

# Longer than anything the policy allows, so that the policy can name its own limit; a megabyte is not even read.
_EMAIL = Field(max_length=1000)
_PASSWORD = Field(max_length=1000)
_NAME = Field("", max_length=1000)
_TOKEN = Field(max_length=200)


class UserOut(BaseModel):
    """The person who is signed in."""

    id: str
    email: str
    first_name: str | None
    last_name: str | None
    is_admin: bool
    may_use_api: bool
    time_zone: str | None


class SessionOut(BaseModel):
    """A session: who it is, and what unsafe requests must carry in `X-CSRF-Token`."""

    user: UserOut
    csrf_token: str
    idle_minutes: int
    server_version: str


class SignInIn(BaseModel):
    """Email and password."""

    email: str = _EMAIL
    password: str = _PASSWORD


class SetupState(BaseModel):
    """Whether the first administrator is still to come."""

    needed: bool


class SetupIn(BaseModel):
    """The first administrator, and the token of the setup link."""

    token: str = _TOKEN
    email: str = _EMAIL
    password: str = _PASSWORD
    first_name: str = _NAME
    last_name: str = _NAME


class PasswordResetIn(BaseModel):
    """A new password, and the token of the reset link."""

    token: str = _TOKEN
    password: str = _PASSWORD


class ResetLinkOut(BaseModel):
    """A reset link; shown once."""

    url: str
    expires_at: datetime


class PersonOut(BaseModel):
    """A person as administrators see them. `invited`: they were, and have no password yet."""

    id: str
    email: str
    first_name: str | None
    last_name: str | None
    is_admin: bool
    may_use_api: bool
    disabled: bool
    invited: bool
    locked: bool
    last_sign_in_at: datetime | None
    created_at: datetime


class GroupOut(BaseModel):
    """A group. `built_in`: it came with OneCloud, keeps its name and cannot be deleted; `everyone`: all are in it.

    Members of one that `is_admin` may do everything; of one with `api_access` may hold API tokens.
    """

    id: str
    name: str
    description: str
    built_in: bool
    is_admin: bool
    everyone: bool
    api_access: bool
    members_count: int
    created_at: datetime


class GroupPage(BaseModel):
    """Groups in the order of their creation."""

    items: list[GroupOut]
    next_cursor: str | None


class GroupIn(BaseModel):
    """A new group."""

    name: str = Field(max_length=1000)
    description: str = Field("", max_length=10_000)
    api_access: bool = False


class GroupChange(BaseModel):
    """What to change; what is left out stays."""

    name: str | None = Field(None, max_length=1000)
    description: str | None = Field(None, max_length=10_000)
    api_access: bool | None = None


class InvitationToken(BaseModel):
    """The token of an invitation's link."""

    token: str = _TOKEN


class InvitationAnswer(BaseModel):
    """Who accepts an invitation: the link's token, their password and their name."""

    token: str = _TOKEN
    password: str = _PASSWORD
    first_name: str = _NAME
    last_name: str = _NAME


class InvitationState(BaseModel):
    """Whom a live invitation is for."""

    email: str
    first_name: str
    last_name: str


class PersonPage(BaseModel):
    """People in the order of their creation."""

    items: list[PersonOut]
    next_cursor: str | None


class PersonChange(BaseModel):
    """What to change; what is left out stays."""

    disabled: bool | None = None
    is_admin: bool | None = None


class LoginActivityOut(BaseModel):
    """One attempt to sign in."""

    id: str
    identity: str
    context: str
    success: bool
    failure_reason: str | None
    user_id: str | None
    ip: str
    agent: str
    created_at: datetime


class LoginActivityPage(BaseModel):
    """Attempts to sign in, newest first."""

    items: list[LoginActivityOut]
    next_cursor: str | None


def person_out(user: User) -> PersonOut:
    """A person as administrators see them."""
    return PersonOut(
        id=str(user.id),
        email=user.email,
        first_name=user.first_name or None,
        last_name=user.last_name or None,
        is_admin=user.is_admin,
        may_use_api=user.may_use_api,
        disabled=user.disabled,
        invited=user.invited,
        locked=user.locked,
        last_sign_in_at=user.last_sign_in_at,
        created_at=user.created_at,
    )


def group_out(group: Group) -> GroupOut:
    """A group as administrators see it."""
    return GroupOut(
        id=str(group.id),
        name=group.name,
        description=group.description,
        built_in=group.is_default,
        is_admin=group.is_admin,
        everyone=group.is_everyone,
        api_access=group.api_access,
        members_count=group.members_count,
        created_at=group.created_at,
    )
