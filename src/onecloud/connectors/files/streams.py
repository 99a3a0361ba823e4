"""Bytes from file to file, a piece at a time, and files that appear at their place only when they are whole."""

from __future__ import annotations

import os
import secrets
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from onecloud.connector import CommandFailed, Stop
from onecloud.connectors.files.endings import EXISTS

CHUNK_BYTES: Final = 1 << 20


def pour(stop: Stop, source: IO[bytes], target: IO[bytes]) -> int:
    """Copy what is left of `source`; gives the number of bytes."""
    total = 0
    while chunk := source.read(CHUNK_BYTES):
        stop.check()
        target.write(chunk)
        total += len(chunk)
    return total


@contextmanager
def appearing(target: Path, *, overwrite: bool) -> Generator[IO[bytes]]:
    """A file to write that takes its name when the block ends well, and vanishes otherwise.

    Raises: CommandFailed (exit code 5) when the name is taken and may not be overwritten.
    """
    refuse_taken(target, overwrite=overwrite)
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.parent / f".{secrets.token_hex(8)}.part"
    try:
        with part.open("xb") as file:
            yield file
        refuse_taken(target, overwrite=overwrite)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def refuse_taken(target: Path, *, overwrite: bool) -> None:
    """Raise CommandFailed (exit code 5) when the name is taken and may not be overwritten."""
    if target.is_dir() or (not overwrite and os.path.lexists(target)):
        what = "a folder" if target.is_dir() else "a file"
        message = f"There is already {what} {target.name} in {target.parent}. Choose another name or allow overwriting."
        raise CommandFailed(EXISTS.code, message, retryable=False)


def copy_file(stop: Stop, source: Path, target: Path, *, overwrite: bool = True) -> int:
    """Copy one file; gives its size in bytes."""
    with source.open("rb") as reader, appearing(target, overwrite=overwrite) as writer:
        return pour(stop, reader, writer)
