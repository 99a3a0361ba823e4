"""The nouns of access: a person, an account at sign-in, a session, a link."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeAlias

from onecloud.kernel.principal import Principal
from onecloud.kernel.secret import Secret

LinkKind: TypeAlias = Literal["setup", "reset", "invitation"]

# Why a sign-in was refused, for the log only: the person is told one sentence for all of them.
Reason: TypeAlias = Literal["not_found", "disabled", "locked", "invalid"]


@dataclass(frozen=True, slots=True)
class User:
    """A person as administrators see them. `invited`: they have no password yet."""

    id: int
    email: str
    first_name: str
    last_name: str
    is_admin: bool
    may_use_api: bool
    disabled: bool
    invited: bool
    locked: bool
    access_epoch: int
    sso_enabled: bool
    time_zone: str | None
    last_sign_in_at: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class GroupFields:
    """What a person may set of a group."""

    name: str
    description: str = ""
    api_access: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """A group of people. `is_default`: it came with the product and stays; Admin and Default are such.

    Members of one that `is_admin` may do everything; of one with `api_access` hold API tokens.
    """

    id: int
    name: str
    description: str
    is_default: bool
    is_admin: bool
    api_access: bool
    created_at: datetime
    members_count: int

    @property
    def fields(self) -> GroupFields:
        """What a person may set of it, as it is."""
        return GroupFields(self.name, self.description, self.api_access)

    @property
    def is_everyone(self) -> bool:
        """Whether everybody is in it, always: the group Default."""
        return self.is_default and not self.is_admin


@dataclass(frozen=True, slots=True)
class Membership:
    """That a person is (or was) in a group."""

    id: int
    group_id: int
    user_id: int


@dataclass(frozen=True, slots=True)
class Account:
    """What deciding a sign-in needs to know of one person."""

    user_id: int
    password_hash: str | None = field(repr=False)
    disabled: bool
    failed_sign_ins: int
    access_epoch: int


@dataclass(frozen=True, slots=True)
class Admitted:
    """The sign-in stands."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The sign-in falls; `counts` says whether it is one of the failures that lock the account."""

    reason: Reason
    counts: bool


Verdict: TypeAlias = Admitted | Refused


@dataclass(frozen=True, slots=True)
class Visitor:
    """Where a request came from, as the log keeps it."""

    ip: str
    agent: str


@dataclass(frozen=True, slots=True)
class Profile:
    """What a new person is created from."""

    email: str
    password: Secret
    first_name: str = ""
    last_name: str = ""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A new session: its token goes into the cookie and is kept nowhere else."""

    user: User
    token: Secret


@dataclass(frozen=True, slots=True)
class StoredSession:
    """A live session as the database has it."""

    id: int
    user_id: int
    email: str
    first_name: str
    last_name: str
    is_admin: bool
    may_use_api: bool
    touch_due: bool


@dataclass(frozen=True, slots=True)
class SessionFound:
    """Who a session cookie stands for.

    `csrf_token` is what an unsafe request must repeat in its header; `touch_due` says that `touch_session` is to be
    called so that the session does not go idle.
    """

    principal: Principal
    csrf_token: str = field(repr=False)
    touch_due: bool
