"""What a token allows, when it ends, and what a refresh may do. Pure: every decision is made on given values.

Order inside a family is decided by the generation counter and never by a time. Source: RFC 6749, 6750, 9700 4.14.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Final, TypeAlias

from onecloud.kernel.errors import Invalid, Problem, Unauthenticated
from onecloud.tokens.model import (
    SCOPES,
    AccessToken,
    BearerProblem,
    Grant,
    OAuthRefusal,
    Person,
    RefreshToken,
)

# The OpenID suite repeats a spent token after 30 s; twice that leaves room for a slow network.
KEYED_RETRY: Final = timedelta(seconds=60)
# Seals are useless after the longest window; they are wiped soon after it.
SEALS_KEPT: Final = timedelta(seconds=300)
REALM: Final = "OneCloud API"
CLIENT_CHALLENGE: Final = 'Basic realm="OneCloud"'


# --- lifetimes ---


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """When the tokens of one generation end; `expires_at` is the family's absolute end."""

    access_expires_at: datetime
    idle_expires_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class TokenPolicy:
    """The operator's limits, in days; `retry_s` is the window for a repeated refresh without an Idempotency-Key."""

    default_days: int
    max_days: int
    idle_days: int
    absolute_days: int
    retry_s: int


def chosen_days(wanted: int | None, policy: TokenPolicy) -> int:
    """Life of an access token in days: the wanted one, or the default.

    Raises: Invalid when it is not between 1 and the operator's maximum.
    """
    if wanted is None:
        return min(policy.default_days, policy.max_days)
    if 1 <= wanted <= policy.max_days:
        return wanted
    message = f"An access token lives 1 to {policy.max_days} days, not {wanted}."
    mend = f"Choose a number from 1 to {policy.max_days}; ONECLOUD_TOKEN_MAX_DAYS raises the limit."
    raise Invalid("api_access.days", f"{message} {mend}", problems=(Problem("body.access_token_days", message, mend),))


def lifetimes(now: datetime, days: int, policy: TokenPolicy, family_ends: datetime | None = None) -> Lifetimes:
    """Ends of a new generation. `family_ends` is the family's absolute end; None starts a new family.

    A lowered maximum counts from the next refresh. The refresh token outlives its access token by a day at least,
    or else an idle limit as long as the access token's life would strand a client that refreshes when told to.
    """
    ends = now + timedelta(days=policy.absolute_days) if family_ends is None else family_ends
    access = min(now + timedelta(days=min(days, policy.max_days)), ends)
    idle = min(max(now + timedelta(days=policy.idle_days), access + timedelta(days=1)), ends)
    return Lifetimes(access, idle, ends)


# --- what is alive ---


class Ending(Enum):
    """Why a grant gives nothing any more."""

    REVOKED = "revoked"
    OWNER = "owner"
    EXPIRED = "expired"


def may_own(person: Person) -> bool:
    """Only administrators who can sign in have API access (product facts 9.1), and members of groups opened to it."""
    return person.may_use_api and not person.disabled


def grant_ending(grant: Grant, now: datetime) -> Ending | None:
    """Why the grant is dead, or None while it lives; the idle limit concerns its refresh token only."""
    if grant.revoked_at is not None or grant.application_revoked_at is not None:
        return Ending.REVOKED
    if not may_own(grant.owner) or grant.owner.access_epoch != grant.access_epoch:
        return Ending.OWNER
    return Ending.EXPIRED if now >= grant.expires_at else None


def access_problem(token: AccessToken, now: datetime) -> Unauthenticated | None:
    """Why an access token is refused, or None while it lives."""
    ending = grant_ending(token.grant, now)
    if ending in (Ending.REVOKED, Ending.OWNER) or token.revoked_at is not None:
        return Unauthenticated("token.revoked", "This access token was revoked.")
    if token.generation != token.grant.generation:
        return Unauthenticated("token.revoked", "This access token was replaced by a refresh; use the newer one.")
    if ending is Ending.EXPIRED or now >= token.expires_at:
        return Unauthenticated("token.expired", "This access token has expired; use the refresh token for a new one.")
    return None


def grant_is_shown(grant: Grant, now: datetime) -> bool:
    """Whether the page shows the grant's tokens: alive or merely expired, but not revoked."""
    return grant_ending(grant, now) in (None, Ending.EXPIRED)


def is_shown(token: AccessToken, now: datetime) -> bool:
    """Whether the page shows an access token."""
    return grant_is_shown(token.grant, now) and token.revoked_at is None


def refresh_is_live(token: RefreshToken, now: datetime) -> bool:
    """Whether this refresh token could be spent now."""
    grant = token.grant
    return token.generation == grant.generation and grant_ending(grant, now) is None and now < grant.idle_expires_at


# --- refresh ---


@dataclass(frozen=True, slots=True)
class Spend:
    """Spend the token: raise the generation, and give out a pair with these ends."""

    ends: Lifetimes


@dataclass(frozen=True, slots=True)
class Retry:
    """Perhaps the same client asking again: whoever can open one of the seals gets the same pair.

    Each entry is (seal, whether the Idempotency-Key is part of its key).
    """

    seals: tuple[tuple[str, bool], ...]


@dataclass(frozen=True, slots=True)
class Reuse:
    """A spent token came back: somebody else may hold it, so the family ends."""


Verdict: TypeAlias = Spend | Retry | Reuse | OAuthRefusal

SPENT_MESSAGE: Final = (
    "This refresh token was used before. Each one works once, so all tokens of this grant have been revoked. "
    "Enable API access again to get new ones."
)


def invalid_grant(description: str, *, guessed: bool = False) -> OAuthRefusal:
    """The refusal of a refresh token."""
    return OAuthRefusal("invalid_grant", description, guessed=guessed)


def judge_refresh(token: RefreshToken, client_id: str, now: datetime, policy: TokenPolicy, *, keyed: bool) -> Verdict:
    """What a presented refresh token leads to; `keyed` says whether the request carries an Idempotency-Key.

    A live token shown by another client is refused and not spent; a spent one ends the family whoever shows it.
    Source: RFC 6749 6, RFC 9700 4.14.2.
    """
    grant = token.grant
    match grant_ending(grant, now):
        case Ending.REVOKED:
            return invalid_grant("The access that this refresh token belongs to was revoked.")
        case Ending.OWNER:
            return invalid_grant("The owner of this refresh token may no longer use the API.")
        case Ending.EXPIRED:
            return invalid_grant("This refresh token has expired. Enable API access again to get a new one.")
        case None:
            pass
    if token.generation == grant.generation:
        if client_id != grant.client_id:
            return invalid_grant("This refresh token was issued to another client.")
        if now >= grant.idle_expires_at:
            return invalid_grant("This refresh token has expired. Enable API access again to get a new one.")
        return Spend(lifetimes(now, grant.access_token_days, policy, grant.expires_at))
    seals = _retry_seals(token, now, policy, keyed=keyed) if client_id == grant.client_id else ()
    return Retry(seals) if seals else Reuse()


def _retry_seals(
    token: RefreshToken, now: datetime, policy: TokenPolicy, *, keyed: bool
) -> tuple[tuple[str, bool], ...]:
    """The seals that may still be opened: only of the immediate predecessor, only inside their window."""
    if token.spent_at is None or token.generation + 1 != token.grant.generation:
        return ()
    age = now - token.spent_at
    seals: list[tuple[str, bool]] = []
    if keyed and token.keyed_seal is not None and age <= KEYED_RETRY:
        seals.append((token.keyed_seal, True))
    if token.open_seal is not None and age <= timedelta(seconds=policy.retry_s):
        seals.append((token.open_seal, False))
    return tuple(seals)


def narrowed(granted: frozenset[str], asked: str | None) -> frozenset[str] | None:
    """The scope of a new access token: all that was granted, or the part that was asked for; None when it asks more.

    The grant itself stays as wide as it was. Source: RFC 6749 6.
    """
    if asked is None:
        return granted
    wanted = frozenset(asked.split(" ")) - {""}
    return wanted if wanted and wanted <= granted else None


def scope_text(scopes: frozenset[str]) -> str:
    """Scopes as one line of the wire."""
    return " ".join(sorted(scopes))


ALL_SCOPES: Final = scope_text(SCOPES)


# --- bearer requests ---


def bearer_token(authorization: Sequence[str], query_names: Sequence[str]) -> str | BearerProblem | None:
    """The token of a request: from its one Authorization header, or None when it carries no bearer credentials.

    A token in the address is refused, because addresses are logged; so is a request with two methods.
    Source: RFC 6750 2, RFC 9700 4.3.2.
    """
    if "access_token" in query_names:
        return BearerProblem(
            400, "invalid_request", "Send the access token in the Authorization header only, never in the address."
        )
    if len(authorization) > 1:
        return BearerProblem(400, "invalid_request", "Send one Authorization header, not several.")
    if not authorization:
        return None
    scheme, _, token = authorization[0].strip().partition(" ")
    if scheme.lower() != "bearer":
        return None
    token = token.strip()
    if not token or " " in token:
        return BearerProblem(400, "invalid_request", "The Authorization header must be: Bearer, a space, the token.")
    return token


def bearer_challenge(problem: BearerProblem | None = None) -> str:
    """The WWW-Authenticate header of a refused request.

    Without credentials (None) it names no error. Source: RFC 6750 3 and 3.1.
    """
    parts = [f'realm="{REALM}"']
    if problem is not None:
        parts += [f'error="{problem.error}"', f'error_description="{plain(problem.description)}"']
        if problem.scope is not None:
            parts.append(f'scope="{problem.scope}"')
    return "Bearer " + ", ".join(parts)


def invalid_token(error: Unauthenticated) -> BearerProblem:
    """The refusal of a token that was shown and is not good."""
    return BearerProblem(401, "invalid_token", error.message)


def insufficient_scope(needed: str) -> BearerProblem:
    """The refusal of a live token that lacks a scope."""
    return BearerProblem(403, "insufficient_scope", f"This needs the scope {needed}.", needed)


def plain(text: str) -> str:
    """Only letters that an error description may hold: printable ASCII without quote and backslash."""
    return "".join(c if " " <= c <= "~" and c not in '"\\' else "'" if c == '"' else "?" for c in text)
