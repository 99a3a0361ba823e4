"""The file store: command outputs, large values and logs, in a folder of the data folder.

A key is a relative path such as `runs/12/34/report.xlsx`. Logs are appended to in place, so that they can be
read while they grow.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path
from typing import Final


class BlobMissing(LookupError):
    """No file is stored under this key."""


class Blobs:
    """A folder of files by key. Every call is blocking: small ones are fine, move big copies to a thread."""

    def __init__(self, root: Path) -> None:
        self.root: Final = root.resolve()

    def path(self, key: str) -> Path:
        """Where the file of this key lies, whether or not it is there.

        Raises: ValueError when the key would leave the store.
        """
        # By its letters alone: the store makes no links, and resolving would ask the disk for every folder on the way.
        if key.startswith("/") or "\x00" in key or any(part in ("", ".", "..") for part in key.split("/")):
            raise ValueError(f"file key {key!r} leaves the file store")
        return self.root / key

    def existing(self, key: str) -> Path:
        """The path of a stored file.

        Raises: BlobMissing.
        """
        path = self.path(key)
        if not path.is_file():
            raise BlobMissing(key)
        return path

    def take(self, source: Path, key: str) -> int:
        """Move a finished file into the store; gives its size in bytes. Readers see all of it or nothing."""
        target = self.path(key)
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            source.replace(target)
        except OSError:  # another file system: copy beside the target, then swap in
            partial = target.with_name(target.name + ".part")
            shutil.copyfile(source, partial)
            partial.replace(target)
            source.unlink()
        return target.stat().st_size

    def write(self, key: str, data: bytes) -> int:
        """Store bytes; gives their number. Readers see all of it or nothing."""
        target = self.path(key)
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_name(target.name + ".part")
        partial.write_bytes(data)
        partial.replace(target)
        return len(data)

    def size(self, key: str) -> int:
        """Size in bytes; 0 when nothing is stored under the key."""
        try:
            return self.path(key).stat().st_size
        except FileNotFoundError:
            return 0

    def measure(self, folder: str) -> tuple[int, int]:
        """How many files a folder of the store holds, and their bytes."""
        files = size = 0
        for at, _, names in os.walk(self.path(folder)):
            for name in names:
                with contextlib.suppress(FileNotFoundError):
                    size += (Path(at) / name).lstat().st_size
                    files += 1
        return files, size

    def remove_folder(self, folder: str) -> tuple[int, int]:
        """Remove a folder of the store with all that is in it: how many files, and their bytes. Gone already is fine.

        Raises: OSError when something cannot be removed.
        """
        measured = self.measure(folder)
        with contextlib.suppress(FileNotFoundError):
            shutil.rmtree(self.path(folder))
        return measured
