"""Move: give files or folders another place or name within the allowed folders."""

from __future__ import annotations

import errno
import shutil
from pathlib import Path

from pydantic import Field

from onecloud.connector import Command, CommandFailed, Context, Inputs, Outputs, Stop, Warned
from onecloud.connectors.files.copy import target_of
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
from onecloud.connectors.files.places import WILDCARDS, is_allowed_folder_itself, matching, shown
from onecloud.connectors.files.streams import copy_file, refuse_taken


class MoveInputs(Inputs):
    """What to move, and where to."""

    path: str = Field(
        min_length=1,
        title="Path",
        description="Files or folders in the allowed folders. " + WILDCARDS,
        examples=["inbox/*.csv"],
    )
    destination: str = Field(
        min_length=1,
        title="Destination",
        description="A folder (end it with `/` to have it made), or the new path of one file or folder.",
        examples=["done/"],
    )
    overwrite: bool = Field(default=False, title="Overwrite", description="Replace files that are already there.")
    when_nothing: WhenNothing = Field(
        default="fail", title="When nothing matches", description="How the command ends when there is nothing to move."
    )


class MoveOutputs(Outputs):
    """Where everything is now."""

    paths: list[str] = Field(title="Paths", description="The new paths.")
    count: int = Field(title="Count", description="How many files and folders were moved.")


def _move(stop: Stop, ctx: Context, inputs: MoveInputs) -> list[str]:
    found = matching(stop, ctx, inputs.path)
    pairs: list[tuple[Path, Path]] = []
    for item in found:
        target = target_of(ctx, inputs.destination, item.inner, alone=len(found) == 1)
        if is_allowed_folder_itself(ctx, item.path) or target.is_relative_to(item.path):
            message = f"{shown(ctx, item.path)} cannot be moved into itself, and the files folder stays where it is."
            raise CommandFailed(ERROR.code, message, retryable=False)
        refuse_taken(target, overwrite=inputs.overwrite)
        pairs.append((item.path, target))
    if len({target for _, target in pairs}) < len(pairs):
        raise CommandFailed(ERROR.code, "Two of the files would get the same path.", retryable=False)
    for source, target in pairs:
        stop.check()
        target.parent.mkdir(parents=True, exist_ok=True)
        _rename(stop, source, target)
        ctx.log(f"{shown(ctx, source)} → {shown(ctx, target)}")
    return [shown(ctx, target) for _, target in pairs]


def _rename(stop: Stop, source: Path, target: Path) -> None:
    try:
        source.replace(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        _carry(stop, source, target)


def _carry(stop: Stop, source: Path, target: Path) -> None:
    """Move to another disk: copy everything, then remove the original. Links are made anew, not followed."""
    stop.check()
    if source.is_symlink():
        target.symlink_to(source.readlink())
    elif source.is_dir():
        target.mkdir()
        for child in source.iterdir():
            _carry(stop, child, target / child.name)
        shutil.rmtree(source)
        return
    else:
        copy_file(stop, source, target)
        shutil.copystat(source, target)
    source.unlink()


async def run(ctx: Context, inputs: MoveInputs) -> MoveOutputs | Warned:
    """Move every file and folder that is named."""
    paths = await on_disk(ctx, _move, ctx, inputs)
    outputs = MoveOutputs(paths=paths, count=len(paths))
    return outputs if paths else nothing(repr(inputs.path), inputs.when_nothing, outputs)


COMMAND = Command(
    id="move",
    title="Move",
    description="Moves or renames files and folders within the allowed folders.",
    inputs=MoveInputs,
    outputs=MoveOutputs,
    run=run,
    exit_codes=(SUCCESS, ERROR, DISK, NOT_FOUND, EXISTS, NOTHING),
    # A second run would not find what the first one moved, and would call that a failure.
    repeatable=False,
)
