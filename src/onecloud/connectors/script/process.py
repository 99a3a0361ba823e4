"""One process group: started with limits and a scrubbed environment, listened to, and ended as a whole."""

from __future__ import annotations

import asyncio
import codecs
import contextlib
import os
import signal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final

# A cancelled command has two seconds: one for the script to clean up, then it is killed.
TERM_WAIT_S: Final = 1.0
KILL_WAIT_S: Final = 0.5
# What a child that left the group still holds open is not waited for longer than this.
PIPE_WAIT_S: Final = 1.0
_LOOK_S: Final = 0.02
_CHUNK: Final = 1 << 16
_LINE: Final = 1 << 14
_FILE_BLOCK: Final = 512  # the unit of `ulimit -f`. Source: POSIX.1-2017, ulimit

# The limits are set by a shell that then becomes the script's program: setting them between fork and exec of this
# program, which has threads, could hang. A system without a limit (macOS has none on address space) starts without it.
_LIMITED: Final = 'ulimit -v "$1" 2>/dev/null; ulimit -f "$2" 2>/dev/null; ulimit -c 0; shift 2; exec "$@"'


@dataclass(frozen=True, slots=True)
class Limits:
    """What a process may use; `printed_bytes` counts both of its outputs together."""

    memory_bytes: int
    file_bytes: int
    printed_bytes: int


class PrintedTooMuch(Exception):
    """The script printed more than its limit."""


@dataclass(slots=True)
class _Printed:
    """What a script has printed: whole standard output, the last line of standard error, lines as they come."""

    limit: int
    tell: Callable[[str], None]
    total: int = 0
    stdout: list[str] = field(default_factory=list[str])
    last_error: str = ""

    async def follow(self, reader: asyncio.StreamReader, *, error: bool) -> None:
        """Read to the end. Raises: PrintedTooMuch."""
        decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        pending = ""
        while chunk := await reader.read(_CHUNK):
            self.total += len(chunk)
            if self.total > self.limit:
                raise PrintedTooMuch
            text = decode(chunk)
            if not error:
                self.stdout.append(text)
            *lines, pending = (pending + text).split("\n")
            if len(pending) > _LINE:
                lines, pending = [*lines, pending], ""
            for line in lines:
                self._line(line, error=error)
        rest = decode(b"", final=True)
        if not error:
            self.stdout.append(rest)
        if pending + rest:
            self._line(pending + rest, error=error)

    def _line(self, line: str, *, error: bool) -> None:
        line = line.rstrip("\r")
        self.tell(line)
        if error and line.strip():
            self.last_error = line.strip()


@dataclass(frozen=True, slots=True)
class Ended:
    """How a process ended: its exit code, negative for a signal, and what it printed."""

    code: int
    stdout: str
    last_error: str


async def run(
    argv: Sequence[str],
    *,
    folder: Path,
    environment: Mapping[str, str],
    stdin: Path | None,
    limits: Limits,
    tell: Callable[[str], None],
) -> Ended:
    """Run a program in a session of its own; `tell` gets each line that it prints, at once.

    Whatever of its process group is left when it ends, or when the caller is cancelled, is killed.
    Raises: OSError when it cannot be started; PrintedTooMuch.
    """
    shell = ["/bin/sh", "-c", _LIMITED, "sh", str(limits.memory_bytes // 1024), str(limits.file_bytes // _FILE_BLOCK)]
    printed = _Printed(limits.printed_bytes, tell)
    async with contextlib.AsyncExitStack() as stack:
        source: IO[bytes] | int = stack.enter_context(stdin.open("rb")) if stdin else asyncio.subprocess.DEVNULL
        # Pipes of our own: asyncio would wait for a child in the background that keeps the script's output open.
        (out_end, out), (err_end, err) = await _pipe(stack), await _pipe(stack)
        process = await asyncio.create_subprocess_exec(
            *shell,
            *argv,
            cwd=folder,
            env=environment,
            stdin=source,
            stdout=out_end,
            stderr=err_end,
            start_new_session=True,
        )
        out_end.close()
        err_end.close()
        followers = [
            asyncio.ensure_future(printed.follow(out, error=False)),
            asyncio.ensure_future(printed.follow(err, error=True)),
        ]
        waiter = asyncio.ensure_future(process.wait())
        try:
            await _first_trouble(waiter, followers)
            _signal(process.pid, signal.SIGKILL)
            await asyncio.wait(followers, timeout=PIPE_WAIT_S)
            for follower in followers:
                if follower.done():
                    follower.result()
            return Ended(waiter.result(), "".join(printed.stdout), printed.last_error)
        finally:
            for follower in followers:
                follower.cancel()
            try:
                await _end(process.pid, waiter)
            finally:  # also when a second cancel comes
                _signal(process.pid, signal.SIGKILL)


async def _pipe(stack: contextlib.AsyncExitStack) -> tuple[IO[bytes], asyncio.StreamReader]:
    """The end to write to and a reader of the other one; both are closed with the stack, if not before."""
    read_end, write_end = os.pipe()
    writer = stack.enter_context(os.fdopen(write_end, "wb"))
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(read_end, "rb"))
    stack.callback(transport.close)
    return writer, reader


async def _first_trouble(waiter: asyncio.Future[int], followers: Sequence[asyncio.Future[None]]) -> None:
    """Wait for the process to end, or for a follower to fail."""
    pending = {waiter, *followers}
    while not waiter.done():
        done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
        for follower in done - {waiter}:
            follower.result()


async def _end(pid: int, waiter: asyncio.Future[int]) -> None:
    """Ask the group to end, then make it."""
    if waiter.done():
        return
    clock = asyncio.get_running_loop().time
    deadline = clock() + TERM_WAIT_S
    _signal(pid, signal.SIGTERM)
    while clock() < deadline and _signal(pid, 0):
        await asyncio.sleep(_LOOK_S)
    _signal(pid, signal.SIGKILL)
    await asyncio.wait({waiter}, timeout=KILL_WAIT_S)


def _signal(pid: int, number: int) -> bool:
    """Send a signal to the group (0 only asks); whether there is one."""
    try:
        os.killpg(pid, number)
    except (ProcessLookupError, PermissionError):  # macOS says the latter of a group of zombies
        return False
    return True
