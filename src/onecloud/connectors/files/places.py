"""Where files are: paths and wildcards inside the allowed folders, and files of earlier commands.

The rule of this file: links to folders are never followed while searching, and every path that is read or written
passes `Context.folder_path`, which resolves links, last.
"""

from __future__ import annotations

import fnmatch
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Final

from onecloud.connector import CommandFailed, Context, FileOrPath, FileRef, Stop, safe_name
from onecloud.connectors.files.endings import NOT_FOUND, on_disk

_WILD: Final = re.compile(r"[*?\[]")

WILDCARDS: Final = (
    "`*` stands for any text, `?` for one character, `[ab]` for one of several, `**` for folders at any depth; "
    "names that begin with a dot match only when the dot is written."
)


@dataclass(frozen=True, slots=True)
class Found:
    """One entry: its path, and its name below the fixed part of the pattern (`2024/sales.csv`)."""

    path: Path
    inner: str


def matching(stop: Stop, ctx: Context, text: str) -> list[Found]:
    """What a path or a pattern names, sorted; a name that exists as written is taken as written.

    Raises: CommandFailed (exit code 1) for a path outside the allowed folders.
    """
    literal = entry(ctx, text)
    if os.path.lexists(literal):
        return [Found(literal, literal.name)]
    parts = PurePath(text).parts
    first_wild = next((i for i, part in enumerate(parts) if _WILD.search(part)), None)
    if first_wild is None:
        return []
    base = ctx.folder_path(str(PurePath(*parts[:first_wild])) if first_wild else ".")
    return below(stop, base, str(PurePath(*parts[first_wild:])))


def below(stop: Stop, base: Path, pattern: str) -> list[Found]:
    """What a pattern matches below a folder, sorted.

    Raises: CommandFailed (exit code 1) when the pattern would climb out of the folder.
    """
    wild = PurePath(pattern).parts
    if ".." in wild:
        raise CommandFailed(1, f"{pattern!r}: `..` may not stand in or after a wildcard.", retryable=False)
    found = set(_walk(stop, base, wild))
    return [Found(path, path.relative_to(base).as_posix()) for path in sorted(found)]


def _walk(stop: Stop, folder: Path, wild: Sequence[str]) -> Iterator[Path]:
    stop.check()
    if not folder.is_dir():
        return
    here, rest = wild[0], wild[1:]
    with os.scandir(folder) as scan:
        entries = sorted(scan, key=lambda e: e.name)
    if here == "**":
        yield from _walk(stop, folder, rest or ("*",))
    for item in entries:
        if item.name.startswith(".") and not here.startswith("."):
            continue
        is_folder = item.is_dir(follow_symlinks=False)
        if here == "**":
            if is_folder:
                yield from _walk(stop, Path(item.path), wild)
        elif fnmatch.fnmatchcase(item.name, here):
            if not rest:
                yield Path(item.path)
            elif is_folder:
                yield from _walk(stop, Path(item.path), rest)


def entry(ctx: Context, text: str) -> Path:
    """The entry that `text` names, a link itself and not what it leads to.

    Raises: CommandFailed (exit code 1) when it is outside the allowed folders.
    """
    path = PurePath(text)
    if path.name in {"", ".."}:
        return ctx.folder_path(text)
    return ctx.folder_path(str(path.parent)) / path.name


def is_allowed_folder_itself(ctx: Context, path: Path) -> bool:
    """Whether the path is one of the folders that were opened to commands: it must stay."""
    try:
        ctx.folder_path(str(path.parent))
    except CommandFailed:
        return True
    return path == ctx.folder_path(".")


def shown(ctx: Context, path: Path) -> str:
    """The path as chains write it: from the files folder on, or whole when it is elsewhere."""
    home = ctx.folder_path(".")
    return path.relative_to(home).as_posix() if path.is_relative_to(home) else str(path)


async def sources(ctx: Context, items: FileOrPath | Sequence[FileOrPath]) -> list[Found]:
    """The files to read, in the order given; the matches of one pattern are sorted by path.

    Raises: CommandFailed, exit code 1 for a path outside the allowed folders or a folder.
    """
    found: list[Found] = []
    for item in [items] if isinstance(items, str | FileRef) else items:
        if isinstance(item, FileRef):
            found.append(Found(await ctx.open_file(item), safe_name(item.name)))
        else:
            found += await on_disk(ctx, _readable, ctx, item)
    return found


def _readable(stop: Stop, ctx: Context, text: str) -> list[Found]:
    wild = _WILD.search(text) is not None
    found: list[Found] = []
    for match in matching(stop, ctx, text):
        path = ctx.folder_path(str(match.path))
        if path.is_file():
            found.append(Found(path, match.inner))
        elif not wild and path.exists():
            message = f"{text!r} is a folder or a device. Name files, such as {text.rstrip('/')}/*."
            raise CommandFailed(1, message, retryable=False)
    return found


async def one_source(ctx: Context, item: FileOrPath) -> Found:
    """The one file to read.

    Raises: CommandFailed, exit code 4 when there is none, 1 when a pattern gives several.
    """
    found = await sources(ctx, item)
    if not found:
        raise CommandFailed(NOT_FOUND.code, f"There is no file {item!s}. Check the folder and the name.")
    if len(found) > 1:
        message = f"{item!s} matches {len(found)} files, and one is wanted. Make the pattern narrower."
        raise CommandFailed(1, message, retryable=False)
    return found[0]
