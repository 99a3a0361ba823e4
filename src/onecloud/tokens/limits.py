"""How many requests a person, and how many guesses an address, may make; counted in this process's memory.

The API's limiter lets requests pass when it cannot count; the token endpoint's refuses them.
Source: product facts 9.2; RFC 6585 4.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from limits import RateLimitItem, RateLimitItemPerDay, RateLimitItemPerMinute, RateLimitItemPerSecond
from limits.errors import StorageError
from limits.storage import Storage
from limits.strategies import FixedWindowRateLimiter, MovingWindowRateLimiter

from onecloud.infra.counting import memory, seconds_until
from onecloud.infra.settings import Settings
from onecloud.kernel.errors import Limited, Unavailable

BURST_SECONDS: Final = 20
# Honest clients never guess: only tokens and clients that were never known count.
GUESSES_PER_MINUTE: Final = 300
INTROSPECTIONS_PER_MINUTE: Final = 300


@dataclass(frozen=True, slots=True)
class Allowance:
    """The answer to one request: whether it may pass, and what is left. `status` is that of a refusal."""

    allowed: bool
    daily_remaining: int
    burst_remaining: int
    retry_after_s: int
    status: int

    def headers(self) -> dict[str, str]:
        """What every answer says, and on a refusal when to try again."""
        told = {
            "oc-api-daily-remaining": str(self.daily_remaining),
            "oc-api-burst-remaining": str(self.burst_remaining),
        }
        return told if self.allowed else {**told, "Retry-After": str(self.retry_after_s)}


class ApiLimits:
    """The limits of API v1 per person: so many in 24 hours, and so many in any 20 seconds."""

    def __init__(self, settings: Settings, storage: Storage | None = None) -> None:
        """One for each application."""
        self._daily_amount: Final = settings.rate_limit_daily
        self._burst_amount: Final = settings.rate_limit_burst
        self._status: Final = settings.rate_limit_status
        counts = storage or memory()
        # The day's count starts with its first request; a moving one would keep 50,000 moments a person.
        self._daily = FixedWindowRateLimiter(counts)
        self._burst = MovingWindowRateLimiter(counts)
        self._daily_item = RateLimitItemPerDay(self._daily_amount, namespace="api-day")
        self._burst_item = RateLimitItemPerSecond(self._burst_amount, BURST_SECONDS, namespace="api-burst")

    def take(self, user_id: int) -> Allowance:
        """Count one request of a person. A refused one is not counted against the day."""
        who = str(user_id)
        try:
            within = self._burst.hit(self._burst_item, who) and self._daily.hit(self._daily_item, who)
            daily = self._daily.get_window_stats(self._daily_item, who)
            burst = self._burst.get_window_stats(self._burst_item, who)
        except StorageError:
            return Allowance(True, self._daily_amount, self._burst_amount, 0, self._status)
        full = daily if daily.remaining <= 0 else burst
        return Allowance(
            allowed=within,
            daily_remaining=max(0, daily.remaining),
            burst_remaining=max(0, burst.remaining),
            retry_after_s=0 if within else seconds_until(full.reset_time),
            status=self._status,
        )


class OAuthLimits:
    """Limits of the token service itself: guesses per address, introspections per person."""

    def __init__(self, storage: Storage | None = None, guesses: int = GUESSES_PER_MINUTE) -> None:
        """One for each application."""
        self._window = MovingWindowRateLimiter(storage or memory())
        self._guess = RateLimitItemPerMinute(guesses, namespace="oauth-guess")
        self._introspect = RateLimitItemPerMinute(INTROSPECTIONS_PER_MINUTE, namespace="oauth-introspect")

    def check_address(self, ip: str) -> None:
        """Let an address pass that has not guessed too often.

        Raises: Limited; Unavailable when the count cannot be read.
        """
        self._require(self._guess, ip, count=False)

    def note_guess(self, ip: str) -> None:
        """Count a token or a client that was never known.

        Raises: Limited when it is one too many; Unavailable when it cannot be counted.
        """
        self._require(self._guess, ip, count=True)

    def take_introspection(self, user_id: int) -> None:
        """Count an introspection of a person.

        Raises: Limited; Unavailable.
        """
        self._require(self._introspect, str(user_id), count=True)

    def _require(self, item: RateLimitItem, who: str, *, count: bool) -> None:
        try:
            passed = self._window.hit(item, who) if count else self._window.test(item, who)
            reset_at = 0.0 if passed else self._window.get_window_stats(item, who).reset_time
        except StorageError as error:
            raise Unavailable("oauth.limits", "Requests cannot be counted now; try again shortly.") from error
        if not passed:
            wait = timedelta(seconds=seconds_until(reset_at))
            raise Limited("oauth.too_many", "Too many requests; wait, then try again.", retry_after=wait)
