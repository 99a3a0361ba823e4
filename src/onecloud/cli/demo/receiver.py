"""A web service for the demo's chain to call: it listens on loopback and keeps what it is told."""

from __future__ import annotations

import json
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(slots=True)
class Receiver:
    """The service's address, and each accepted message in order of arrival."""

    url: str
    messages: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])


@contextmanager
def receiver(token: str) -> Generator[Receiver]:
    """Run the service in a thread; it accepts POSTs that carry the bearer token."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            accepted = self.headers.get("Authorization") == f"Bearer {token}"
            if accepted:
                service.messages.append(json.loads(body))
            answer = json.dumps({"accepted": accepted}).encode()
            self.send_response(200 if accepted else 401)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the base class's
            """Stay silent: the demo's output is the client's."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        service = Receiver(f"http://127.0.0.1:{server.server_port}/strikes")
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield service
        finally:
            server.shutdown()
            thread.join()
