"""Sealing (AES-256-GCM) and keyed hashing (HMAC-SHA256) under the server's key, with retired keys still readable.

The key file holds one key a line, 32 bytes in hex, the current one first. Each purpose gets a key of its own (HKDF).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12


class KeyUnusable(ValueError):
    """The key file cannot be used, or a sealed value was made under a key that is not in it."""


@lru_cache(64)
def derive(key: bytes, purpose: str) -> bytes:
    """A 32-byte key for one purpose."""
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=purpose.encode()).derive(key)


@dataclass(frozen=True, slots=True, repr=False)
class Keyring:
    """The current key and the retired ones (readable, never used for new values)."""

    keys: tuple[bytes, ...]

    def seal(self, text: str, purpose: str) -> str:
        """Encrypted text in URL-safe base64: nonce, then ciphertext with its tag; bound to `purpose`."""
        nonce = os.urandom(NONCE_BYTES)
        sealed = AESGCM(derive(self.keys[0], "seal")).encrypt(nonce, text.encode(), purpose.encode())
        return base64.urlsafe_b64encode(nonce + sealed).decode()

    def unseal(self, sealed: str, purpose: str) -> str:
        """The text of a sealed value.

        Raises: KeyUnusable when no key of the ring opens it for this purpose.
        """
        raw = base64.urlsafe_b64decode(sealed)
        for key in self.keys:
            try:
                opened = AESGCM(derive(key, "seal")).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], purpose.encode())
            except InvalidTag:
                continue
            return opened.decode()
        raise KeyUnusable("a stored secret was sealed under a key that is not in the key file; restore that key")

    def digest(self, text: str, purpose: str) -> str:
        """Keyed hash in hex under the current key; what a table stores instead of a token."""
        return hmac.new(derive(self.keys[0], purpose), text.encode(), hashlib.sha256).hexdigest()

    def digests(self, text: str, purpose: str) -> tuple[str, ...]:
        """The keyed hashes under every key, the current first; for looking up a value hashed before a rotation."""
        return tuple(hmac.new(derive(k, purpose), text.encode(), hashlib.sha256).hexdigest() for k in self.keys)


def shared_keyring(secret: str) -> Keyring:
    """A ring of one key that several servers derive from the same secret text; for signatures among them."""
    return Keyring((hashlib.sha256(secret.encode()).digest(),))


def parse_keys(text: str) -> Keyring:
    """The ring from the key file's text.

    Raises: KeyUnusable naming the line that is not 64 hex digits.
    """
    keys: list[bytes] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            key = bytes.fromhex(line.strip())
        except ValueError:
            key = b""
        if len(key) != KEY_BYTES:
            raise KeyUnusable(f"line {number} of the key file is not 64 hex digits")
        keys.append(key)
    if not keys:
        raise KeyUnusable("the key file is empty; it needs one line of 64 hex digits")
    return Keyring(tuple(keys))


def load_or_create_keys(path: Path) -> Keyring:
    """The server's keys; the file is created (readable by its owner only) when it is not there.

    Raises: KeyUnusable.
    """
    try:
        return parse_keys(path.read_text())
    except FileNotFoundError:
        pass
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:  # another process was first; take its key
        return parse_keys(path.read_text())
    with os.fdopen(handle, "w") as file:
        file.write(secrets.token_hex(KEY_BYTES) + "\n")
        file.flush()
        os.fsync(file.fileno())
    return parse_keys(path.read_text())
