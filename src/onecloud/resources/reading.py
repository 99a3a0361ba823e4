"""Finding the bytes of a version in the file store."""

from __future__ import annotations

from pathlib import Path

from onecloud.infra.blobs import BlobMissing, Blobs
from onecloud.kernel.errors import NotFound
from onecloud.resources.model import Version


def existing(blobs: Blobs, name: str, version: Version) -> Path:
    """Where the version's bytes lie.

    Raises: NotFound `resource.gone` when the file store has lost them.
    """
    try:
        return blobs.existing(version.content.blob)
    except BlobMissing as error:
        raise NotFound(
            "resource.gone", f"The bytes of `{name}`, version {version.number}, are not in the file store any more."
        ) from error
