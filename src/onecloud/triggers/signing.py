"""Signed webhooks: HMAC-SHA-256 over id, time and body, as the Standard Webhooks specification has it; pure.

The id is signed too: a request that is sent once more within the window is the same delivery, and starts nothing.
Source: Standard Webhooks 1.0 (`webhook-id`, `webhook-timestamp`, `webhook-signature`).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from onecloud.kernel.errors import Unauthenticated

PREFIX: Final = "whsec_"
VERSION: Final = "v1,"
SECRET_BYTES: Final = 32
LATEST: Final = 2**33  # seconds since 1970; far beyond any clock, and what a datetime still takes


def secret_text(random: bytes) -> str:
    """The secret of these random bytes as senders are given it."""
    return PREFIX + base64.b64encode(random).decode()


def signature(secret: str, delivery_id: str, timestamp: str, body: bytes) -> str:
    """The signature that a request must carry, such as `v1,K5oZ…`."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = f"{delivery_id}.{timestamp}.".encode() + body
    return VERSION + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def check_signed(secret: str, headers: Mapping[str, str], body: bytes, now: datetime, window: timedelta) -> None:
    """Let a request pass that the holder of the secret made, and made just now.

    Raises: Unauthenticated naming the header that is missing or wrong.
    """
    given = {name: headers.get(f"webhook-{name}", "") for name in ("id", "timestamp", "signature")}
    for name, value in given.items():
        if not value:
            raise Unauthenticated(
                "hook.unsigned",
                f"The header `webhook-{name}` is missing. This webhook takes signed requests only: "
                "send webhook-id, webhook-timestamp and webhook-signature.",
            )
    stamp = given["timestamp"]
    if not (stamp.isascii() and stamp.isdigit() and int(stamp[:12]) <= LATEST and len(stamp) <= 12):
        raise Unauthenticated("hook.timestamp", "`webhook-timestamp` is not a time: send whole seconds since 1970.")
    apart = abs(now - datetime.fromtimestamp(int(stamp), UTC))
    if apart > window:
        raise Unauthenticated(
            "hook.timestamp",
            f"`webhook-timestamp` is {apart.total_seconds():.0f} s away from this server's clock; the limit is "
            f"{window.total_seconds():.0f} s. Sign the request when it is sent, and set the sender's clock.",
        )
    wanted = signature(secret, given["id"], stamp, body)
    if not any(_same(wanted, one) for one in given["signature"].split(" ")):
        raise Unauthenticated(
            "hook.signature",
            "`webhook-signature` does not fit the request. Sign `id.timestamp.body` with the trigger's secret by "
            "HMAC-SHA-256, and send `v1,` with the result in base64.",
        )


def _same(wanted: str, given: str) -> bool:
    """Whether two signatures are equal, in a time that tells nothing of where they differ."""
    try:
        binascii.a2b_base64(given.removeprefix(VERSION), strict_mode=True)
    except ValueError:
        return False
    return hmac.compare_digest(wanted.encode(), given.encode())
