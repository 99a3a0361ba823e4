"""Takes the bytes of a file as they come, without holding them in memory, and puts the whole into the file store."""

from __future__ import annotations

import asyncio
import contextlib
import mimetypes
import secrets
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Final

from onecloud.approvals.uploads.model import Upload
from onecloud.approvals.uploads.rules import MEGABYTE, too_large
from onecloud.connector.context import FileRef
from onecloud.infra.blobs import Blobs
from onecloud.infra.settings import Settings

WRITTEN_AT_ONCE: Final = MEGABYTE
LEFT_BEHIND: Final = timedelta(days=1)


def folder_of(settings: Settings) -> Path:
    """Where files lie while they come."""
    return settings.data / "incoming"


async def receive(
    settings: Settings, blobs: Blobs, upload: Upload, name: str, announced: int | None, chunks: AsyncIterator[bytes]
) -> FileRef:
    """Store a file; readers see all of it or nothing. `announced` is the size that the sender gave, if any.

    Raises: Invalid `upload.too_large`, at once when the announced size says so.
    """
    most_mb = settings.upload_file_mb
    if announced is not None and announced > most_mb * MEGABYTE:
        raise too_large(name, most_mb)
    folder = folder_of(settings)
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    unique = secrets.token_hex(8)
    partial = folder / f"{upload.id}-{unique}"
    try:
        # A file in a thread's hands: the disk may be slow, and other requests must not wait for it.
        opened = await asyncio.to_thread(partial.open, "xb")
        try:
            await _write(opened, name, most_mb, chunks)
        finally:
            await asyncio.to_thread(opened.close)
        # Beside the run's other files, so that they go when the run's files go.
        key = f"runs/{upload.ask.run_id}/uploads/{upload.id}-{unique}-{name}"
        size = await asyncio.to_thread(blobs.take, partial, key)
    finally:
        with contextlib.suppress(FileNotFoundError):
            await asyncio.to_thread(partial.unlink)
    media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return FileRef(name=name, blob=key, size_bytes=size, media_type=media_type)


async def _write(opened: IO[bytes], name: str, most_mb: int, chunks: AsyncIterator[bytes]) -> None:
    size, held = 0, bytearray()
    async for chunk in chunks:
        size += len(chunk)
        if size > most_mb * MEGABYTE:
            raise too_large(name, most_mb)
        held += chunk
        if len(held) >= WRITTEN_AT_ONCE:
            await asyncio.to_thread(opened.write, bytes(held))
            held.clear()
    await asyncio.to_thread(opened.write, bytes(held))


def discard(blobs: Blobs, file: FileRef) -> None:
    """Remove a file that no upload holds (any more); one that cannot be removed goes with the run's files."""
    with contextlib.suppress(OSError):
        blobs.path(file.blob).unlink()


def sweep(settings: Settings, now: datetime) -> int:
    """Remove what servers that were killed have left half received; gives how many files. Blocking."""
    gone = 0
    for left in folder_of(settings).glob("*"):
        with contextlib.suppress(FileNotFoundError):  # another server sweeps too
            if left.stat().st_mtime < (now - LEFT_BEHIND).timestamp():
                left.unlink()
                gone += 1
    return gone
