"""Argon2id, off the event loop: a hash takes tens of milliseconds and 64 MiB, so few run at a time.

Nobody hashes inside a database transaction that they could start later: SQLite has one writer.
"""

from __future__ import annotations

import asyncio
import base64
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

# RFC 9106 section 4, second recommendation: t=3, p=4, 64 MiB.
HASHER: Final = PasswordHasher(time_cost=3, memory_cost=65_536, parallelism=4, hash_len=32, salt_len=16, type=Type.ID)
# Two at a time: a flood of sign-ins then holds 128 MiB, and waits instead of taking the machine.
_THREADS: Final = ThreadPoolExecutor(max_workers=2, thread_name_prefix="argon2")


def _text(octets: bytes) -> str:
    return base64.b64encode(octets).decode().rstrip("=")


# Well formed and matched by no known password: checking against it costs what a real check costs.
_NOBODY: Final = (
    f"$argon2id$v=19$m={HASHER.memory_cost},t={HASHER.time_cost},p={HASHER.parallelism}"
    f"${_text(b'nobody-is-here.!')}${_text(bytes(32))}"
)


@dataclass(frozen=True, slots=True)
class Checked:
    """`matches`: the password is right. `rehash`: its hash was made with older parameters."""

    matches: bool
    rehash: bool


def _check(stored: str | None, password: str) -> Checked:
    try:
        HASHER.verify(stored or _NOBODY, password)
    except (VerificationError, InvalidHashError):
        return Checked(matches=False, rehash=False)
    return Checked(matches=stored is not None, rehash=stored is not None and HASHER.check_needs_rehash(stored))


async def hash_password(password: str) -> str:
    """The Argon2id hash of a password in its normal spelling, as PHC text with its own salt."""
    return await asyncio.get_running_loop().run_in_executor(_THREADS, HASHER.hash, password)


async def check_password(stored: str | None, password: str) -> Checked:
    """Compare a password with a stored hash; without one it takes as long and never matches."""
    return await asyncio.get_running_loop().run_in_executor(_THREADS, _check, stored, password)
