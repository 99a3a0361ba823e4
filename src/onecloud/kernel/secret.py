"""A value that must not be seen: it prints as dots, and revealing it is one greppable call."""

from __future__ import annotations

from typing import Final

MASK: Final = "•••"


class Secret:
    """Text that never shows itself in a log, a repr, a format or an error."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The text itself; every caller of this is a place to review."""
        return self._value

    def __repr__(self) -> str:
        return MASK

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return MASK

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)


def redact(text: str, secrets: frozenset[str]) -> str:
    """`text` with every secret replaced by dots, the longest first so that none shows through another."""
    for secret in sorted(secrets, key=len, reverse=True):
        if secret:
            text = text.replace(secret, MASK)
    return text
