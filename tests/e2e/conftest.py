"""A browser and a counting receiver for tests that drive real processes."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Generator, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.e2e.browser import chromium
from tests.e2e.server import Server

WORKSPACE = "onecloud: 1\nname: Finance\nenvironments: [{name: DEV}, {name: PROD}]\n"


class Receiver:
    """Counts requests by path; each takes a moment, so that a kill finds some under way."""

    def __init__(self, takes_s: float) -> None:
        self.begun: Counter[str] = Counter()
        self.answered: Counter[str] = Counter()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:  # the library's name
                receiver.begun[self.path] += 1
                time.sleep(takes_s)
                try:
                    self.send_response(200)
                    self.send_header("Content-Length", "2")
                    self.end_headers()
                    self.wfile.write(b"ok")
                except OSError:
                    return
                receiver.answered[self.path] += 1

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
                """Silent."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver whose answers take 20 ms."""
    receiver = Receiver(0.02)
    yield receiver
    receiver.close()


@pytest.fixture
def server(tmp_path: Path, database_url: str) -> Iterator[Server]:
    """A started server with the workspace Finance (DEV, PROD), on each database."""
    server = Server(tmp_path / "data", {"ONECLOUD_DATABASE_URL": database_url} if database_url else None)
    server.start()
    server.workspace(WORKSPACE)
    yield server
    if server.running:
        server.kill()


@pytest.fixture(scope="module")
def browser() -> Generator[Browser]:
    """One browser for the file."""
    with chromium() as browser:
        yield browser
