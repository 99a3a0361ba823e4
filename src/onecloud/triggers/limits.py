"""How often a webhook may be called, and how often an address may guess at one; counted in this process's memory.

It fails closed: a request that cannot be counted is refused, and its sender tries again.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.errors import StorageError
from limits.strategies import MovingWindowRateLimiter

from onecloud.infra.counting import memory, seconds_until
from onecloud.infra.settings import Settings
from onecloud.kernel.errors import Limited, Unavailable

GUESSES_PER_MINUTE: Final = 60  # only addresses that no trigger has count; honest senders know theirs


class HookLimits:
    """One for each application."""

    def __init__(self, settings: Settings) -> None:
        self._window = MovingWindowRateLimiter(memory())
        self._calls = RateLimitItemPerMinute(settings.hook_calls_per_minute, namespace="hook")
        self._guesses = RateLimitItemPerMinute(GUESSES_PER_MINUTE, namespace="hook-guess")

    def take_call(self, trigger_id: int) -> None:
        """Count a call of a webhook.

        Raises: Limited; Unavailable.
        """
        self._require(self._calls, str(trigger_id), count=True)

    def check_address(self, ip: str) -> None:
        """Let an address pass that has not guessed too often.

        Raises: Limited; Unavailable.
        """
        self._require(self._guesses, ip, count=False)

    def note_guess(self, ip: str) -> None:
        """Count a request to an address that no trigger has.

        Raises: Limited; Unavailable.
        """
        self._require(self._guesses, ip, count=True)

    def _require(self, item: RateLimitItem, who: str, *, count: bool) -> None:
        try:
            passed = self._window.hit(item, who) if count else self._window.test(item, who)
            reset_at = 0.0 if passed else self._window.get_window_stats(item, who).reset_time
        except StorageError as error:
            raise Unavailable("hook.limits", "Requests cannot be counted now; try again shortly.") from error
        if not passed:
            wait_s = seconds_until(reset_at)
            message = f"Too many requests: {item} are allowed. Try again in {wait_s} s."
            raise Limited("hook.too_many", message, retry_after=timedelta(seconds=wait_s))
