"""Stack Files: one file after the other, byte by byte."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from onecloud.connector import Command, CommandFailed, Context, FileOrPath, FileRef, Inputs, Outputs, Stop, safe_name
from onecloud.connectors.files.endings import DISK, ERROR, NOT_FOUND, SUCCESS, on_disk
from onecloud.connectors.files.places import WILDCARDS, Found, sources
from onecloud.connectors.files.streams import pour


class StackInputs(Inputs):
    """What to put together."""

    files: FileOrPath | list[FileOrPath] = Field(
        title="Files",
        description="Files of earlier commands, or paths in the allowed folders, in this order. " + WILDCARDS,
        examples=[["parts/*.csv"]],
    )
    name: str = Field(default="stacked.txt", min_length=1, title="File name", description="The name of the new file.")
    line_break: Literal["as_is", "ensure"] = Field(
        default="as_is",
        title="Line break",
        description="Append the files as they are, or put a line break after a file that does not end with one.",
    )


class StackOutputs(Outputs):
    """The one file. Repeated headers are still in it."""

    file: FileRef = Field(title="File", description="The files one after the other; repeated headers are not removed.")
    count: int = Field(title="Count", description="How many files were stacked.")
    size_bytes: int = Field(title="Size in bytes", description="How large the new file is.")


def _stack(stop: Stop, found: list[Found], target: Path, *, ensure: bool) -> None:
    with target.open("xb") as writer:
        for position, item in enumerate(found):
            with item.path.open("rb") as reader:
                pour(stop, reader, writer)
                if ensure and position < len(found) - 1 and reader.tell():
                    reader.seek(-1, 2)
                    if reader.read(1) != b"\n":
                        writer.write(b"\n")


async def run(ctx: Context, inputs: StackInputs) -> StackOutputs:
    """Append every file that is named to a new one."""
    found = await sources(ctx, inputs.files)
    if not found:
        raise CommandFailed(NOT_FOUND.code, "There are no files to stack. Check the folder and the pattern.")
    path = ctx.workdir / "stacked"
    await on_disk(ctx, _stack, found, path, ensure=inputs.line_break == "ensure")
    file = await ctx.save_file(path, safe_name(inputs.name))
    ctx.log(f"{len(found)} files, {file.size_bytes} bytes")
    return StackOutputs(file=file, count=len(found), size_bytes=file.size_bytes)


COMMAND = Command(
    id="stack",
    title="Stack Files",
    description="Appends files to one another as they are.",
    inputs=StackInputs,
    outputs=StackOutputs,
    run=run,
    exit_codes=(SUCCESS, ERROR, DISK, NOT_FOUND),
)
