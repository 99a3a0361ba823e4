"""Shapes of the API access page on the wire, and of the OAuth endpoints' answers for the OpenAPI document."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

from onecloud.tokens.actions.application import Overview
from onecloud.tokens.format import TokenKind, hint
from onecloud.tokens.model import Issued


class TokenFacts(BaseModel):
    """What may be shown of a token after its first sight; a refresh token was last used when it was made."""

    hint: str = Field(description="Kind and last four letters, such as oc_at_…a1b2.")
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    last_used_ip: str | None
    last_used_agent: str | None


class ApiAccessOut(BaseModel):
    """The caller's API access; `access_token_days` is for the tokens to come, each token shows its own end."""

    enabled: bool
    client_id: str | None
    created_at: datetime | None
    access_token_days: int
    max_access_token_days: int
    access_token: TokenFacts | None
    refresh_token: TokenFacts | None

    @staticmethod
    def of(seen: Overview) -> ApiAccessOut:
        """The page of what was found."""
        return ApiAccessOut(
            enabled=seen.application is not None,
            client_id=seen.application.client_id if seen.application else None,
            created_at=seen.application.created_at if seen.application else None,
            access_token_days=seen.days,
            max_access_token_days=seen.max_days,
            access_token=_access(seen),
            refresh_token=_refresh(seen),
        )


class EnableApiIn(BaseModel):
    """Without a number of days the operator's default counts."""

    access_token_days: int | None = None


class ApiSettingsIn(BaseModel):
    """Days that access tokens live from the next refresh on."""

    access_token_days: int


class ApiTokensOut(BaseModel):
    """Shown once."""

    client_id: str
    access_token: str
    refresh_token: str
    token_type: Literal["Bearer"]
    expires_in: int
    expires_at: datetime

    @staticmethod
    def of(issued: Issued) -> ApiTokensOut:
        """The tokens in clear."""
        return ApiTokensOut(
            client_id=issued.client_id,
            access_token=issued.pair.access.reveal(),
            refresh_token=issued.pair.refresh.reveal(),
            token_type="Bearer",  # noqa: S106 - the kind of token, not a token
            expires_in=issued.expires_in_s,
            expires_at=issued.pair.access_expires_at,
        )


class OAuthTokenOut(BaseModel):
    """A new pair. Source: RFC 6749 5.1."""

    access_token: str
    token_type: Literal["Bearer"]
    expires_in: int
    refresh_token: str
    scope: str


class OAuthErrorOut(BaseModel):
    """A refusal. Source: RFC 6749 5.2."""

    error: str
    error_description: str


class IntrospectionOut(BaseModel):
    """Facts of a token; every member but `active` is missing when it is not active. Source: RFC 7662 2.2."""

    active: bool
    scope: str | None = None
    client_id: str | None = None
    username: str | None = None
    token_type: str | None = None
    exp: int | None = None
    iat: int | None = None
    sub: str | None = None
    iss: str | None = None


class ServerMetadataOut(BaseModel):
    """What this authorization server offers, and nothing else. Source: RFC 8414 2."""

    issuer: str
    token_endpoint: str
    token_endpoint_auth_methods_supported: list[str]
    revocation_endpoint: str
    revocation_endpoint_auth_methods_supported: list[str]
    introspection_endpoint: str
    introspection_endpoint_auth_methods_supported: list[str]
    grant_types_supported: list[str]
    response_types_supported: list[str]
    scopes_supported: list[str]


def _access(seen: Overview) -> TokenFacts | None:
    token = seen.access
    if token is None:
        return None
    return TokenFacts(
        hint=hint(TokenKind.ACCESS, token.last4),
        created_at=token.created_at,
        expires_at=token.expires_at,
        last_used_at=token.last_used_at,
        last_used_ip=token.last_used_ip,
        last_used_agent=token.last_used_agent,
    )


def _refresh(seen: Overview) -> TokenFacts | None:
    token, expires_at = seen.refresh, seen.refresh_expires_at
    if token is None or expires_at is None:
        return None
    return TokenFacts(
        hint=hint(TokenKind.REFRESH, token.last4),
        created_at=token.created_at,
        expires_at=expires_at,
        last_used_at=token.grant.refreshed_at,
        last_used_ip=token.grant.refreshed_ip,
        last_used_agent=token.grant.refreshed_agent,
    )
