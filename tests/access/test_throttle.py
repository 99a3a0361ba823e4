"""Attempts are counted per address, and a count that cannot be kept lets nobody in."""

from __future__ import annotations

import pytest
from limits.errors import StorageError
from limits.storage import MemoryStorage

from onecloud.access.model import User
from onecloud.access.throttle import Throttle
from onecloud.kernel.errors import Limited, Unavailable
from tests.access.conftest import Browser


class Broken(MemoryStorage):
    """A storage whose server is gone."""

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        raise StorageError(ConnectionError("gone"))


def test_the_thirty_first_attempt_in_a_minute_waits() -> None:
    throttle = Throttle()
    for _ in range(30):
        throttle.admit("192.0.2.1")
    with pytest.raises(Limited) as refused:
        throttle.admit("192.0.2.1")
    assert 1 <= refused.value.retry_after.total_seconds() <= 60
    assert "30 per 1 minute" in refused.value.message
    throttle.admit("192.0.2.2")


def test_one_ipv6_network_is_one_address() -> None:
    throttle = Throttle()
    for number in range(30):
        throttle.admit(f"2001:db8::{number:x}")
    with pytest.raises(Limited):
        throttle.admit("2001:db8::ffff")
    throttle.admit("2001:db8:0:1::1")


def test_a_broken_count_fails_closed() -> None:
    with pytest.raises(Unavailable):
        Throttle(Broken(wrap_exceptions=True)).admit("192.0.2.1")


async def test_the_doors_count_together_and_say_when_to_come_back(browser: Browser, ada: User) -> None:
    client = browser()
    for _ in range(15):
        assert (await client.post("/api/v2/password-reset", json={"token": "x", "password": "x"})).status_code == 422
        assert (await client.post("/api/v2/setup", json={"token": "x"})).status_code == 422
    answer = await client.post("/api/v2/session", json={"email": "a@b", "password": "x"})
    assert (answer.status_code, answer.json()["code"]) == (429, "sign_in.throttled")
    assert (await client.get("/api/v2/setup")).status_code == 200
