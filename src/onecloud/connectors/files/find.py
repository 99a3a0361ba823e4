"""Find: list files and folders by pattern, size and age."""

from __future__ import annotations

import stat
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Literal

from pydantic import AwareDatetime, Field

from onecloud.connector import Command, CommandFailed, Context, Inputs, Outputs, Stop, Warned
from onecloud.connectors.files.endings import DISK, ERROR, NOT_FOUND, NOTHING, SUCCESS, WhenNothing, nothing, on_disk
from onecloud.connectors.files.places import WILDCARDS, below, shown

# The list becomes a value of the run; a longer one would help nobody.
MAX_FOUND: Final = 100_000


class FindInputs(Inputs):
    """Where to look, and for what."""

    folder: str = Field(
        default=".", title="Folder", description="Where to look: a folder in the allowed folders.", examples=["inbox"]
    )
    pattern: str = Field(
        default="*",
        min_length=1,
        title="Pattern",
        description="What the names look like, such as `*.csv` or `**/*.csv`. " + WILDCARDS,
    )
    kind: Literal["files", "folders", "any"] = Field(
        default="files", title="Kind", description="Look for files, for folders, or for both."
    )
    changed_after: AwareDatetime | None = Field(
        default=None, title="Changed after", description="Only what was changed later than this time."
    )
    changed_before: AwareDatetime | None = Field(
        default=None, title="Changed before", description="Only what was changed earlier than this time."
    )
    min_size_bytes: int = Field(default=0, ge=0, title="Smallest size", description="Only files of at least this size.")
    sort: Literal["name", "changed", "size"] = Field(
        default="name", title="Sort by", description="The order of the list; by name counts the folders too."
    )
    descending: bool = Field(default=False, title="Descending", description="Newest, largest or last name first.")
    first: int | None = Field(
        default=None, ge=1, title="First", description="Only so many from the top of the list; empty for all."
    )
    when_nothing: WhenNothing = Field(
        default="warn", title="When nothing matches", description="How the command ends when nothing is found."
    )


class FoundEntry(Outputs):
    """One file or folder."""

    path: str = Field(title="Path", description="The path as other file commands take it.")
    name: str = Field(title="Name", description="The last part of the path.")
    kind: Literal["file", "folder"] = Field(title="Kind", description="File or folder.")
    size_bytes: int = Field(title="Size in bytes", description="The size of a file; 0 for a folder.")
    changed_at: AwareDatetime = Field(
        title="Changed at", description="When it was last changed.", examples=["2024-01-31T08:30:00Z"]
    )


class FindOutputs(Outputs):
    """What was found."""

    paths: list[str] = Field(title="Paths", description="The paths, for an iteration or another command.")
    entries: list[FoundEntry] = Field(title="Entries", description="The same with kind, size and time.")
    first_path: str = Field(title="First path", description="The first of the list; empty when nothing is found.")
    count: int = Field(title="Count", description="How many were found.")


def _facts(ctx: Context, path: Path) -> FoundEntry | None:
    """What is known of an entry; None for a link that leads nowhere or outside, and for sockets and devices."""
    try:
        found = ctx.folder_path(str(path)).stat()
    except (CommandFailed, FileNotFoundError):
        ctx.log(f"left out {shown(ctx, path)}: a link that leads nowhere or outside the allowed folders")
        return None
    is_folder = stat.S_ISDIR(found.st_mode)
    if not is_folder and not stat.S_ISREG(found.st_mode):
        return None
    return FoundEntry(
        path=shown(ctx, path),
        name=path.name,
        kind="folder" if is_folder else "file",
        size_bytes=0 if is_folder else found.st_size,
        changed_at=datetime.fromtimestamp(found.st_mtime, UTC),
    )


def _fits(entry: FoundEntry, inputs: FindInputs) -> bool:
    return (
        inputs.kind in {"any", entry.kind + "s"}
        and entry.size_bytes >= inputs.min_size_bytes
        and (inputs.changed_after is None or entry.changed_at > inputs.changed_after)
        and (inputs.changed_before is None or entry.changed_at < inputs.changed_before)
    )


def _order(entry: FoundEntry, sort: str) -> tuple[datetime | int | str, str]:
    return ({"name": entry.path, "changed": entry.changed_at, "size": entry.size_bytes}[sort], entry.path)


def _find(stop: Stop, ctx: Context, inputs: FindInputs) -> list[FoundEntry]:
    folder = ctx.folder_path(inputs.folder)
    if not folder.is_dir():
        raise CommandFailed(NOT_FOUND.code, f"There is no folder {inputs.folder!r}. Check its name.", retryable=False)
    found: list[FoundEntry] = []
    for match in below(stop, folder, inputs.pattern):
        stop.check()
        entry = _facts(ctx, match.path)
        if entry is not None and _fits(entry, inputs):
            found.append(entry)
    found.sort(key=lambda entry: _order(entry, inputs.sort), reverse=inputs.descending)
    found = found[: inputs.first]
    if len(found) > MAX_FOUND:
        message = f"{len(found):,} entries match, and {MAX_FOUND:,} are the most that a list may hold. Narrow it."
        raise CommandFailed(ERROR.code, message, retryable=False)
    return found


async def run(ctx: Context, inputs: FindInputs) -> FindOutputs | Warned:
    """List what matches."""
    found = await on_disk(ctx, _find, ctx, inputs)
    paths = [entry.path for entry in found]
    ctx.log(f"{len(paths)} found")
    outputs = FindOutputs(paths=paths, entries=found, first_path=paths[0] if paths else "", count=len(paths))
    return outputs if paths else nothing(f"{inputs.folder}/{inputs.pattern}", inputs.when_nothing, outputs)


COMMAND = Command(
    id="find",
    title="Find",
    description="Lists files and folders by name, size and age.",
    inputs=FindInputs,
    outputs=FindOutputs,
    run=run,
    exit_codes=(SUCCESS, ERROR, DISK, NOT_FOUND, NOTHING),
)
