"""The small application on a real port, for programs that are no Python: curl, and our own command line."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import uvicorn

from tests.tokens.conftest import House


@asynccontextmanager
async def live_server(house: House) -> AsyncGenerator[str]:
    """Address of the running application; its requests share the test's event loop and database."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(128)  # from here on a connection waits for the server instead of failing
    config = uvicorn.Config(house.app, log_level="error", lifespan="off", ws="none")
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await task


@dataclass(frozen=True)
class Ended:
    """A program that has run."""

    code: int
    out: str
    err: str


async def run(program: list[str], stdin: str = "", env: dict[str, str] | None = None) -> Ended:
    """Run a program while the server keeps answering."""
    process = await asyncio.create_subprocess_exec(
        *program,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=env,
    )
    out, err = await process.communicate(stdin.encode())
    return Ended(process.returncode or 0, out.decode(), err.decode())
