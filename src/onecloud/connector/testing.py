"""For tests of connectors: a fake Context with real files, and checks that every command should pass.

A test runs a command with `run_command`, which fails on an undeclared exit code and on a secret that shows;
`check_cancel` and `check_repeatable` test the two claims that the engine relies on.
"""

from __future__ import annotations

import asyncio
import hashlib
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, ParamSpec, TypeVar

from pydantic import BaseModel, SecretStr

from onecloud.connector.command import Command, Means
from onecloud.connector.conformance import check_connector
from onecloud.connector.context import Context, FileRef
from onecloud.connector.folders import allowed_path
from onecloud.connector.outcome import CommandFailed, Warned

__all__ = ["Ended", "FakeContext", "check_cancel", "check_connector", "check_repeatable", "run_command"]

P = ParamSpec("P")
T = TypeVar("T")

CANCEL_WITHIN_S: Final = 2.0
_CHUNK: Final = 1 << 20


class FakeContext(Context):
    """A Context over one folder: `work/` for the attempt, `store/` for files, `files/` as the allowed folder.

    `lines` holds the log as the command wrote it, unmasked. A stored file's key is the hash of its content, so that
    two runs with equal results give equal references.
    """

    def __init__(
        self,
        root: Path,
        connection: BaseModel | None = None,
        key: str = "run-1/node/0",
        memory_limit_bytes: int = 1 << 28,
    ) -> None:
        self._root = root
        self._connection = connection
        self._key = key
        self._memory_limit_bytes = memory_limit_bytes
        self._attempt = 1
        self.lines: list[str] = []
        self.files = root / "files"
        self.other_folders: list[Path] = []
        for folder in (self.files, root / "store", self.workdir):
            folder.mkdir(parents=True, exist_ok=True)

    @property
    def workdir(self) -> Path:
        """The folder of the present attempt."""
        return self._root / f"work-{self.attempt}"

    @property
    def idempotency_key(self) -> str:
        """The same for every attempt."""
        return self._key

    @property
    def connection(self) -> BaseModel | None:
        """The connection that the test gave."""
        return self._connection

    @property
    def memory_limit_bytes(self) -> int:
        """How much memory the command should stay under."""
        return self._memory_limit_bytes

    @property
    def attempt(self) -> int:
        """1 for the first try."""
        return self._attempt

    def log(self, text: str) -> None:
        """Keep the line in `lines`."""
        self.lines.append(text)

    async def open_file(self, file: FileRef) -> Path:
        """The stored file's path."""
        path = self._root / "store" / file.blob
        if not path.exists():
            raise CommandFailed(1, f"The file {file.name} is no longer stored.", retryable=False)
        return path

    async def save_file(self, path: Path, name: str | None = None, media_type: str | None = None) -> FileRef:
        """Move a file of `workdir` into the store."""
        assert path.is_relative_to(self.workdir), f"{path} is not in the attempt's folder"
        return self._take(path, name or path.name, media_type)

    def folder_path(self, text: str) -> Path:
        """The path inside `files` or `other_folders`."""
        return allowed_path(text, (self.files, *self.other_folders))

    async def in_thread(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run blocking work in a thread."""
        return await asyncio.to_thread(work, *args, **kwargs)

    # What only tests use.

    def next_attempt(self) -> None:
        """Throw the attempt's folder away and begin another one: same key, same store."""
        shutil.rmtree(self.workdir)
        self._attempt += 1
        self.workdir.mkdir()

    def add_file(self, name: str, content: str | bytes, media_type: str | None = None) -> FileRef:
        """Put a file into the store, as an earlier command would have."""
        path = self._root / "incoming"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return self._take(path, name, media_type)

    def content(self, file: FileRef | None) -> bytes:
        """The bytes of a stored file; None is a failed test."""
        assert file is not None, "the command gave no file"
        return (self._root / "store" / file.blob).read_bytes()

    def text(self, file: FileRef | None) -> str:
        """The stored file as UTF-8 text."""
        return self.content(file).decode()

    def world(self) -> Mapping[str, str]:
        """What is in the allowed folders: relative path → hash of the content; of an SQLite database, of its rows."""
        found = {
            str(path.relative_to(folder.parent)): _content_hash(path) if path.is_file() else "folder"
            for folder in (self.files, *self.other_folders)
            for path in folder.rglob("*")
        }
        return dict(sorted(found.items()))

    def _take(self, path: Path, name: str, media_type: str | None) -> FileRef:
        size_bytes, blob = path.stat().st_size, _hash(path)
        path.replace(self._root / "store" / blob)
        return FileRef(name=name, blob=blob, size_bytes=size_bytes, media_type=media_type or "application/octet-stream")


def _content_hash(path: Path) -> str:
    with path.open("rb") as file:
        if not file.read(16).startswith(b"SQLite format 3"):
            return _hash(path)
    # Its bytes count every change; what matters is what it holds.
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        return hashlib.sha256("\n".join(database.iterdump()).encode()).hexdigest()


def _hash(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended: `outputs` is None after a failure."""

    means: Means
    exit_code: int
    message: str
    outputs: Any
    retryable: bool = True


async def run_command(command: Command[Any], ctx: FakeContext, inputs: Mapping[str, Any]) -> Ended:
    """Run a command on JSON-like inputs and say how it ended.

    Raises: AssertionError when its exit code is not declared or means something else, when the outputs are of
    another type, or when a secret of the inputs or the connection shows; ValidationError when the inputs are wrong.
    """
    values = command.inputs.model_validate(inputs)
    try:
        result = await command.run(ctx, values)
    except CommandFailed as failed:
        ended = Ended("error", failed.exit_code, failed.message, None, failed.retryable)
    else:
        if isinstance(result, Warned):
            ended = Ended("warning", result.exit_code, result.message, result.outputs)
        else:
            ended = Ended("success", 0, "", result)
    declared = command.exit_code(ended.exit_code)
    assert declared is not None, f"{command.id} ended with exit code {ended.exit_code}, which it does not declare"
    assert declared.means == ended.means, f"{command.id}: exit code {ended.exit_code} is declared as {declared.means}"
    if ended.outputs is not None:
        assert type(ended.outputs) is command.outputs, f"{command.id} gave {type(ended.outputs).__name__}"
    _check_hidden(command.id, ctx, ended, {*secrets_in(values), *secrets_in(ctx.connection)})
    return ended


def secrets_in(value: object) -> Iterator[str]:
    """Every secret text in a model, at any depth."""
    if isinstance(value, SecretStr):
        if value.get_secret_value():
            yield value.get_secret_value()
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from secrets_in(getattr(value, name))
    elif isinstance(value, Mapping):
        for item in value.values():  # pyright: ignore[reportUnknownVariableType] - a value of any kind is looked at
            yield from secrets_in(item)  # pyright: ignore[reportUnknownArgumentType]
    elif isinstance(value, list | tuple):
        for item in value:  # pyright: ignore[reportUnknownVariableType]
            yield from secrets_in(item)  # pyright: ignore[reportUnknownArgumentType]


def _check_hidden(command_id: str, ctx: FakeContext, ended: Ended, secrets: set[str]) -> None:
    log = "\n".join(ctx.lines)
    for secret in secrets:
        assert secret not in log, f"{command_id} wrote a secret to its log"
        assert secret not in ended.message, f"{command_id} put a secret into its message"


async def check_cancel(
    command: Command[Any], ctx: FakeContext, inputs: Mapping[str, Any], started: Callable[[], bool] | None = None
) -> None:
    """Start a command that would take long, cancel it when `started` says so, and fail unless it ends in time."""
    task = asyncio.ensure_future(command.run(ctx, command.inputs.model_validate(inputs)))
    # Without a sign of its own a command counts as started once its first thread or socket had a chance to begin.
    deadline = time.monotonic() + 10
    while started is not None and not started():
        assert time.monotonic() < deadline, f"{command.id} did not start its work within 10 s"
        assert not task.done(), f"{command.id} ended before it could be cancelled: {task}"
        await asyncio.sleep(0.005)
    await asyncio.wait({task}, timeout=0.1)
    assert not task.done(), f"{command.id} ended before it could be cancelled: {task}"
    begun = time.monotonic()
    task.cancel()
    await asyncio.wait({task}, timeout=CANCEL_WITHIN_S)
    assert task.done(), f"{command.id} did not end within {CANCEL_WITHIN_S} s of its cancel"
    assert task.cancelled(), f"{command.id} swallowed its cancel"
    assert time.monotonic() - begun < CANCEL_WITHIN_S


async def check_repeatable(
    command: Command[Any], ctx: FakeContext, inputs: Mapping[str, Any], *, same_outputs: bool = True
) -> Ended:
    """Run a command twice with one idempotency key; gives the second end.

    Raises: AssertionError when the command says that it may run again and the second run fails, gives other outputs
    or leaves the allowed folders different; also when it says that it may not.
    """
    assert command.may_run_again(command.inputs.model_validate(inputs)), f"{command.id} says it may not run again"
    first = await run_command(command, ctx, inputs)
    assert first.means != "error", f"{command.id} failed the first time: {first.message}"
    after = ctx.world()
    ctx.next_attempt()
    second = await run_command(command, ctx, inputs)
    assert second.means != "error", f"{command.id} failed the second time: {second.message}"
    assert ctx.world() == after, f"{command.id} left other files the second time"
    assert not same_outputs or first.outputs == second.outputs, f"{command.id} gave other outputs the second time"
    return second
