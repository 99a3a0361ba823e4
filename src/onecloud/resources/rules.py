"""What a resource may be called and hold, and when a change is refused; pure."""

from __future__ import annotations

import mimetypes
from typing import Final

from onecloud.kernel.errors import Conflict, Invalid, NotFound, Problem, Stale
from onecloud.resources.model import Content, Resource, Version
from onecloud.workspaces.rules import name_problems, text_problems

# Source: product facts 2.17 and 5.8.
MAX_BYTES: Final = 10 * 1024 * 1024
EDITOR_BYTES: Final = 256 * 1024
COMMENT_LENGTH: Final = 500


def check(name: str, description: str = "", comment: str = "") -> None:
    """Accept what a person may say of a resource.

    Raises: Invalid with every problem.
    """
    problems = name_problems(name, "name")
    if "/" in name or "\\" in name or name in {".", ".."}:
        problems.append(Problem("name", "is no file name.", "Give one without a folder, such as `rates.csv`."))
    problems += text_problems(description, "description")
    problems += text_problems(comment, "comment", COMMENT_LENGTH)
    if problems:
        sentence = f"The resource cannot be saved: {problems[0].sentence()}"
        raise Invalid("resource.invalid", sentence, problems=tuple(problems))


def check_size(size_bytes: int) -> None:
    """Accept the size of a file, or of as much of it as has come.

    Raises: Invalid `resource.too_large`.
    """
    if size_bytes > MAX_BYTES:
        message = f"A resource has at most {shown_bytes(MAX_BYTES)}."
        mend = "Keep larger files where a connection reaches them, such as SFTP or object storage."
        raise Invalid("resource.too_large", f"{message} {mend}", problems=(Problem("body", message, mend),))


def check_editable(name: str, content: Content) -> None:
    """Accept a content for the text editor.

    Raises: Conflict `resource.not_text`, `resource.too_large_to_edit`.
    """
    if not content.is_text:
        raise Conflict(
            "resource.not_text", f"`{name}` is not UTF-8 text; download it, and upload the changed file in its place."
        )
    if content.size_bytes > EDITOR_BYTES:
        size, most = shown_bytes(content.size_bytes), shown_bytes(EDITOR_BYTES)
        message = f"`{name}` has {size}; the editor takes at most {most}. Download it and upload the changed file."
        raise Conflict("resource.too_large_to_edit", message)


def check_text(text: str) -> bytes:
    """The bytes of a text that comes from the editor.

    Raises: Invalid with the limit or the character that cannot be stored.
    """
    data = text.encode("utf-8", "surrogatepass")
    problems: list[Problem] = []
    if len(data) > EDITOR_BYTES:
        message = f"has {shown_bytes(len(data))}; the editor takes at most {shown_bytes(EDITOR_BYTES)}."
        problems.append(Problem("text", message, "Upload it as a file."))
    if "\x00" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        problems.append(Problem("text", "holds a NUL or half of a surrogate pair.", "Remove it."))
    if problems:
        sentence = f"The text cannot be saved: {problems[0].sentence()}"
        raise Invalid("resource.text_invalid", sentence, problems=tuple(problems))
    return data


def check_unchanged(resource: Resource, seen: str | None) -> None:
    """Let a change pass that was made from the newest version; `seen` None asks for nothing.

    Raises: Stale.
    """
    if seen is not None and seen != tag(resource.version):
        newest = resource.version
        raise Stale(
            "resource.changed",
            f"`{resource.name}` was changed meanwhile: version {newest.number} by {newest.created_by_name}. "
            "Read it again and make the change there.",
        )


def version_missing(resource: Resource, number: object) -> NotFound:
    """The error of a version that is not there."""
    last = resource.version.number
    there = "There is only version 1." if last == 1 else f"Its versions are 1 to {last}."
    return NotFound("resource.version_not_found", f"`{resource.name}` has no version {number}. {there}")


def tag(version: Version) -> str:
    """What changes with every version, as `ETag` and `If-Match` have it between their quotes."""
    return f"{version.number}-{version.content.sha256[:16]}"


def blob_key(workspace_id: int, sha256: str) -> str:
    """File key of a content: the same bytes are stored once in a workspace."""
    return f"resources/{workspace_id}/{sha256}"


def media_type(name: str) -> str:
    """The type that the name tells; bytes of no known kind else."""
    return mimetypes.guess_type(name)[0] or "application/octet-stream"


def shown_bytes(size: int) -> str:
    """A size as people read it: `10 MB`, `256 KB`, `300.5 KB`."""
    for unit, factor in (("MB", 1024 * 1024), ("KB", 1024)):
        if size >= factor:
            return f"{size / factor:.1f}".removesuffix(".0") + f" {unit}"
    return f"{size} bytes"
