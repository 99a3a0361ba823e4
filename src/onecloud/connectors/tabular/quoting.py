"""Names and texts as parts of a SQL statement; no name reaches one in any other way."""

from __future__ import annotations

from collections.abc import Iterable


def name(text: str) -> str:
    """The identifier, quoted."""
    return '"' + text.replace('"', '""') + '"'


def names(texts: Iterable[str]) -> str:
    """Identifiers, quoted, with commas between."""
    return ", ".join(name(text) for text in texts)


def literal(value: str) -> str:
    """The text as a string literal."""
    return "'" + value.replace("'", "''") + "'"


def listing(texts: Iterable[str]) -> str:
    """Texts as a list literal."""
    return "[" + ", ".join(literal(text) for text in texts) + "]"


def like(texts: Iterable[str], limit: int = 20) -> str:
    """Names for a sentence: all of them, or the first few and how many more."""
    listed = list(texts)
    more = f" and {len(listed) - limit} more" if len(listed) > limit else ""
    return ", ".join(repr(text) for text in listed[:limit]) + more
