"""An independent OAuth client, Authlib's, against the real routes."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import pytest
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata

from onecloud.tokens.model import Issued
from tests.tokens.conftest import WORKSPACES, House, house

__all__ = ["house"]

SITE = "http://one.test"


@asynccontextmanager
async def _client(house: House, issued: Issued, **more: Any) -> AsyncGenerator[Any]:
    token = {
        "access_token": issued.pair.access.reveal(),
        "refresh_token": issued.pair.refresh.reveal(),
        "token_type": "Bearer",
        "expires_at": issued.pair.access_expires_at.timestamp(),
    }
    # Authlib has no types.
    client: Any = AsyncOAuth2Client(
        client_id=issued.client_id,
        token_endpoint=f"{SITE}/oauth/token",
        token_endpoint_auth_method="none",
        token={**token, **more},
        transport=httpx2.ASGITransport(app=house.app),
    )
    async with client:
        yield client


async def test_authlib_calls_the_api_and_refreshes_by_itself_when_the_token_is_over(house: House) -> None:
    issued = await house.access()
    async with _client(house, issued) as client:
        assert (await client.get(SITE + WORKSPACES)).status_code == 200
    async with _client(house, issued, expires_at=1) as client:
        assert (await client.get(SITE + WORKSPACES)).json()["email"] == "ada@example.com"
        assert client.token["access_token"] != issued.pair.access.reveal()


async def test_authlib_refreshes_again_and_again_and_understands_a_refusal(house: House) -> None:
    issued = await house.access()
    async with _client(house, issued) as client:
        seen = {(await client.refresh_token())["refresh_token"] for _ in range(3)}
        assert len(seen) == 3
        with pytest.raises(OAuthError) as refused:
            await client.refresh_token(refresh_token=issued.pair.refresh.reveal())
    assert refused.value.error == "invalid_grant"


async def test_authlib_introspects_and_revokes(house: House) -> None:
    issued = await house.access()
    async with _client(house, issued) as client:
        bearer = client.token_auth
        told = await client.introspect_token(f"{SITE}/oauth/introspect", token=issued.pair.access.reveal(), auth=bearer)
        assert told.json()["active"] is True
        assert (await client.revoke_token(f"{SITE}/oauth/revoke")).status_code == 200
        assert (await client.get(SITE + WORKSPACES)).status_code == 401


async def test_authlib_finds_the_metadata_valid_but_for_the_endpoint_that_there_is_not(house: House) -> None:
    found: Any = AuthorizationServerMetadata((await house.http.get("/.well-known/oauth-authorization-server")).json())
    # Authlib asks for https, which the public address brings, and for one response type at least; there is no
    # authorization endpoint here, so the truth is an empty list.
    found["response_types_supported"] = ["none"]
    for name in ("issuer", "token_endpoint", "revocation_endpoint", "introspection_endpoint"):
        found[name] = found[name].replace("http://", "https://")
    found.validate()
