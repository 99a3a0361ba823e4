"""What the v2 routes of the room read and answer."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, Field

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
    """A person as administrators see them."""

    id: str
    email: str
    first_name: str | None
    last_name: str | None
    is_admin: bool
    disabled: bool
    locked: bool
    last_sign_in_at: datetime | None
    created_at: datetime


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
