"""The secrets of webhooks: the address, of which only a hash is kept, and the secret that signs, kept sealed."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from typing import Final

from onecloud.infra.crypto import Keyring
from onecloud.triggers.signing import SECRET_BYTES, secret_text

ADDRESS: Final = "hook-address"
SIGNING: Final = "hook-signing"
PREFIX: Final = "oc_hk_"
_ADDRESS: Final = re.compile(PREFIX + r"[A-Za-z0-9_-]{43}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Made:
    """A secret that was just made: as people are shown it once, and as it is stored."""

    shown: str
    stored: str


def new_address(keys: Keyring) -> Made:
    """A secret address: 256 random bits; stored is a keyed hash."""
    shown = PREFIX + secrets.token_urlsafe(32)
    return Made(shown, keys.digest(shown, ADDRESS))


def looks_like_address(text: str) -> bool:
    """Whether a text can be an address at all; others are not looked for."""
    return _ADDRESS.fullmatch(text) is not None


def new_signing_secret(keys: Keyring) -> Made:
    """A secret that signs requests; stored is the sealed text."""
    shown = secret_text(secrets.token_bytes(SECRET_BYTES))
    return Made(shown, keys.seal(shown, SIGNING))
