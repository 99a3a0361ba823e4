"""Counting requests: the limits of the API per person, and of guesses per address."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

import pytest
from limits.storage import MemoryStorage

from onecloud.infra.settings import Settings
from onecloud.kernel.errors import Limited, Unavailable
from onecloud.tokens.limits import ApiLimits, OAuthLimits


class Broken(MemoryStorage):
    """A storage that cannot count."""

    def __init__(self) -> None:
        super().__init__(wrap_exceptions=True)

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        raise ValueError("no connection")

    def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:
        raise ValueError("no connection")


class Clock:
    """The clock that the library and the limits read."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1_000_000.0
        monkeypatch.setattr("time.time", lambda: self.now)


def _limits(daily: int, burst: int, status: Literal[429, 422] = 429) -> ApiLimits:
    return ApiLimits(Settings(rate_limit_daily=daily, rate_limit_burst=burst, rate_limit_status=status))


def test_every_answer_tells_what_is_left() -> None:
    limits = _limits(50_000, 100)
    assert limits.take(1).headers() == {"oc-api-daily-remaining": "49999", "oc-api-burst-remaining": "99"}
    assert limits.take(1).burst_remaining == 98
    assert limits.take(2).burst_remaining == 99


def test_a_burst_is_refused_and_passes_again_after_twenty_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, limits = Clock(monkeypatch), _limits(50_000, 3)
    for _ in range(3):
        assert limits.take(1).allowed
        clock.now += 1
    refused = limits.take(1)
    assert (refused.allowed, refused.status, refused.burst_remaining) == (False, 429, 0)
    assert refused.headers()["Retry-After"] == "17"
    assert refused.daily_remaining == 49_997
    clock.now += 16.9
    assert not limits.take(1).allowed
    clock.now += 0.2
    assert limits.take(1).allowed
    assert not limits.take(1).allowed


def test_the_day_is_counted_from_its_first_request(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, limits = Clock(monkeypatch), _limits(2, 100)
    assert [limits.take(1).allowed for _ in range(3)] == [True, True, False]
    refused = limits.take(1)
    assert (refused.daily_remaining, refused.retry_after_s) == (0, 86_400)
    clock.now += 86_401
    assert limits.take(1).allowed


def test_the_status_of_a_refusal_is_the_setting() -> None:
    limits = _limits(1, 1, 422)
    limits.take(1)
    assert limits.take(1).status == 422


def test_the_api_stays_open_when_nothing_can_be_counted() -> None:
    limits = ApiLimits(Settings(), Broken())
    assert limits.take(1).allowed


def test_token_issue_closes_when_nothing_can_be_counted() -> None:
    limits = OAuthLimits(Broken())
    with pytest.raises(Unavailable):
        limits.check_address("192.0.2.1")
    with pytest.raises(Unavailable):
        limits.note_guess("192.0.2.1")


def test_guesses_are_counted_per_address(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, limits = Clock(monkeypatch), OAuthLimits(guesses=2)
    for _ in range(2):
        limits.check_address("a")
        limits.note_guess("a")
    with pytest.raises(Limited) as refused:
        limits.check_address("a")
    assert refused.value.retry_after == timedelta(seconds=60)
    limits.check_address("b")
    clock.now += 60.1
    limits.check_address("a")
