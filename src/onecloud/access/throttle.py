"""How many attempts one address has at the public doors: sign-in, setup and reset count together.

Kept in the memory of the process. It fails closed: when the count cannot be kept, nobody comes in.
"""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Final

from fastapi import Request
from limits import RateLimitItem, RateLimitItemPerHour, RateLimitItemPerMinute
from limits.errors import StorageError
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from onecloud.access import rules
from onecloud.infra.counting import memory
from onecloud.kernel.errors import Limited, Unavailable

# An office behind one address signs in within the first; guessing one password for many people ends at the second.
LIMITS: Final[tuple[RateLimitItem, ...]] = (RateLimitItemPerMinute(30), RateLimitItemPerHour(300))


class Throttle:
    """Counts attempts per address."""

    def __init__(self, storage: MemoryStorage | None = None) -> None:
        self._limiter = MovingWindowRateLimiter(storage or memory())

    def admit(self, ip: str) -> None:
        """Count one attempt.

        Raises: Limited with the time to wait; Unavailable when the count cannot be kept.
        """
        key = rules.throttle_key(ip)
        try:
            for limit in LIMITS:
                if not self._limiter.hit(limit, key):
                    ends_at = self._limiter.get_window_stats(limit, key).reset_time
                    wait_s = max(1.0, ends_at - time.time())  # noqa: TID251 - the library's clock
                    raise Limited(
                        "sign_in.throttled",
                        f"Too many attempts from your address: {limit} are allowed. Wait {wait_s:.0f} seconds.",
                        retry_after=timedelta(seconds=wait_s),
                    )
        except StorageError as error:
            raise Unavailable("sign_in.unavailable", "Sign-in is not possible now; try again soon.") from error


async def admit_attempt(request: Request) -> None:
    """Count the request as an attempt of its address; a dependency of the public doors.

    Raises: Limited; Unavailable.
    """
    state = request.app.state
    if not isinstance(getattr(state, "throttle", None), Throttle):
        state.throttle = Throttle()
    throttle: Throttle = state.throttle
    throttle.admit(request.client.host if request.client else "")
