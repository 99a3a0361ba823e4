"""The one tree of errors that a caller may see.

Each error has a stable `code` (`room.reason`), and a sentence that names the thing, the limit and the mend.
The HTTP status is chosen by kind in `api/errors.py`; nothing here knows HTTP.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault in an input: where it is, what is wrong, how to mend it.

    `where` is a path such as `nodes.read.inputs.file` or `body.email`.
    """

    where: str
    message: str
    mend: str = ""

    def sentence(self) -> str:
        """The problem in one line, as in `where: message. Mend.`."""
        return f"{self.where}: {self.message}" + (f" {self.mend}" if self.mend else "")


@dataclass(slots=True)
class OneCloudError(Exception):
    """Base of every expected error: a stable code and a sentence for a person."""

    code: str
    message: str
    problems: tuple[Problem, ...] = field(default=(), kw_only=True)

    def __str__(self) -> str:
        return self.message


class Unauthenticated(OneCloudError):
    """Who is calling is unknown (no, wrong or dead credentials)."""


class Forbidden(OneCloudError):
    """The caller is known and may not do this."""


class NotFound(OneCloudError):
    """There is no such thing, or the caller may not learn that there is."""


class Conflict(OneCloudError):
    """The thing is in a state that does not allow this now."""


@dataclass(slots=True)
class Stale(OneCloudError):
    """Somebody else changed the thing since the caller read it; a numbered one is at the revision `current` now."""

    current: int | None = field(default=None, kw_only=True)


class Unconditional(OneCloudError):
    """The change does not say which state of the thing it was made from."""


class Malformed(OneCloudError):
    """The request cannot be read: bad JSON, a wrong type, a missing field."""


class TooLarge(OneCloudError):
    """The request has more bytes than are taken."""


class Invalid(OneCloudError):
    """The request can be read, and its meaning is wrong."""


@dataclass(slots=True)
class Limited(OneCloudError):
    """Too many requests; try again after `retry_after`."""

    retry_after: timedelta = field(default=timedelta(seconds=20), kw_only=True)


@dataclass(slots=True)
class Unavailable(OneCloudError):
    """A part that is needed does not answer now; try again after `retry_after`."""

    retry_after: timedelta = field(default=timedelta(seconds=5), kw_only=True)
