"""How activity is bounded and paged, decided in values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol, TypeVar

from onecloud.kernel.errors import Malformed


class HasNumber(Protocol):
    """What a list shows by its row's number."""

    @property
    def id(self) -> int:
        """The number."""
        ...


Numbered = TypeVar("Numbered", bound=HasNumber)

# The log keeps the start of a longer browser name: it is a hint for a person, and a caller chooses its length.
AGENT_LENGTH: Final = 500
IP_LENGTH: Final = 64
IDENTITY_LENGTH: Final = 254
PAGE_DEFAULT: Final = 50
PAGE_MOST: Final = 200
LARGEST_ID: Final = 2**63 - 1
# What a change must have happened to, to be one of who may do what.
AUTHORIZATION: Final = (
    "User",
    "UserGroup",
    "UserGroupUser",
    "UserGroupPermission",
    "ApiApplication",
    "TokenFamily",
    "AccessToken",
)


def shown_agent(agent: str) -> str:
    """The part of a `User-Agent` that the log keeps, without characters a database cannot hold."""
    return agent.replace("\x00", "")[:AGENT_LENGTH]


def shown_identity(identity: str) -> str:
    """What the log keeps of a typed name: control characters are marked, and the start of a very long one is enough."""
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in identity[:IDENTITY_LENGTH])


def cursor_id(cursor: str | None) -> int | None:
    """The row id that a page starts after; None for the first page.

    Raises: Malformed when the cursor was not made by a page of ours.
    """
    if cursor is None:
        return None
    if not (cursor.isascii() and cursor.isdecimal() and len(cursor) < 20 and int(cursor) <= LARGEST_ID):
        raise Malformed(
            "cursor.invalid", "`cursor` is not one that this list gave; leave it out to start from the first page."
        )
    return int(cursor)


def page_size(limit: int) -> int:
    """How many rows a page has.

    Raises: Malformed naming the bounds.
    """
    if not 1 <= limit <= PAGE_MOST:
        raise Malformed("limit.invalid", f"`limit` is {limit}; it must be from 1 to {PAGE_MOST}.")
    return limit


def page_of(found: Sequence[Numbered], size: int) -> tuple[list[Numbered], str | None]:
    """A page of rows and the cursor of the next one, of one row more than a page has, if there is one."""
    return list(found[:size]), str(found[size - 1].id) if len(found) > size else None
