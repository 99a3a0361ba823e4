"""Taking a file in: from a stream to the file store, piece by piece, refused as soon as it is too large."""

from __future__ import annotations

import asyncio
import codecs
import hashlib
import uuid
from collections.abc import AsyncIterable
from pathlib import Path
from typing import BinaryIO, Final

from onecloud.infra.blobs import Blobs
from onecloud.resources.model import Content
from onecloud.resources.rules import blob_key, check_size

_PIECE: Final = 1024 * 1024  # written to the disk at once


async def receive(pieces: AsyncIterable[bytes], blobs: Blobs, workspace_id: int) -> Content:
    """Store the bytes that come. Nothing refers to them yet, and no transaction is open meanwhile.

    Raises: Invalid `resource.too_large` once more has come than a resource may have; whatever the stream raises.
    """
    partial = blobs.path(f"resources/{workspace_id}/{uuid.uuid4().hex}.part")
    await asyncio.to_thread(partial.parent.mkdir, parents=True, exist_ok=True)
    digest, letters, held = hashlib.sha256(), _Letters(), bytearray()
    size = 0
    file = await asyncio.to_thread(_created, partial)
    try:
        async for piece in pieces:
            size += len(piece)
            check_size(size)
            digest.update(piece)
            letters.take(piece)
            held += piece
            if len(held) >= _PIECE:
                await asyncio.to_thread(file.write, bytes(held))
                held.clear()
        await asyncio.to_thread(file.write, bytes(held))
        await asyncio.to_thread(file.close)
        key = blob_key(workspace_id, digest.hexdigest())
        await asyncio.to_thread(blobs.take, partial, key)
    finally:
        file.close()
        partial.unlink(missing_ok=True)
    return Content(key, digest.hexdigest(), size, letters.are_text())


def _created(path: Path) -> BinaryIO:
    return path.open("wb")


class _Letters:
    """Finds out, piece by piece, whether bytes are text that an editor can show and give back unchanged."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._good = True

    def take(self, piece: bytes) -> None:
        """Look at the next bytes."""
        if self._good:
            try:
                self._good = "\x00" not in self._decoder.decode(piece)
            except UnicodeDecodeError:
                self._good = False

    def are_text(self) -> bool:
        """Whether all of it was text, to the end of its last letter."""
        try:
            self._decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
        return self._good
