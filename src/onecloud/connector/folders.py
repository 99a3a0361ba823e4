"""The one rule that says which paths of this machine a file command may touch."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from onecloud.connector.context import Context, FileRef
from onecloud.connector.fields import FileOrPath
from onecloud.connector.outcome import CommandFailed


def allowed_path(text: str, folders: Sequence[Path]) -> Path:
    """The path that `text` names, links resolved, inside one of `folders`; a relative one starts at the first.

    The path need not exist. Raises: CommandFailed (exit code 1, not retryable) when it leaves every folder.
    """
    try:
        path = (folders[0] / text).resolve()
        inside = any(path.is_relative_to(folder.resolve()) for folder in folders)
    except (OSError, RuntimeError, ValueError) as error:  # a circle of links, a name too long, a zero byte
        raise CommandFailed(1, f"{text!r} is not a usable path: {error}.", retryable=False) from error
    if not inside:
        listed = ", ".join(str(folder) for folder in folders)
        message = f"{text!r} is outside the folders that file commands may use ({listed}). Choose a path inside them."
        raise CommandFailed(1, message, retryable=False)
    return path


def safe_name(name: str) -> str:
    """The last part of a file's name, which may come from a stranger."""
    last = re.split(r"[/\\]", name)[-1].replace("\0", "")
    return last if last not in {"", ".", ".."} else "file"


async def local_file(ctx: Context, file: FileOrPath) -> tuple[Path, str]:
    """A local path to read a file from, and the name that a person knows it by.

    Raises: CommandFailed (exit code 1, not retryable) when there is no such file or its path is not allowed.
    """
    if isinstance(file, FileRef):
        return await ctx.open_file(file), file.name
    path = ctx.folder_path(file)
    if not path.is_file():
        raise CommandFailed(1, f"There is no file {file!r} in the allowed folders. Check its path.", retryable=False)
    return path, path.name
