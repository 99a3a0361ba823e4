"""Who is acting: the value that every action takes, found once per request."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from onecloud.kernel.permission import NO_GRANTS, Grants

Via: TypeAlias = Literal["session", "token", "cli", "system"]


@dataclass(frozen=True, slots=True)
class Principal:
    """A person (or the system) with what they are allowed to be.

    `via` says how they came in; `credential_id` is the session's or token's row, for the activity log. `grants` are
    the permissions of the person's groups; an administrator needs none, and none are loaded. `may_use_api` says
    whether the person may hold API tokens.
    """

    user_id: int
    email: str
    name: str
    is_admin: bool
    via: Via
    credential_id: int | None = None
    scopes: frozenset[str] = frozenset()
    grants: Grants = field(default_factory=lambda: NO_GRANTS, repr=False, hash=False)
    may_use_api: bool = False
