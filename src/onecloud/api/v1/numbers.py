"""Numbers of API v1's queries: they arrive as texts."""

from __future__ import annotations

from onecloud.kernel.errors import Invalid, Problem


def whole(name: str, text: str | None, least: int, most: int) -> int | None:
    """A number that arrives as text; None when it was left out or empty.

    Raises: Invalid naming the parameter and its limits.
    """
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) < 20 and least <= int(text) <= most):
        problem = Problem(name, f"{text[:40]!r} is not a whole number from {least} to {most}.")
        raise Invalid("request.invalid", problem.sentence(), problems=(problem,))
    return int(text)
