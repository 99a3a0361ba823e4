"""Checksum: the fingerprint of a file, compared with the expected one when that is given."""

from __future__ import annotations

import hashlib
import zlib
from pathlib import Path
from typing import Final, Literal

from pydantic import Field

from onecloud.connector import Command, CommandFailed, Context, ExitCode, FileOrPath, Inputs, Outputs, Stop
from onecloud.connectors.files.endings import DISK, ERROR, NOT_FOUND, SUCCESS, on_disk
from onecloud.connectors.files.places import one_source
from onecloud.connectors.files.streams import CHUNK_BYTES

DIFFERS: Final = ExitCode(3, "error", "The checksum differs")


class ChecksumInputs(Inputs):
    """Which file, which checksum."""

    file: FileOrPath = Field(
        title="File",
        description="A file of an earlier command, or the path of a file in the allowed folders.",
        examples=["inbox/sales.csv"],
    )
    algorithm: Literal["sha256", "sha512", "blake2b", "sha1", "md5", "crc32"] = Field(
        default="sha256",
        title="Algorithm",
        description="How it is computed. sha1, md5 and crc32 find accidents, not forgeries.",
    )
    expected: str = Field(
        default="",
        title="Expected",
        description="The checksum that the file should have, in hexadecimal; another one fails the command.",
    )


class ChecksumOutputs(Outputs):
    """The fingerprint."""

    checksum: str = Field(title="Checksum", description="In hexadecimal, lower case.")
    size_bytes: int = Field(title="Size in bytes", description="How large the file is.")


def _checksum(stop: Stop, path: Path, algorithm: str) -> str:
    crc, digest = 0, None if algorithm == "crc32" else hashlib.new(algorithm, usedforsecurity=False)
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            stop.check()
            if digest is None:
                crc = zlib.crc32(chunk, crc)
            else:
                digest.update(chunk)
    return f"{crc:08x}" if digest is None else digest.hexdigest()


async def run(ctx: Context, inputs: ChecksumInputs) -> ChecksumOutputs:
    """Compute the checksum and compare it."""
    source = await one_source(ctx, inputs.file)
    checksum = await on_disk(ctx, _checksum, source.path, inputs.algorithm)
    ctx.log(f"{inputs.algorithm} of {source.inner}: {checksum}")
    expected = inputs.expected.strip().lower()
    if expected and expected != checksum:
        message = f"The {inputs.algorithm} of {source.inner} is {checksum}, and {expected} was expected. "
        message += "The file is damaged or another one."
        raise CommandFailed(DIFFERS.code, message, retryable=False)
    return ChecksumOutputs(checksum=checksum, size_bytes=source.path.stat().st_size)


COMMAND = Command(
    id="checksum",
    title="Checksum",
    description="Computes the checksum of a file and compares it with the expected one.",
    inputs=ChecksumInputs,
    outputs=ChecksumOutputs,
    run=run,
    exit_codes=(SUCCESS, ERROR, DISK, DIFFERS, NOT_FOUND),
)
