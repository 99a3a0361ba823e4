"""Making a pair of tokens, and sealing it for a request that comes again. The only place that draws token bits."""

from __future__ import annotations

import os
import secrets
from datetime import datetime
from typing import Final

from onecloud.infra.crypto import Keyring, KeyUnusable
from onecloud.kernel.secret import Secret
from onecloud.tokens.actions.verification import ACCESS_PURPOSE
from onecloud.tokens.format import RANDOM_BYTES, TokenKind, token_text
from onecloud.tokens.model import NewPair
from onecloud.tokens.store import Digests

REFRESH_PURPOSE: Final = "refresh-token"
_SEAL_PURPOSE: Final = "refresh-retry"
_CLIENT_LETTERS: Final = "abcdefghijkmnpqrstuvwxyz23456789"  # none that is mistaken for another


def new_client_id() -> str:
    """A client id: public, readable, and impossible to guess all the same."""
    return "oc_client_" + "".join(secrets.choice(_CLIENT_LETTERS) for _ in range(24))


def new_pair(access_expires_at: datetime) -> NewPair:
    """Two fresh tokens of 256 random bits each."""
    return NewPair(
        access=Secret(token_text(TokenKind.ACCESS, os.urandom(RANDOM_BYTES))),
        refresh=Secret(token_text(TokenKind.REFRESH, os.urandom(RANDOM_BYTES))),
        access_expires_at=access_expires_at,
    )


def digests_of(keys: Keyring, pair: NewPair) -> Digests:
    """The hashes that are stored instead of the pair."""
    return Digests(
        keys.digest(pair.access.reveal(), ACCESS_PURPOSE), keys.digest(pair.refresh.reveal(), REFRESH_PURPOSE)
    )


def _seal_keys(keys: Keyring, spent: str, idempotency_key: str) -> tuple[Keyring, ...]:
    """Keys that need the spent token, the Idempotency-Key and the server's key file together: a dump has none."""
    text = f"{spent}\n{idempotency_key}"
    return tuple(Keyring((bytes.fromhex(digest),)) for digest in keys.digests(text, _SEAL_PURPOSE))


def seal_pair(keys: Keyring, pair: NewPair, spent: str, idempotency_key: str) -> str:
    """The pair, readable again only for who shows the spent token and the same key (empty: none)."""
    content = (pair.access.reveal(), pair.refresh.reveal(), pair.access_expires_at.isoformat())
    return _seal_keys(keys, spent, idempotency_key)[0].seal("\n".join(content), _SEAL_PURPOSE)


def open_pair(keys: Keyring, seal: str, spent: str, idempotency_key: str) -> NewPair | None:
    """The sealed pair, or None when the token or the key is another one."""
    for key in _seal_keys(keys, spent, idempotency_key):
        try:
            access, refresh, expires_at = key.unseal(seal, _SEAL_PURPOSE).split("\n")
        except KeyUnusable:
            continue
        return NewPair(Secret(access), Secret(refresh), datetime.fromisoformat(expires_at))
    return None
