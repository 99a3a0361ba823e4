"""A small load generator: keep-alive HTTP/1.1 connections on one event loop, cheap enough not to be the bottleneck."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

CONNECTIONS: Final = 16


@dataclass(frozen=True, slots=True)
class Load:
    """What a load came to: answers per second, and latencies in milliseconds."""

    per_s: float
    p50_ms: float
    p99_ms: float
    bodies: list[bytes]


def request(method: str, path: str, token: str, body: bytes = b"") -> bytes:
    """One request as bytes."""
    head = (
        f"{method} {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def _answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = await reader.readuntil(b"\r\n\r\n")
    status = int(head[9:12])
    marker = head.lower().index(b"content-length:") + len(b"content-length:")
    length = int(head[marker : head.index(b"\r\n", marker)])
    return status, await reader.readexactly(length)


async def _connection(
    port: int, raw: bytes, more: Callable[[], bool], latencies: list[float], bodies: list[bytes]
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while more():
        began = time.perf_counter()
        writer.write(raw)
        status, body = await _answer(reader)
        latencies.append(time.perf_counter() - began)
        if status != 200:
            raise RuntimeError(f"status {status}: {body[:300]!r}")
        bodies.append(body)
    writer.close()


async def _load(port: int, raw: bytes, more: Callable[[], bool], connections: int) -> Load:
    latencies: list[float] = []
    bodies: list[bytes] = []
    began = time.perf_counter()
    await asyncio.gather(*(_connection(port, raw, more, latencies, bodies) for _ in range(connections)))
    took = time.perf_counter() - began
    latencies.sort()
    return Load(
        per_s=len(latencies) / took,
        p50_ms=latencies[len(latencies) // 2] * 1000,
        p99_ms=latencies[int(len(latencies) * 0.99)] * 1000,
        bodies=bodies,
    )


def for_seconds(port: int, raw: bytes, seconds: float, connections: int = CONNECTIONS) -> Load:
    """Send the same request over and over for a time."""
    end = time.perf_counter() + seconds
    return asyncio.run(_load(port, raw, lambda: time.perf_counter() < end, connections))


def so_many(port: int, raw: bytes, number: int, connections: int = CONNECTIONS) -> Load:
    """Send the same request so many times, as fast as the server takes it."""
    left = iter(range(number))
    return asyncio.run(_load(port, raw, lambda: next(left, None) is not None, connections))
