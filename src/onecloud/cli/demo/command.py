"""`onecloud demo`: set the stage, start the server, do the main job, and leave the server to the person."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated, Any, Final

from cyclopts import Parameter

_PORT: Final = 8000
_START_S: Final = 60
_STOP_S: Final = 30


def demo(
    *,
    once: Annotated[bool, Parameter(help="End after the job; exit status 0 only if every step did its work.")] = False,
    data: Annotated[
        Path | None, Parameter(help="The demo's folder; kept. Default: data/demo, new with --once.")
    ] = None,
    port: Annotated[int | None, Parameter(help="Port to listen on. Default: 8000, a free one with --once.")] = None,
) -> int:
    """Start a platform with a demo workspace and do the main job as a client of its API."""
    from onecloud.cli.demo.api import StepFailed

    # `make` and containers end a program with SIGTERM: the server must then be stopped as by Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    # The demo shows the embedded default, whatever the shell is set up for.
    for name in [name for name in os.environ if name.startswith("ONECLOUD_")]:
        del os.environ[name]
    with ExitStack() as stack:
        if data is None and once:
            data = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="onecloud-demo-")))
        data = (data or Path("data/demo")).absolute()
        log = data / "server.log"
        try:
            return _play(data, port or (_free_port() if once else _PORT), once=once)
        except StepFailed as failure:
            print(f"\nonecloud demo: {failure}.", file=sys.stderr)
            if log.exists():
                said = log.read_text(encoding="utf-8")[-4000:]
                print(f"The last lines of the server's log, {log}:\n{said}", file=sys.stderr)
            return 1


def _play(data: Path, port: int, *, once: bool) -> int:
    """The whole demo; gives the exit status.

    Raises: StepFailed.
    """
    from onecloud.cli.demo import stage
    from onecloud.cli.demo.api import Api
    from onecloud.cli.demo.job import do_main_job, headline, require
    from onecloud.cli.demo.receiver import receiver

    made = stage.kept_secrets(data)
    with receiver(made.notify_token) as service:
        headline(f"Set the stage in {data}")
        asyncio.run(stage.set_stage(data, made, service.url))
        asyncio.run(stage.allow_new_access(data))
        with _server(data, port) as address:
            headline("Enable API access (the page Admin → API has a button for it)")
            pair = _enable_api(data, stage.EMAIL)
            api = do_main_job(Api(address, pair), data / "files", service)
            api.close()
            log = (data / "server.log").read_text(encoding="utf-8")
            spoken = (pair["access_token"], pair["refresh_token"], api.access_token, made.notify_token, made.password)
            require(not any(secret in log for secret in spoken), "No token and no password is in the server's log")
            headline("Done: every step did what it should")
            if once:
                return 0
            asyncio.run(stage.allow_new_access(data))
            _say_how_to_sign_in(address, stage.EMAIL, made.password, data)
            _wait_for_ctrl_c()
    return 0


def _say_how_to_sign_in(address: str, email: str, password: str, data: Path) -> None:
    print(
        f"\n   The server keeps running:  {address}\n"
        f"   Sign in with              {email}\n"
        f"   and the password          {password}\n"
        f"\n   Data and log: {data}   The API, described: {address}/api/openapi.json   Stop: Ctrl-C",
        flush=True,
    )


def _wait_for_ctrl_c() -> None:
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        print("\nStopping.", flush=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _is_taken(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def _server(data: Path, port: int) -> Generator[str]:
    """A server process on that data folder; gives its address once it is ready, and stops it gracefully at the end.

    Raises: StepFailed when it does not become ready, or does not stop with exit status 0.
    """
    from onecloud.cli.demo.api import StepFailed
    from onecloud.cli.demo.job import headline

    if _is_taken(port):
        raise StepFailed(f"port {port} is in use; choose another one, as in: make demo PORT={port + 1}")
    address = f"http://127.0.0.1:{port}"
    command = ["-m", "onecloud.cli.main", "serve", "--host", "127.0.0.1", "--port", str(port), "--data", str(data)]
    headline(f"Start the server: onecloud {' '.join(command[2:])}")
    with (data / "server.log").open("w", encoding="utf-8") as log:
        # Its own session: Ctrl-C reaches the demo alone, which then stops the server in order.
        server = subprocess.Popen([sys.executable, *command], stdout=log, stderr=log, start_new_session=True)
        try:
            began = time.monotonic()
            while not _is_ready(address):
                if server.poll() is not None:
                    raise StepFailed(f"the server ended at its start with exit status {server.returncode}")
                if time.monotonic() - began > _START_S:
                    raise StepFailed(f"the server was not ready after {_START_S} s")
                time.sleep(0.05)
            print(f"   ready after {time.monotonic() - began:.1f} s at {address}", flush=True)
            yield address
        finally:
            server.send_signal(signal.SIGTERM)
            try:
                status = server.wait(_STOP_S)
            except subprocess.TimeoutExpired:
                server.kill()
                status = server.wait()
    if status != 0:
        raise StepFailed(f"the server stopped with exit status {status}")


def _is_ready(address: str) -> bool:
    import httpx2

    try:
        return httpx2.get(f"{address}/readyz", timeout=5).status_code == 200
    except httpx2.TransportError:
        return False


def _enable_api(data: Path, email: str) -> dict[str, Any]:
    """Enable API access beside the running server, by the command that scripts use; gives what it printed.

    Raises: StepFailed.
    """
    from onecloud.cli.demo.api import StepFailed, shown

    words = ["admin", "enable-api", "--email", email, "--data", str(data), "--json"]
    print(f"\n $ onecloud {' '.join(words)}", flush=True)
    done = subprocess.run(
        [sys.executable, "-m", "onecloud.cli.main", *words], check=False, capture_output=True, text=True
    )
    if done.returncode:
        raise StepFailed(f"enable-api ended with exit status {done.returncode}: {done.stderr.strip()}")
    pair: dict[str, Any] = json.loads(done.stdout)
    print(f"{shown(pair)}\n\n $ ACCESS_TOKEN=…; REFRESH_TOKEN=…   # shown once, and masked here", flush=True)
    return pair
