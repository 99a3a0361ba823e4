"""A real web service on loopback for tests: it echoes, refuses, redirects, hangs and breaks off on request."""

from __future__ import annotations

import gzip
import hashlib
import json
import ssl
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlsplit

_CHUNK = 1 << 16


@dataclass(slots=True)
class Service:
    """A running service: its address, the requests that it saw, and the gate that `/hang` waits at."""

    url: str
    seen: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    gate: threading.Event = field(default_factory=threading.Event)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    service: ClassVar[Service]

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is inherited
        """Tests read `seen` instead."""

    def _serve(self) -> None:
        parts = urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        digest, kept, left = hashlib.sha256(), bytearray(), length
        while left and (chunk := self.rfile.read(min(_CHUNK, left))):
            left -= len(chunk)
            digest.update(chunk)
            kept += chunk if len(kept) < _CHUNK else b""
        facts = {
            "method": self.command,
            "path": parts.path,
            "query": parse_qsl(parts.query),
            "headers": {name.lower(): value for name, value in self.headers.items()},
            "length": length,
            "sha256": digest.hexdigest(),
            "body": kept.decode("utf-8", errors="replace"),
        }
        self.service.seen.append(facts)
        words = parts.path.strip("/").split("/")
        getattr(self, f"_{words[0]}", self._echo)(facts, *words[1:])

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = _serve  # noqa: N815 - http.server calls these

    def _answer(self, status: int, content: bytes, media_type: str, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"content-type": media_type, "content-length": str(len(content)), **headers}.items():
            if value:
                self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def _echo(self, facts: dict[str, Any], *_: str) -> None:
        self._answer(200, json.dumps(facts).encode(), "application/json")

    def _status(self, facts: dict[str, Any], code: str) -> None:
        said = json.dumps({"said": f"no: {facts['headers'].get('authorization', 'nobody')}"})
        self._answer(int(code), said.encode(), "application/json")

    def _text(self, _: dict[str, Any], size: str) -> None:
        self._answer(200, b"x" * int(size), "text/plain; charset=utf-8")

    def _latin(self, _: dict[str, Any]) -> None:
        self._answer(200, "Zürich".encode("iso-8859-1"), "text/plain; charset=iso-8859-1")

    def _empty(self, _: dict[str, Any]) -> None:
        self._answer(200, b"", "application/pdf")

    def _packed(self, _: dict[str, Any]) -> None:
        self._answer(200, gzip.compress(b"a" * 100_000), "text/plain", content_encoding="gzip")

    def _bytes(self, _: dict[str, Any], size: str) -> None:
        self.send_response(200)
        self.send_header("content-type", "application/octet-stream")
        self.send_header("content-length", size)
        self.send_header("content-disposition", 'attachment; filename="../../etc/data.bin"')
        self.end_headers()
        left = int(size)
        while left > 0:
            left -= self.wfile.write(b"\xff" * min(_CHUNK, left))

    def _redirect(self, facts: dict[str, Any], code: str) -> None:
        self._answer(int(code), b"", "", location=dict(facts["query"])["to"])

    def _cookie(self, _: dict[str, Any]) -> None:
        self._answer(302, b"", "", location="/echo", set_cookie="session=one; Path=/")

    def _hang(self, _: dict[str, Any]) -> None:
        self.service.gate.wait(60)
        self.close_connection = True

    def _cut(self, _: dict[str, Any]) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/plain")
        self.send_header("content-length", "100")
        self.end_headers()
        self.wfile.write(b"only this")
        self.close_connection = True


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away is what some tests do."""


@contextmanager
def running(tls: ssl.SSLContext | None = None) -> Generator[Service]:
    """A service on a free port of loopback for as long as the block lasts; over TLS when a context is given."""
    service = Service("")
    handler = type("Handler", (_Handler,), {"service": service})
    server = _Server(("127.0.0.1", 0), handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    service.url = f"http{'s' if tls else ''}://localhost:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield service
    finally:
        service.gate.set()
        server.shutdown()
        thread.join()
        server.server_close()
