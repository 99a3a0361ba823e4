"""Sending: headers, sign-in, redirects. What it gives is an answer whose body has not been read."""

from __future__ import annotations

import base64
import re
import ssl
import uuid
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final, Self
from urllib.request import getproxies

import httpx2

from onecloud.connector import CommandFailed, Context
from onecloud.connectors.http.body import Body, body_of, pairs
from onecloud.connectors.http.connection import HttpConnection
from onecloud.connectors.http.failures import ERROR, NO_ANSWER, shown, unanswered
from onecloud.connectors.http.shapes import RequestInputs
from onecloud.connectors.http.tls import no_trust, tls_context

_CHANGING: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})
# Not repeatable by themselves. Source: RFC 9110 9.2.2.
ONCE: Final = frozenset({"POST", "PATCH"})
# Servers often want a UUID; this space makes one of the engine's key.
_KEYS: Final = uuid.UUID("a3d35a4c-6a1b-5a37-9d0b-0f6d7f1a8b11")
# What may follow a redirect to another server; every other header that somebody gave could be a key.
_HARMLESS: Final = frozenset({"accept", "accept-encoding", "accept-language", "content-type", "user-agent"})
# Source: RFC 9110 5.1, 5.5 and 5.6.2.
_NAME: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_VALUE: Final = re.compile(r"[^\0-\x08\x0a-\x1f\x7f]*")
_HERE: Final = ("all://localhost", "all://127.0.0.1", "all://[::1]")


def sends_key(inputs: RequestInputs) -> bool:
    """Whether an Idempotency-Key goes with the request."""
    if inputs.send_idempotency_key == "never":
        return any(name.lower() == "idempotency-key" for name in inputs.headers)
    return inputs.method in (_CHANGING if inputs.send_idempotency_key == "always" else ONCE)


def connection_of(ctx: Context) -> HttpConnection:
    """The connection, or one that adds nothing."""
    return ctx.connection if isinstance(ctx.connection, HttpConnection) else HttpConnection()


def secrets_of(connection: HttpConnection, inputs: RequestInputs) -> frozenset[str]:
    """Every text that must not show, as it is given and as it is sent."""
    found = {inputs.password, inputs.token, connection.password, connection.token, connection.api_key}
    return frozenset(
        {s.get_secret_value() for s in found}
        | {_basic(connection.username, connection.password.get_secret_value())}
        | {_basic(inputs.username, inputs.password.get_secret_value())}
    ) - {"", _basic("", "")}


def _basic(username: str, password: str) -> str:
    return base64.b64encode(f"{username}:{password}".encode()).decode()


def _headers(ctx: Context, connection: HttpConnection, inputs: RequestInputs, body: Body) -> httpx2.Headers:
    """All headers; later ones win: ours, the body's, sign-in, the connection's, the request's."""
    headers = httpx2.Headers({"User-Agent": "OneCloud", "Accept": "*/*", **body.headers()})
    if inputs.method in _CHANGING and body.content is None:
        headers["Content-Length"] = "0"
    if sends_key(inputs):
        headers["Idempotency-Key"] = str(uuid.uuid5(_KEYS, ctx.idempotency_key))
    source = connection if inputs.auth == "connection" else inputs
    match source.auth:
        case "basic":
            headers["Authorization"] = f"Basic {_basic(source.username, source.password.get_secret_value())}"
        case "bearer":
            headers["Authorization"] = f"Bearer {source.token.get_secret_value()}"
        case "api_key":
            headers[connection.api_key_header] = connection.api_key.get_secret_value()
        case "none" | "connection":
            pass
    headers.update(connection.headers)
    headers.update(inputs.headers)
    for name, value in headers.items():
        # Found here, so that no library repeats a bad value, which may be a token with a stray line end.
        if not _NAME.fullmatch(name) or not _VALUE.fullmatch(value):
            message = f"The header {name!r} holds a line break or another character that no header may hold."
            raise CommandFailed(ERROR.code, message, retryable=False)
    return headers


def address(connection: HttpConnection, inputs: RequestInputs) -> httpx2.URL:
    """The whole address.

    Raises: CommandFailed (exit code 1) when it is none.
    """
    text = inputs.url
    if not text.lower().startswith(("http://", "https://")):
        if not connection.base_url:
            message = f"{inputs.url!r} is no whole address, and there is no connection with a base URL."
            raise CommandFailed(ERROR.code, message, retryable=False)
        text = f"{connection.base_url.rstrip('/')}/{text.lstrip('/')}" if text else connection.base_url
    try:
        url = httpx2.URL(text)
        return url.copy_merge_params(list(pairs(inputs.query))) if inputs.query else url
    except httpx2.InvalidURL as error:
        raise CommandFailed(ERROR.code, f"The address cannot be read: {error}.", retryable=False) from error


@asynccontextmanager
async def sending(ctx: Context, inputs: RequestInputs) -> AsyncGenerator[httpx2.Response]:
    """Send the request, follow its redirects, and give the answer with its body still to be read.

    Raises: CommandFailed, exit code 4 without an answer (also while the body is read), 1 for wrong inputs.
    """
    connection = connection_of(ctx)
    url = address(connection, inputs)
    body = await body_of(ctx, inputs)
    headers = _headers(ctx, connection, inputs, body)
    try:
        async with _Clients(ctx, connection, inputs) as clients:
            client = await clients.at(url)
            request = client.build_request(inputs.method, url, headers=headers, content=body.content)
            response = await _follow(ctx, clients, request, inputs)
            try:
                yield response
            finally:
                await response.aclose()
    # A TLS alert that comes after the handshake (such as: show a certificate) passes the client's own errors by.
    except (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError, ssl.SSLError) as error:
        raise unanswered(inputs.method, url, error, secrets_of(connection, inputs)) from error


class _Clients:
    """One client for plain HTTP and one for the rest, each made when it is needed: TLS takes time to prepare."""

    def __init__(self, ctx: Context, connection: HttpConnection, inputs: RequestInputs) -> None:
        self._ctx = ctx
        self._connection = connection
        self._verify = inputs.verify_tls and connection.verify_tls
        self._timeout = httpx2.Timeout(inputs.read_timeout_s, connect=inputs.connect_timeout_s)
        self._cookies = httpx2.Cookies()
        self._made: dict[bool, httpx2.AsyncClient] = {}
        self._open = AsyncExitStack()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._open.aclose()

    async def at(self, url: httpx2.URL) -> httpx2.AsyncClient:
        """The client for an address. Raises: CommandFailed (exit code 1) when a certificate cannot be read."""
        plain = url.scheme == "http" and not getproxies()  # a proxy may itself want TLS
        if plain not in self._made:
            if plain:
                context = no_trust()
            else:
                context = await self._ctx.in_thread(
                    tls_context, self._connection, verify=self._verify, folder=self._ctx.workdir
                )
                if not self._verify:
                    self._ctx.log("The server's certificate is not checked.")
            # This machine is never behind a proxy, whatever the environment says about proxies.
            # In a thread, because the first client of a process imports half of the library.
            client = await self._ctx.in_thread(
                httpx2.AsyncClient, verify=context, timeout=self._timeout, mounts=dict.fromkeys(_HERE)
            )
            client.cookies.jar = self._cookies.jar  # shared, so that a sign-in holds across redirects
            self._made[plain] = await self._open.enter_async_context(client)
        return self._made[plain]


async def _follow(ctx: Context, clients: _Clients, request: httpx2.Request, inputs: RequestInputs) -> httpx2.Response:
    for _ in range(inputs.max_redirects + 1):
        client = await clients.at(request.url)
        response = await client.send(request, stream=True)
        ctx.log(f"{request.method} {shown(request.url)} → {response.status_code}")
        if response.next_request is None or not inputs.follow_redirects:
            return response
        await response.aclose()
        request = _next(request, response.next_request)
    message = f"{inputs.method} {shown(request.url)}: more than {inputs.max_redirects} redirects in a row."
    raise CommandFailed(NO_ANSWER.code, message, retryable=False)


def _next(before: httpx2.Request, after: httpx2.Request) -> httpx2.Request:
    """The request that a redirect asks for, without secrets when it goes to another server."""
    if (before.url.scheme, before.url.host, before.url.port) != (after.url.scheme, after.url.host, after.url.port):
        for name in list(after.headers):
            if name not in _HARMLESS | {"host", "content-length", "transfer-encoding", "connection"}:
                del after.headers[name]
    return after
