"""What a running command may use: its folder, files by reference, its log, its connection and a thread."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal, ParamSpec, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict

P = ParamSpec("P")
T = TypeVar("T")


class FileRef(BaseModel):
    """A file by reference: what travels between commands instead of its bytes.

    `blob` is the key in the platform's file store; `name` is what a person sees.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["file"] = "file"
    name: str
    blob: str
    size_bytes: int
    media_type: str = "application/octet-stream"


class Context(Protocol):
    """The world of one attempt of one command. Everything in `workdir` is gone when the attempt ends."""

    @property
    def workdir(self) -> Path:
        """An empty folder of this attempt's own."""
        ...

    @property
    def idempotency_key(self) -> str:
        """The same for every attempt of this node in this run and pass; hand it to remote systems that take one."""
        ...

    @property
    def attempt(self) -> int:
        """1 for the first try."""
        ...

    @property
    def connection(self) -> BaseModel | None:
        """The connection's properties as the connector's own model, or None."""
        ...

    @property
    def memory_limit_bytes(self) -> int:
        """How much memory the command should stay under."""
        ...

    def log(self, text: str) -> None:
        """Add a line to the result's log; secrets are masked."""
        ...

    async def open_file(self, file: FileRef) -> Path:
        """A local path to read the file from. It must not be changed.

        Raises: CommandFailed (exit code 1) when the file is no longer stored.
        """
        ...

    async def save_file(self, path: Path, name: str | None = None, media_type: str | None = None) -> FileRef:
        """Take a file of `workdir` into the store; `path` is gone afterwards."""
        ...

    def folder_path(self, text: str) -> Path:
        """The path that `text` names inside the folders that file commands may use.

        A relative path is taken from the files folder. Raises: CommandFailed (exit code 1, not retryable)
        when the path, links resolved, leaves every allowed folder.
        """
        ...

    async def in_thread(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run blocking work off the event loop. The thread is not stopped by a cancel; make the work interruptible."""
        ...
