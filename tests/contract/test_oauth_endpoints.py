"""Revocation, introspection, bearer requests and metadata, rule by rule. Source: RFC 6750, 7009, 7662, 8414."""

from __future__ import annotations

import httpx2
import pytest

from onecloud.tokens.limits import OAuthLimits
from onecloud.tokens.model import Issued
from tests.contract.oauth import INTROSPECT, REVOKE, UNKNOWN_ACCESS, UNKNOWN_REFRESH, error_of, is_never_stored
from tests.tokens.conftest import House, house

__all__ = ["house"]

# --- revocation ---


async def _revoke(house: House, issued: Issued, token: str, **more: str) -> httpx2.Response:
    return await house.http.post(REVOKE, data={"token": token, "client_id": issued.client_id, **more})


async def test_revoking_a_refresh_token_ends_its_access_tokens(house: House) -> None:
    first = await house.access()
    answer = await _revoke(house, first, first.pair.refresh.reveal(), token_type_hint="access_token")
    assert answer.status_code == 200
    assert is_never_stored(answer)
    assert (await house.call(first.pair.access.reveal())).status_code == 401
    assert (await house.refresh(first)).status_code == 400


async def test_revoking_an_access_token_leaves_the_refresh_token(house: House) -> None:
    first = await house.access()
    assert (await _revoke(house, first, first.pair.access.reveal())).status_code == 200
    assert (await house.call(first.pair.access.reveal())).status_code == 401
    assert (await house.refresh(first)).status_code == 200


async def test_revoking_with_a_spent_refresh_token_ends_the_family_too(house: House) -> None:
    first = await house.access()
    second = (await house.refresh(first)).json()
    assert (await _revoke(house, first, first.pair.refresh.reveal())).status_code == 200
    assert (await house.call(second["access_token"])).status_code == 401


@pytest.mark.parametrize("token", [UNKNOWN_ACCESS, UNKNOWN_REFRESH, "nonsense", "\0"])
async def test_revoking_what_never_lived_is_200_as_often_as_one_likes(house: House, token: str) -> None:
    first = await house.access()
    for _ in range(2):
        assert (await _revoke(house, first, token)).status_code == 200


async def test_a_client_revokes_only_its_own_tokens(house: House) -> None:
    first, other = await house.access(), await house.access("grace@example.com")
    for token in (first.pair.access.reveal(), first.pair.refresh.reveal()):
        assert error_of(await _revoke(house, other, token)) == (400, "invalid_grant")
    assert (await house.call(first.pair.access.reveal())).status_code == 200


async def test_revocation_needs_a_client_and_a_token(house: House) -> None:
    first = await house.access()
    body = {"token": first.pair.access.reveal()}
    assert error_of(await house.http.post(REVOKE, data=body)) == (400, "invalid_request")
    assert error_of(await house.http.post(REVOKE, data={**body, "client_id": "x"})) == (401, "invalid_client")
    assert error_of(await house.http.post(REVOKE, data={"client_id": first.client_id})) == (400, "invalid_request")
    assert (await house.call(first.pair.access.reveal())).status_code == 200


# --- introspection ---


async def _introspect(house: House, caller: Issued, token: str) -> httpx2.Response:
    headers = {"Authorization": f"Bearer {caller.pair.access.reveal()}"}
    return await house.http.post(INTROSPECT, data={"token": token}, headers=headers)


async def test_a_live_access_token_is_described(house: House) -> None:
    first = await house.access()
    answer = await _introspect(house, first, first.pair.access.reveal())
    assert is_never_stored(answer)
    body = answer.json()
    assert set(body) == {"active", "scope", "client_id", "username", "token_type", "exp", "iat", "sub", "iss"}
    assert (body["active"], body["client_id"], body["username"]) == (True, first.client_id, "ada@example.com")
    assert (body["exp"] - body["iat"], body["iss"]) == (86_400, "http://one.test")


async def test_a_live_refresh_token_is_described_without_a_token_type(house: House) -> None:
    first = await house.access()
    body = (await _introspect(house, first, first.pair.refresh.reveal())).json()
    assert body["active"] is True
    assert "token_type" not in body


async def test_everything_else_answers_exactly_inactive(house: House) -> None:
    first, other = await house.access(), await house.access("grace@example.com")
    second = (await house.refresh(first)).json()
    mine = house.issued(first.client_id, second["access_token"], second["refresh_token"])
    dead = [first.pair.access.reveal(), first.pair.refresh.reveal()]
    foreign = [other.pair.access.reveal(), other.pair.refresh.reveal()]
    for token in [*dead, *foreign, UNKNOWN_ACCESS, UNKNOWN_REFRESH, "nonsense"]:
        answer = await _introspect(house, mine, token)
        assert (answer.status_code, answer.json()) == (200, {"active": False})


async def test_introspection_without_a_live_token_is_401_with_a_bearer_challenge(house: House) -> None:
    first = await house.access()
    body = {"token": first.pair.access.reveal(), "client_id": first.client_id}
    nameless = await house.http.post(INTROSPECT, data=body)
    assert (nameless.status_code, nameless.headers["WWW-Authenticate"]) == (401, 'Bearer realm="OneCloud API"')
    wrong = await house.http.post(INTROSPECT, data=body, headers={"Authorization": f"Bearer {UNKNOWN_ACCESS}"})
    assert wrong.status_code == 401
    assert 'error="invalid_token"' in wrong.headers["WWW-Authenticate"]


async def test_introspection_is_limited(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("onecloud.tokens.limits.INTROSPECTIONS_PER_MINUTE", 2)
    house.app.state.oauth_limits = OAuthLimits()
    first = await house.access()
    codes = [(await _introspect(house, first, "x")).status_code for _ in range(3)]
    assert codes == [200, 200, 429]


# --- bearer requests and metadata ---


async def test_a_request_without_credentials_is_challenged_without_anerror_of(house: House) -> None:
    answer = await house.http.get("/api/v1/metadata/workspace")
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, 'Bearer realm="OneCloud API"')


async def test_a_token_in_the_address_is_400_even_beside_a_good_header(house: House) -> None:
    token = (await house.access()).pair.access.reveal()
    for headers in ({}, {"Authorization": f"Bearer {token}"}):
        answer = await house.http.get("/api/v1/metadata/workspace", params={"access_token": token}, headers=headers)
        assert answer.status_code == 400
        assert 'error="invalid_request"' in answer.headers["WWW-Authenticate"]


async def test_the_metadata_lists_what_is_offered_and_every_address_answers(house: House) -> None:
    answer = await house.http.get("/.well-known/oauth-authorization-server")
    assert "max-age" in answer.headers["Cache-Control"]
    found = answer.json()
    assert found["issuer"] == "http://one.test"
    assert found["grant_types_supported"] == ["refresh_token"]
    assert found["token_endpoint_auth_methods_supported"] == ["none"]
    for name in ("token_endpoint", "revocation_endpoint", "introspection_endpoint"):
        assert found[name].startswith("http://one.test/oauth/")
        assert (await house.http.post(found[name], data={"a": "b"})).status_code in {400, 401}


async def test_the_issuer_is_the_public_address_when_there_is_one(house: House) -> None:
    house.with_settings(public_url="https://cloud.example.com/one/")
    answer = await house.http.get("/.well-known/oauth-authorization-server", headers={"Host": "evil.example"})
    assert answer.json()["issuer"] == "https://cloud.example.com/one"
    assert answer.json()["token_endpoint"] == "https://cloud.example.com/one/oauth/token"
    assert answer.headers["Cache-Control"] == "public, max-age=3600"
