"""Zip: pack files into one archive."""

from __future__ import annotations

import time
import zipfile
from pathlib import Path, PurePosixPath
from typing import Final, Literal

from pydantic import Field

from onecloud.connector import Command, CommandFailed, Context, FileOrPath, FileRef, Inputs, Outputs, Stop, safe_name
from onecloud.connectors.files.endings import DISK, ERROR, NOT_FOUND, SUCCESS, on_disk
from onecloud.connectors.files.places import WILDCARDS, Found, sources
from onecloud.connectors.files.streams import pour

# The first moment that a zip archive can write down. Stored files have no time of their own; a fixed one makes a
# second run give the same bytes.
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)


class ZipInputs(Inputs):
    """What to pack."""

    files: FileOrPath | list[FileOrPath] = Field(
        title="Files",
        description="Files of earlier commands, or paths in the allowed folders; below a `**` the folders are kept. "
        + WILDCARDS,
        examples=[["reports/**/*.csv"]],
    )
    name: str = Field(default="archive.zip", min_length=1, title="File name", description="The name of the archive.")
    method: Literal["deflate", "store"] = Field(
        default="deflate", title="Method", description="Compress the files, or only put them together."
    )


class ZipOutputs(Outputs):
    """The archive."""

    file: FileRef = Field(title="File", description="The archive.")
    count: int = Field(title="Count", description="How many files are in it.")
    size_bytes: int = Field(title="Size in bytes", description="How large the archive is.")


def free_name(wanted: str, taken: set[str]) -> str:
    """`wanted`, or with a number when that is taken: `sales.csv`, `sales (2).csv`."""
    path, number, name = PurePosixPath(wanted), 2, wanted
    while name in taken:
        name = str(path.with_name(f"{path.stem} ({number}){path.suffix}"))
        number += 1
    taken.add(name)
    return name


def _zip(stop: Stop, found: list[Found], stored: set[Path], target: Path, method: str) -> None:
    taken: set[str] = set()
    compression = zipfile.ZIP_DEFLATED if method == "deflate" else zipfile.ZIP_STORED
    with zipfile.ZipFile(target, "x", compression, allowZip64=True) as archive:
        for item in found:
            moment = _EPOCH if item.path in stored else max(_EPOCH, time.localtime(item.path.stat().st_mtime)[:6])
            info = zipfile.ZipInfo(free_name(item.inner, taken), moment)
            info.compress_type = compression
            info.external_attr = 0o644 << 16
            with item.path.open("rb") as reader, archive.open(info, "w", force_zip64=True) as writer:
                pour(stop, reader, writer)


async def run(ctx: Context, inputs: ZipInputs) -> ZipOutputs:
    """Pack every file that is named."""
    found = await sources(ctx, inputs.files)
    if not found:
        raise CommandFailed(NOT_FOUND.code, "There are no files to pack. Check the folder and the pattern.")
    items = inputs.files if isinstance(inputs.files, list) else [inputs.files]
    stored = {await ctx.open_file(item) for item in items if isinstance(item, FileRef)}
    path = ctx.workdir / "packed"
    await on_disk(ctx, _zip, found, stored, path, inputs.method)
    file = await ctx.save_file(path, safe_name(inputs.name), "application/zip")
    ctx.log(f"{len(found)} files, {file.size_bytes} bytes")
    return ZipOutputs(file=file, count=len(found), size_bytes=file.size_bytes)


COMMAND = Command(
    id="zip",
    title="Zip",
    description="Packs files into a zip archive.",
    inputs=ZipInputs,
    outputs=ZipOutputs,
    run=run,
    exit_codes=(SUCCESS, ERROR, DISK, NOT_FOUND),
)
