"""How a token looks: a prefix that tells its kind, 256 random bits, and a checksum. Pure; no IO.

One word without a break, so that a double click selects it whole; recognisable, so that a scanner can find a leaked
one and prove it offline. Source: GitHub, "Behind GitHub's new authentication token formats"; RFC 6749 appendix A.
"""

from __future__ import annotations

import re
import zlib
from enum import Enum
from typing import Final

ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
RANDOM_BYTES: Final = 32
RANDOM_LENGTH: Final = 43  # 62^43 is the first power of 62 above 2^256
CHECK_LENGTH: Final = 6  # 62^6 is above 2^32

# Published in the help page; a test holds the two together.
PATTERN: Final = r"\boc_(?:at|rt)_[0-9A-Za-z]{49}\b"
_WHOLE: Final = re.compile(r"oc_(?:at|rt)_[0-9A-Za-z]{49}", re.ASCII)


class TokenKind(Enum):
    """What a token is for; the value is its prefix."""

    ACCESS = "oc_at_"
    REFRESH = "oc_rt_"


def base62(number: int, length: int) -> str:
    """A number in base 62, padded with zeros to `length` letters."""
    letters: list[str] = []
    while number:
        number, rest = divmod(number, 62)
        letters.append(ALPHABET[rest])
    return "".join(reversed(letters)).rjust(length, "0")


def checksum(body: str) -> str:
    """Six letters: the CRC-32 of everything before them, the prefix included, in base 62."""
    return base62(zlib.crc32(body.encode("ascii")), CHECK_LENGTH)


def token_text(kind: TokenKind, random: bytes) -> str:
    """The token of these 32 random bytes."""
    if len(random) != RANDOM_BYTES:
        raise ValueError("a token is made of exactly 32 random bytes")
    body = kind.value + base62(int.from_bytes(random, "big"), RANDOM_LENGTH)
    return body + checksum(body)


def kind_of(text: str) -> TokenKind | None:
    """The kind of a well-formed token; None for anything else, also for a wrong checksum."""
    if not _WHOLE.fullmatch(text):
        return None
    if checksum(text[:-CHECK_LENGTH]) != text[-CHECK_LENGTH:]:
        return None
    return TokenKind(text[:6])


def hint(kind: TokenKind, last4: str) -> str:
    """What may be shown of a token after its first sight, such as `oc_at_…a1b2`."""
    return f"{kind.value}…{last4}"
