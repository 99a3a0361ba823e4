"""What to say of a name that is not there; pure."""

from __future__ import annotations

from collections.abc import Collection
from difflib import get_close_matches
from typing import Final

LONGEST_LIST: Final = 8


def near(name: str, names: Collection[str]) -> str:
    """A sentence that offers the names that look like `name`, or the names there are."""
    close = get_close_matches(name, names, n=3, cutoff=0.6)
    if close:
        return "Did you mean " + " or ".join(f"`{c}`" for c in close) + "?"
    if not names:
        return "There are none."
    listed = sorted(names)
    more = f" and {len(listed) - LONGEST_LIST} more" if len(listed) > LONGEST_LIST else ""
    return "There are: " + ", ".join(f"`{n}`" for n in listed[:LONGEST_LIST]) + more + "."
