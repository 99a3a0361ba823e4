"""Copy: from the allowed folders into the store, from the store into a folder, or from folder to folder."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from pydantic import Field

from onecloud.connector import (
    Command,
    CommandFailed,
    Context,
    FileOrPath,
    FileRef,
    Inputs,
    Outputs,
    Stop,
    Warned,
    safe_name,
)
from onecloud.connectors.files.endings import (
    DISK,
    ERROR,
    EXISTS,
    NOT_FOUND,
    NOTHING,
    SUCCESS,
    WhenNothing,
    nothing,
    on_disk,
)
from onecloud.connectors.files.places import WILDCARDS, Found, shown, sources
from onecloud.connectors.files.streams import copy_file, refuse_taken


class CopyInputs(Inputs):
    """What to copy, and where to."""

    file: FileOrPath | list[FileOrPath] = Field(
        title="Files",
        description="Files of earlier commands, or paths in the allowed folders. " + WILDCARDS,
        examples=["inbox/*.csv"],
    )
    destination: str = Field(
        default="",
        title="Destination",
        description="A folder on disk (or, for one file, the path of the copy). Left empty, the copy goes into the "
        "platform's own store, where later commands can use it.",
        examples=["", "outbox/"],
    )
    name: str = Field(default="", title="New name", description="The name of the copy, when one file is copied.")
    overwrite: bool = Field(default=False, title="Overwrite", description="Replace files that are already there.")
    when_nothing: WhenNothing = Field(
        default="fail", title="When nothing matches", description="How the command ends when there is nothing to copy."
    )


class CopyOutputs(Outputs):
    """The copies: references when they are in the store, paths when they are on disk."""

    file: FileRef | None = Field(title="File", description="The first copy in the store; empty for copies on disk.")
    files: list[FileRef] = Field(title="Files", description="All copies in the store.")
    paths: list[str] = Field(title="Paths", description="All copies on disk.")
    count: int = Field(title="Count", description="How many files were copied.")


def target_of(ctx: Context, destination: str, inner: str, *, alone: bool) -> Path:
    """Where a file goes: into the destination when that is a folder, else to the destination itself.

    Raises: CommandFailed (exit code 1) when a link on the way leaves the allowed folders.
    """
    base = ctx.folder_path(destination)
    if not alone or destination.endswith(("/", "\\")) or base.is_dir():
        base = base / inner
    return ctx.folder_path(str(base.parent)) / base.name


def _to_disk(stop: Stop, ctx: Context, found: list[Found], inputs: CopyInputs) -> list[str]:
    alone = len(found) == 1
    targets = [
        target_of(ctx, inputs.destination, safe_name(inputs.name) if inputs.name else item.inner, alone=alone)
        for item in found
    ]
    twice = next((target for target, times in Counter(targets).items() if times > 1), None)
    if twice is not None:
        message = f"Two of the files would both become {shown(ctx, twice)}. Copy them one by one."
        raise CommandFailed(ERROR.code, message, retryable=False)
    for target in targets:  # look before the first byte: better no copy than half of them
        refuse_taken(target, overwrite=inputs.overwrite)
    for item, target in zip(found, targets, strict=True):
        if item.path == target:
            raise CommandFailed(ERROR.code, f"{shown(ctx, target)} would be copied onto itself.", retryable=False)
        copy_file(stop, item.path, target, overwrite=inputs.overwrite)
        ctx.log(f"{item.inner} → {shown(ctx, target)}")
    return [shown(ctx, target) for target in targets]


async def _to_store(ctx: Context, found: list[Found], new_name: str) -> list[FileRef]:
    files: list[FileRef] = []
    for item in found:
        path = ctx.workdir / "copy"
        await on_disk(ctx, copy_file, item.path, path)
        files.append(await ctx.save_file(path, safe_name(new_name or item.inner)))
        ctx.log(f"{item.inner} → store")
    return files


async def run(ctx: Context, inputs: CopyInputs) -> CopyOutputs | Warned:
    """Copy every file that is named."""
    found = await sources(ctx, inputs.file)
    if inputs.name and len(found) > 1:
        message = f"{len(found)} files cannot all be called {inputs.name}. Leave the new name empty."
        raise CommandFailed(ERROR.code, message, retryable=False)
    if not found:
        what = repr(inputs.file) if isinstance(inputs.file, str) else "the list of files"
        return nothing(what, inputs.when_nothing, CopyOutputs(file=None, files=[], paths=[], count=0))
    if inputs.destination:
        paths = await on_disk(ctx, _to_disk, ctx, found, inputs)
        return CopyOutputs(file=None, files=[], paths=paths, count=len(paths))
    files = await _to_store(ctx, found, inputs.name)
    return CopyOutputs(file=files[0], files=files, paths=[], count=len(files))


COMMAND = Command(
    id="copy",
    title="Copy",
    description="Copies files between the allowed folders and the platform's store, in either direction.",
    inputs=CopyInputs,
    outputs=CopyOutputs,
    run=run,
    exit_codes=(SUCCESS, ERROR, DISK, NOT_FOUND, EXISTS, NOTHING),
    # A second run without overwriting would trip over the first one's copies.
    repeatable_when=lambda inputs: inputs.overwrite or not inputs.destination,
)
