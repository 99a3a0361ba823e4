"""Who is acting: the value that every action takes, found once per request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Via: TypeAlias = Literal["session", "token", "cli", "system"]


@dataclass(frozen=True, slots=True)
class Principal:
    """A person (or the system) with what they are allowed to be.

    `via` says how they came in; `credential_id` is the session's or token's row, for the activity log.
    """

    user_id: int
    email: str
    name: str
    is_admin: bool
    via: Via
    credential_id: int | None = None
    scopes: frozenset[str] = frozenset()
