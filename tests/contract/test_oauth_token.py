"""`POST /oauth/token` as any client sees it, rule by rule. Source: RFC 6749."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest

from onecloud.infra.crypto import Keyring
from onecloud.infra.db import Database, async_url
from onecloud.infra.http import Ground
from onecloud.tokens.limits import OAuthLimits
from tests.contract.oauth import INTROSPECT, REVOKE, TOKEN, UNKNOWN_ACCESS, UNKNOWN_REFRESH, error_of, is_never_stored
from tests.tokens.conftest import House, house

__all__ = ["house"]

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def _basic(user: str, password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


async def test_a_success_has_the_rfcs_members_andis_never_stored(house: House) -> None:
    answer = await house.refresh(await house.access())
    assert answer.status_code == 200
    assert is_never_stored(answer)
    body = answer.json()
    assert set(body) == {"access_token", "token_type", "expires_in", "refresh_token", "scope"}
    assert (body["token_type"], body["expires_in"], body["scope"]) == ("Bearer", 86_400, "api")


async def test_the_documented_json_body_does_the_same_as_the_form(house: House) -> None:
    first = await house.access()
    answer = await house.http.post(TOKEN, json=house.form(first, client_secret=None))
    assert answer.status_code == 200
    assert (await house.call(answer.json()["access_token"])).status_code == 200


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"])
@pytest.mark.parametrize("path", [TOKEN, REVOKE, INTROSPECT])
async def test_any_method_but_post_is_405_and_says_which_is_allowed(house: House, method: str, path: str) -> None:
    answer = await house.http.request(method, path)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")
    assert is_never_stored(answer)


@pytest.mark.parametrize("content_type", ["text/plain", "multipart/form-data; boundary=x", "application/jsonp", ""])
async def test_another_content_type_is_415(house: House, content_type: str) -> None:
    headers = {"Content-Type": content_type} if content_type else {}
    answer = await house.http.post(TOKEN, content=b"grant_type=refresh_token", headers=headers)
    assert error_of(answer) == (415, "invalid_request")


async def test_parameters_of_the_content_type_do_not_matter(house: House) -> None:
    body = house.form(await house.access())
    headers = {"Content-Type": "Application/X-WWW-Form-Urlencoded; charset=UTF-8"}
    answer = await house.http.post(TOKEN, content=str(httpx2.QueryParams(body)).encode(), headers=headers)
    assert answer.status_code == 200


async def test_a_body_over_16_kb_is_413(house: House) -> None:
    exact = b"x=" + b"a" * (16 * 1024 - 2)
    assert error_of(await house.http.post(TOKEN, content=exact, headers=FORM)) == (400, "invalid_request")
    assert error_of(await house.http.post(TOKEN, content=exact + b"a", headers=FORM)) == (413, "invalid_request")


async def test_a_body_without_end_is_not_read_to_its_end(house: House) -> None:
    sent: list[bytes] = []

    async def endless() -> AsyncIterator[bytes]:
        while len(sent) < 1000:
            sent.append(b"x" * 1024)
            yield sent[-1]

    assert error_of(await house.http.post(TOKEN, content=endless(), headers=FORM)) == (413, "invalid_request")
    assert len(sent) < 20


@pytest.mark.parametrize("name", ["grant_type", "client_id", "refresh_token", "scope"])
async def test_a_repeated_parameter_is_refused_and_spends_nothing(house: House, name: str) -> None:
    first = await house.access()
    body = {**house.form(first), "scope": "api"}
    content = str(httpx2.QueryParams([*body.items(), (name, body[name])])).encode()
    assert error_of(await house.http.post(TOKEN, content=content, headers=FORM)) == (400, "invalid_request")
    twice = json.dumps(body)[:-1] + f", {json.dumps(name)}: {json.dumps(body[name])}}}"
    answer = await house.http.post(TOKEN, content=twice, headers={"Content-Type": "application/json"})
    assert error_of(answer) == (400, "invalid_request")
    assert (await house.refresh(first)).status_code == 200


@pytest.mark.parametrize("name", ["grant_type", "client_id", "refresh_token"])
async def test_an_empty_or_missing_parameter_is_the_same_refusal(house: House, name: str) -> None:
    first = await house.access()
    for value in ("", None):
        answer = await house.http.post(TOKEN, data=house.form(first, **{name: value}))
        assert error_of(answer) == (400, "invalid_request")
        assert name in answer.json()["error_description"]


async def test_empty_optional_and_unknown_parameters_are_ignored(house: House) -> None:
    body = house.form(await house.access(), scope="", client_secret="", flavour="sweet")
    assert (await house.http.post(TOKEN, data=body)).status_code == 200


async def test_json_null_and_unknown_members_of_any_kind_are_ignored(house: House) -> None:
    body = {**house.form(await house.access()), "scope": None, "extra": [1, {"a": 2}]}
    assert (await house.http.post(TOKEN, json=body)).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b'"text"',
        b"{",
        b'{"grant_type": 7}',
        b"[" * 16_000,
        b"\xff\xfe",
        b'{"grant_type":"\\ud800"}',
    ],
)
async def test_a_json_body_that_is_no_object_of_texts_is_refused(house: House, body: bytes) -> None:
    answer = await house.http.post(TOKEN, content=body, headers={"Content-Type": "application/json"})
    assert error_of(answer)[0] == 400


@pytest.mark.parametrize("body", [b"grant_type=%ff", b"\xff=1", b"a=b" + b"&c=d" * 3000])
async def test_a_form_that_cannot_be_read_is_refused(house: House, body: bytes) -> None:
    assert error_of(await house.http.post(TOKEN, content=body, headers=FORM)) == (400, "invalid_request")


async def test_a_parameter_in_the_address_is_refused_because_addresses_are_logged(house: House) -> None:
    first = await house.access()
    answer = await house.http.post(TOKEN, params={"refresh_token": "x"}, data=house.form(first))
    assert error_of(answer) == (400, "invalid_request")


@pytest.mark.parametrize("grant", ["password", "client_credentials", "authorization_code", "implicit", "\ud7ff"])
async def test_other_grants_are_not_supported(house: House, grant: str) -> None:
    answer = await house.http.post(TOKEN, data=house.form(await house.access(), grant_type=grant))
    assert error_of(answer) == (400, "unsupported_grant_type")


@pytest.mark.parametrize("scope", ["admin", "api admin", " ", "api\ud7ff"])
async def test_a_scope_may_never_widen(house: House, scope: str) -> None:
    first = await house.access()
    assert error_of(await house.http.post(TOKEN, data=house.form(first, scope=scope))) == (400, "invalid_scope")
    assert (await house.http.post(TOKEN, data=house.form(first, scope="api"))).status_code == 200


@pytest.mark.parametrize("token", [UNKNOWN_REFRESH, UNKNOWN_REFRESH[:-1] + "!", "x", "oc_rt_" + "0" * 49, "\0", "ä"])
async def test_a_token_nobody_was_given_is_an_invalid_grant(house: House, token: str) -> None:
    first = await house.access()
    assert error_of(await house.http.post(TOKEN, data=house.form(first, refresh_token=token))) == (400, "invalid_grant")


async def test_an_access_token_cannot_refresh(house: House) -> None:
    first = await house.access()
    answer = await house.http.post(TOKEN, data=house.form(first, refresh_token=first.pair.access.reveal()))
    assert error_of(answer) == (400, "invalid_grant")
    assert (await house.call(first.pair.access.reveal())).status_code == 200


@pytest.mark.parametrize("client_id", ["oc_client_nobody", "\0", "ä", "x" * 300])
async def test_an_unknown_client_is_401_with_a_challenge(house: House, client_id: str) -> None:
    first = await house.access()
    answer = await house.http.post(TOKEN, data=house.form(first, client_id=client_id))
    assert error_of(answer) == (401, "invalid_client")
    assert answer.headers["WWW-Authenticate"].startswith("Basic ")
    assert (await house.refresh(first)).status_code == 200


async def test_a_public_client_with_a_secret_is_refused(house: House) -> None:
    first = await house.access()
    in_body = await house.http.post(TOKEN, data=house.form(first, client_secret="guess"))
    in_header = await house.refresh(house.form(first, client_id=None), headers=_basic(first.client_id, "guess"))
    for answer in (in_body, in_header):
        assert error_of(answer) == (401, "invalid_client")
        assert answer.headers["WWW-Authenticate"].startswith("Basic ")


async def test_the_client_may_be_named_by_basic_without_a_secret_but_not_twice(house: House) -> None:
    first = await house.access()
    escaped = _basic(first.client_id.replace("_", "%5F"), "")  # each part is form-url-encoded
    both = house.form(first, client_secret="s")
    assert error_of(await house.http.post(TOKEN, data=both, headers=escaped)) == (400, "invalid_request")
    other = house.form(first, client_id="somebody")
    assert error_of(await house.http.post(TOKEN, data=other, headers=escaped)) == (400, "invalid_request")
    body = house.form(first)
    del body["client_id"]
    assert (await house.http.post(TOKEN, data=body, headers=escaped)).status_code == 200


@pytest.mark.parametrize("header", ["Basic !!!", "Basic", "Digest a=b", "Basic bm9jb2xvbg==", "Basic Ojo="])
async def test_an_authorization_header_that_names_no_client_is_401(house: House, header: str) -> None:
    answer = await house.refresh(await house.access(), headers={"Authorization": header})
    assert error_of(answer) == (401, "invalid_client")


async def test_a_bearer_header_left_on_by_the_client_does_not_disturb(house: House) -> None:
    first = await house.access()
    headers = {"Authorization": f"Bearer {first.pair.access.reveal()}"}
    assert (await house.refresh(first, headers=headers)).status_code == 200


@pytest.mark.parametrize("key", ["x" * 256, "k\u00e9y"])
async def test_an_idempotency_key_that_cannot_be_is_refused_and_spends_nothing(house: House, key: str) -> None:
    first = await house.access()
    sent = httpx2.Headers([(b"Idempotency-Key", key.encode("latin-1"))])
    answer = await house.http.post(TOKEN, data=house.form(first), headers=sent)
    assert error_of(answer) == (400, "invalid_request")
    assert (await house.refresh(first)).status_code == 200


async def test_two_idempotency_keys_are_refused(house: House) -> None:
    sent = [("Idempotency-Key", "a"), ("Idempotency-Key", "b")]
    answer = await house.http.post(TOKEN, data=house.form(await house.access()), headers=sent)
    assert error_of(answer) == (400, "invalid_request")


async def test_an_address_that_guesses_too_often_is_told_to_wait(house: House) -> None:
    house.app.state.oauth_limits = OAuthLimits(guesses=3)
    first = await house.access()
    for _ in range(3):
        await house.http.post(TOKEN, data=house.form(first, refresh_token="guess"))
    answer = await house.refresh(first)
    assert error_of(answer) == (429, "slow_down")
    assert 0 < int(answer.headers["Retry-After"]) <= 60


async def test_honest_refreshes_and_even_reuses_are_no_guesses(house: House) -> None:
    house.app.state.oauth_limits = OAuthLimits(guesses=1)
    first = await house.access()
    assert (await house.refresh(first)).status_code == 200
    for _ in range(3):
        assert error_of(await house.refresh(first)) == (400, "invalid_grant")


@pytest.mark.parametrize("path", [TOKEN, REVOKE])
async def test_a_database_that_does_not_answer_is_503_and_never_a_false_answer(
    house: House, tmp_path: Path, path: str
) -> None:
    first = await house.access()
    broken = Database(async_url("", tmp_path / "nowhere" / "at all"))
    house.app.state.ground = Ground(house.ground.settings, broken, Keyring((b"\x01" * 32,)))
    answer = await house.http.post(path, data={**house.form(first), "token": UNKNOWN_ACCESS})
    assert error_of(answer) == (503, "temporarily_unavailable")
    assert int(answer.headers["Retry-After"]) > 0
    await broken.close()
