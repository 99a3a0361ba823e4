"""Signatures of webhooks: the specification's own example, and everything that must be refused."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onecloud.kernel.errors import Unauthenticated
from onecloud.triggers.signing import check_signed, secret_text, signature

SECRET = secret_text(bytes(range(32)))
NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
STAMP = str(int(NOW.timestamp()))
WINDOW = timedelta(minutes=5)


def signed(body: bytes = b"{}", identity: str = "m1", stamp: str = STAMP, secret: str = SECRET) -> dict[str, str]:
    """The headers of a good request."""
    return {
        "webhook-id": identity,
        "webhook-timestamp": stamp,
        "webhook-signature": signature(secret, identity, stamp, body),
    }


def refused(headers: dict[str, str], body: bytes = b"{}") -> str:
    """The code of the refusal."""
    with pytest.raises(Unauthenticated) as caught:
        check_signed(SECRET, headers, body, NOW, WINDOW)
    return caught.value.code


def test_the_example_of_the_specification_is_signed_as_there() -> None:
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    body = b'{"test": 2432232314}'
    assert signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", body) == (
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    )


@given(st.binary(max_size=200), st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=20))
def test_what_is_signed_passes_and_nothing_else(body: bytes, identity: str) -> None:
    headers = signed(body, identity)
    check_signed(SECRET, headers, body, NOW, WINDOW)
    for wrong, sent in (
        ({**headers, "webhook-id": identity + "x"}, body),
        ({**headers, "webhook-timestamp": str(int(STAMP) + 1)}, body),
        (headers, body + b" "),
        (signed(body, identity, secret=secret_text(bytes(32))), body),
    ):
        assert refused(wrong, sent) == "hook.signature"


@pytest.mark.parametrize(
    "away", [timedelta(minutes=5, seconds=1), timedelta(days=900), -timedelta(minutes=5, seconds=1)]
)
def test_a_request_from_another_time_is_refused(away: timedelta) -> None:
    assert refused(signed(stamp=str(int((NOW + away).timestamp())))) == "hook.timestamp"


def test_the_edges_of_the_window_are_within_it() -> None:
    for away in (WINDOW, -WINDOW):
        check_signed(SECRET, signed(stamp=str(int((NOW + away).timestamp()))), b"{}", NOW, WINDOW)


@pytest.mark.parametrize("stamp", ["now", "-1", "1.5", "9" * 400, "99999999999", "²"])
def test_a_time_that_is_none_is_refused(stamp: str) -> None:
    assert refused({**signed(), "webhook-timestamp": stamp}) == "hook.timestamp"


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_each_header_is_needed(name: str) -> None:
    headers = signed()
    del headers[name]
    assert refused(headers) == "hook.unsigned"


def test_one_good_signature_among_several_is_enough() -> None:
    headers = signed()
    other = "v1," + base64.b64encode(bytes(32)).decode()
    check_signed(
        SECRET, {**headers, "webhook-signature": f"{other} {headers['webhook-signature']}"}, b"{}", NOW, WINDOW
    )
    assert refused({**headers, "webhook-signature": f"{other} v1a,abc x ü"}) == "hook.signature"
