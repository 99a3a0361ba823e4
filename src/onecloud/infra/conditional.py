"""Edits that must not overwrite somebody else's: `ETag` on what is read, `If-Match` on what is written."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from fastapi import Header

from onecloud.kernel.errors import Malformed, Unconditional

IfMatch: TypeAlias = Annotated[
    str | None,
    Header(description="The `ETag` of what was changed, or `*` to overwrite whatever is there."),
]


def etag(tag: str) -> dict[str, str]:
    """The header that names what was read."""
    return {"ETag": f'"{tag}"'}


def seen_tag(if_match: str | None) -> str | None:
    """The tag of `If-Match`; None when there is no header, or it takes anything.

    Raises: Malformed when it holds something else than one tag.
    """
    if if_match is None or if_match.strip() == "*":
        return None
    tag = if_match.strip().removeprefix("W/")  # proxies that compress an answer put it there
    if len(tag) > 2 and tag[0] == tag[-1] == '"' and '"' not in tag[1:-1]:
        return tag[1:-1]
    raise Malformed("if_match.invalid", "`If-Match` holds no single ETag: send the one that was read, in its quotes.")


def required_tag(if_match: str | None) -> str | None:
    """As `seen_tag`, for changes that may not be made blindly.

    Raises: Unconditional when there is no header; Malformed.
    """
    if if_match is None:
        raise Unconditional(
            "if_match.missing",
            "Send `If-Match` with the ETag of what you changed, so that nobody's change is lost, or `*` to insist.",
        )
    return seen_tag(if_match)
