"""The nouns of the token service: an API application, a grant with its family of tokens, and the tokens themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from onecloud.kernel.principal import Principal
from onecloud.kernel.secret import Secret

API_SCOPE: Final = "api"
SCOPES: Final = frozenset({API_SCOPE})


class RevokedBecause(StrEnum):
    """Why a family ended before its time."""

    REUSE = "reuse"
    APPLICATION = "application_revoked"
    CLIENT = "revoked_by_client"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request came from: address and program, shortened to what is kept."""

    ip: str
    agent: str

    @staticmethod
    def of(ip: str, agent: str) -> Origin:
        """Cut to the columns' lengths; letters that a database refuses are dropped."""
        return Origin(ip.replace("\0", "")[:64], agent.replace("\0", "")[:300])


@dataclass(frozen=True, slots=True)
class Application:
    """A person's live API access."""

    id: int
    user_id: int
    client_id: str
    access_token_days: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Person:
    """The owner of a grant, as `access` knows them at this moment."""

    user_id: int
    email: str
    first_name: str
    last_name: str
    is_admin: bool
    may_use_api: bool
    disabled: bool
    access_epoch: int

    @property
    def name(self) -> str:
        """The name to show; the email when there is none."""
        return f"{self.first_name or ''} {self.last_name or ''}".strip() or self.email


@dataclass(frozen=True, slots=True)
class Grant:
    """A token family with everything that decides whether it still lives."""

    family_id: int
    application_id: int
    client_id: str
    access_token_days: int
    application_revoked_at: datetime | None
    owner: Person
    access_epoch: int
    generation: int
    created_at: datetime
    refreshed_at: datetime | None
    refreshed_ip: str | None
    refreshed_agent: str | None
    idle_expires_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class AccessToken:
    """An access token as it was found, and its grant."""

    id: int
    generation: int
    last4: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    last_used_at: datetime | None
    last_used_ip: str | None
    last_used_agent: str | None
    grant: Grant


@dataclass(frozen=True, slots=True)
class RefreshToken:
    """A refresh token as it was found, and its grant."""

    id: int
    generation: int
    last4: str
    created_at: datetime
    spent_at: datetime | None
    keyed_seal: str | None
    open_seal: str | None
    grant: Grant


@dataclass(frozen=True, slots=True)
class NewPair:
    """The two new tokens in clear: seen once, by the one who asked."""

    access: Secret
    refresh: Secret
    access_expires_at: datetime


@dataclass(frozen=True, slots=True)
class Issued:
    """An answer that hands out tokens: the pair, whose it is, and the moment on the database's clock."""

    client_id: str
    pair: NewPair
    now: datetime

    @property
    def expires_in_s(self) -> int:
        """Seconds that the access token still lives."""
        return max(0, round((self.pair.access_expires_at - self.now).total_seconds()))


@dataclass(frozen=True, slots=True)
class Authenticated:
    """A live access token's owner. `at` is the moment of the check on the database's clock."""

    principal: Principal
    token_id: int
    family_id: int
    client_id: str
    at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class OAuthRefusal:
    """A refusal in the words of RFC 6749 5.2: a value, not an exception, because what it caused must be committed.

    `challenge` is the WWW-Authenticate header of a 401; `description` keeps to the letters that the RFC allows.
    """

    error: str
    description: str
    status: int = 400
    challenge: str | None = None
    retry_after_s: int | None = None
    guessed: bool = False  # nothing known was shown: it counts against the address


@dataclass(frozen=True, slots=True)
class BearerProblem:
    """Why a bearer request is refused before or after its token was looked at. Source: RFC 6750 3.1."""

    status: int
    error: str
    description: str
    scope: str | None = None
