"""What one attempt of a command may use: the engine's side of the connector SDK's `Context`."""

from __future__ import annotations

import asyncio
import contextvars
import functools
import mimetypes
import shutil
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, ParamSpec, TypeVar

from pydantic import BaseModel

from onecloud.connector.context import FileRef
from onecloud.connector.folders import allowed_path, safe_name
from onecloud.connector.outcome import CommandFailed
from onecloud.infra.blobs import BlobMissing, Blobs
from onecloud.kernel.secret import redact
from onecloud.runs.model import Unit
from onecloud.runs.records import unit_folder

P = ParamSpec("P")
T = TypeVar("T")

NAMESPACE: Final = uuid.UUID("0f3e8d0a-6a5d-5b1f-8f0b-6f5f0b1f2c3d")


class LogFull(Exception):
    """The log of one result passed its limit."""


class ResultLog:
    """The growing log of one attempt: appended line by line, secrets masked, opened only when there is a line."""

    def __init__(
        self, blobs: Blobs, key: str, limit_bytes: int, secrets: set[str], changed: Callable[[], None]
    ) -> None:
        self._blobs = blobs
        self._key = key
        self._limit = limit_bytes
        self._secrets = secrets  # the run's own set: it grows while the run meets more
        self._changed = changed
        self._size: int | None = None  # not looked at before there is a line: most light commands write none

    def write(self, text: str) -> None:
        """Add text as one or more whole lines.

        Raises: LogFull naming the limit and the setting; nothing is cut off silently.
        """
        line = redact(text, frozenset(self._secrets)).rstrip("\n") + "\n"
        data = line.encode("utf-8", "replace")
        path = self._blobs.path(self._key)
        if self._size is None:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._size = path.stat().st_size if path.exists() else 0
        if self._size + len(data) > self._limit:
            raise LogFull(
                f"the log passed its limit of {self._limit // 1_048_576} MB; "
                "write less, or raise the setting ONECLOUD_MAX_LOG_MB"
            )
        with path.open("ab") as file:
            file.write(data)
        self._size += len(data)
        self._changed()


class AttemptContext:
    """The `Context` of one attempt of one node."""

    def __init__(
        self,
        *,
        run_id: int,
        unit: Unit,
        attempt: int,
        work_root: Path,
        blobs: Blobs,
        folders: Sequence[Path],
        log: ResultLog,
        connection: BaseModel | None,
        memory_limit_bytes: int,
        threads: ThreadPoolExecutor,
    ) -> None:
        self._run_id = run_id
        self._unit = unit
        self._attempt = attempt
        self._work_root = work_root
        self._made = False
        self._blobs = blobs
        self._folders = folders
        self._log = log
        self._connection = connection
        self._memory = memory_limit_bytes
        self._threads = threads

    @property
    def workdir(self) -> Path:
        """See `Context`; made when first asked for, so that light commands cost no folder."""
        unit = self._unit
        work = self._work_root / str(self._run_id) / f"{unit.key}-{unit.outer}-{unit.item}-{self._attempt}"
        if not self._made:
            shutil.rmtree(work, ignore_errors=True)  # left by an attempt that a crash interrupted
            work.mkdir(parents=True)
            self._made = True
        return work

    @property
    def idempotency_key(self) -> str:
        """See `Context`."""
        place = f"run/{self._run_id}/node/{self._unit.key}"
        if self._unit != Unit(self._unit.key):
            place += f"/{self._unit.outer}/{self._unit.item}"
        return str(uuid.uuid5(NAMESPACE, place))

    @property
    def attempt(self) -> int:
        """See `Context`."""
        return self._attempt

    @property
    def connection(self) -> BaseModel | None:
        """See `Context`."""
        return self._connection

    @property
    def memory_limit_bytes(self) -> int:
        """See `Context`."""
        return self._memory

    def log(self, text: str) -> None:
        """See `Context`."""
        self._log.write(text)

    async def open_file(self, file: FileRef) -> Path:
        """See `Context`."""
        try:
            return self._blobs.existing(file.blob)
        except (BlobMissing, ValueError) as missing:
            raise CommandFailed(
                1,
                f"the file {file.name!r} is no longer stored; run the node that made it again",
                retryable=False,
            ) from missing

    async def save_file(self, path: Path, name: str | None = None, media_type: str | None = None) -> FileRef:
        """See `Context`."""
        shown = safe_name(name or path.name)
        key = f"{unit_folder(self._run_id, self._unit)}/{self._attempt}-{uuid.uuid4().hex[:12]}-{shown}"
        size = await self.in_thread(self._blobs.take, path, key)
        guessed = media_type or mimetypes.guess_type(shown)[0] or "application/octet-stream"
        return FileRef(name=shown, blob=key, size_bytes=size, media_type=guessed)

    def folder_path(self, text: str) -> Path:
        """See `Context`."""
        return allowed_path(text, self._folders)

    async def in_thread(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """See `Context`; threads of the commands' own pool, so that they never hold up the server's."""
        call = functools.partial(contextvars.copy_context().run, functools.partial(work, *args, **kwargs))
        return await asyncio.get_running_loop().run_in_executor(self._threads, call)

    def clean(self) -> None:
        """Remove the attempt's folder."""
        if self._made:
            shutil.rmtree(self.workdir, ignore_errors=True)
