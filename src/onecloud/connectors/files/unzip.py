"""Unzip: take files out of an archive that may come from a stranger."""

from __future__ import annotations

import fnmatch
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

from pydantic import Field

from onecloud.connector import Command, CommandFailed, Context, FileOrPath, FileRef, Inputs, Outputs, Stop, safe_name
from onecloud.connectors.files.archive import check_directory_size, checked_members
from onecloud.connectors.files.copy import target_of
from onecloud.connectors.files.endings import DISK, ERROR, EXISTS, NOT_FOUND, SUCCESS, on_disk
from onecloud.connectors.files.places import one_source, shown
from onecloud.connectors.files.streams import CHUNK_BYTES, copy_file, refuse_taken


class UnzipInputs(Inputs):
    """Which archive, and what of it."""

    file: FileOrPath = Field(
        title="Archive",
        description="A zip file of an earlier command, or its path in the allowed folders.",
        examples=["inbox/sales.zip"],
    )
    pattern: str = Field(
        default="*", title="Pattern", description="Which files to take; `*` also matches across folders."
    )
    destination: str = Field(
        default="",
        title="Destination",
        description="A folder on disk. Left empty, the files go into the platform's own store, where later commands "
        "can use them.",
        examples=["", "inbox/sales/"],
    )
    overwrite: bool = Field(default=False, title="Overwrite", description="Replace files that are already there.")
    max_total_bytes: int = Field(
        default=4 << 30,
        ge=1,
        title="Largest total size",
        description="Refuse an archive whose files, unpacked, are larger than this together.",
    )
    max_entries: int = Field(
        default=10_000, ge=1, title="Most entries", description="Refuse an archive with more entries than this."
    )


class UnzipOutputs(Outputs):
    """What came out."""

    file: FileRef | None = Field(title="File", description="The first file in the store; empty for files on disk.")
    files: list[FileRef] = Field(title="Files", description="All files in the store.")
    names: list[str] = Field(title="Names", description="The names in the archive, with their folders.")
    paths: list[str] = Field(title="Paths", description="All files on disk.")
    count: int = Field(title="Count", description="How many files were taken out.")


@dataclass(frozen=True, slots=True)
class _Out:
    name: str
    path: Path


def _unzip(stop: Stop, source: Path, folder: Path, inputs: UnzipInputs) -> list[_Out]:
    """Everything that is wanted, under numbers in `folder`; nothing of a refused archive is ever at its place."""
    try:
        check_directory_size(source, inputs.max_entries)
        with zipfile.ZipFile(source) as archive:
            members = checked_members(archive, inputs.max_entries, inputs.max_total_bytes)
            wanted = [m for m in members if fnmatch.fnmatchcase(m.filename, inputs.pattern)]
            left = inputs.max_total_bytes
            found: list[_Out] = []
            for number, member in enumerate(wanted):
                path = folder / str(number)
                # Sizes in the archive are claims: what really comes out is counted.
                left -= _take(stop, archive, member, path, left, inputs.max_total_bytes)
                found.append(_Out(member.filename, path))
            return found
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError) as error:
        message = f"The archive cannot be read: {error}. It is damaged, or no zip file."
        raise CommandFailed(ERROR.code, message, retryable=False) from error


def _take(stop: Stop, archive: zipfile.ZipFile, member: zipfile.ZipInfo, path: Path, left: int, limit: int) -> int:
    size = 0
    with archive.open(member) as reader, path.open("xb") as writer:
        while chunk := reader.read(CHUNK_BYTES):
            stop.check()
            size += len(chunk)
            if size > left:
                message = f"The archive unpacks to more than {limit:,} bytes. Raise that limit if it is right."
                raise CommandFailed(ERROR.code, message, retryable=False)
            writer.write(chunk)
    return size


def _deliver(stop: Stop, ctx: Context, found: list[_Out], inputs: UnzipInputs) -> list[str]:
    targets = [target_of(ctx, inputs.destination, item.name, alone=False) for item in found]
    for target in targets:
        refuse_taken(target, overwrite=inputs.overwrite)
    for item, target in zip(found, targets, strict=True):
        copy_file(stop, item.path, target, overwrite=inputs.overwrite)
    return [shown(ctx, target) for target in targets]


async def run(ctx: Context, inputs: UnzipInputs) -> UnzipOutputs:
    """Unpack into the attempt's folder, and only then to the place that is asked for."""
    source = await one_source(ctx, inputs.file)
    folder = ctx.workdir / "unpacked"
    folder.mkdir()
    found = await on_disk(ctx, _unzip, source.path, folder, inputs)
    if not found:
        message = f"Nothing in {source.inner} matches {inputs.pattern!r}. List the archive and mend the pattern."
        raise CommandFailed(NOT_FOUND.code, message, retryable=False)
    names = [item.name for item in found]
    ctx.log(f"{len(names)} files out of {source.inner}")
    if inputs.destination:
        paths = await on_disk(ctx, _deliver, ctx, found, inputs)
        return UnzipOutputs(file=None, files=[], names=names, paths=paths, count=len(paths))
    files = [await ctx.save_file(item.path, safe_name(item.name)) for item in found]
    return UnzipOutputs(file=files[0], files=files, names=names, paths=[], count=len(files))


COMMAND = Command(
    id="unzip",
    title="Unzip",
    description="Takes files out of a zip archive; one with unsafe names, links or too much in it is refused.",
    inputs=UnzipInputs,
    outputs=UnzipOutputs,
    run=run,
    exit_codes=(SUCCESS, ERROR, DISK, NOT_FOUND, EXISTS),
    # A second run without overwriting would trip over the first one's files.
    repeatable_when=lambda inputs: inputs.overwrite or not inputs.destination,
)
