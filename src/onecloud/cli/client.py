"""A small client of the HTTP API: bearer token from the environment, errors as sentences, patience with limits."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from types import TracebackType
from typing import Final, Self

import httpx2

from onecloud import __version__
from onecloud.kernel.errors import (
    Conflict,
    Forbidden,
    Limited,
    NotFound,
    OneCloudError,
    TooLarge,
    Unauthenticated,
    Unavailable,
)
from onecloud.kernel.jsonvalue import Json, JsonObject, as_object, parse

TOKEN_VARIABLE: Final = "ONECLOUD_ACCESS_TOKEN"  # noqa: S105 - the name of a variable
SERVER_VARIABLE: Final = "ONECLOUD_SERVER"
DEFAULT_SERVER: Final = "http://127.0.0.1:8000"
# How long a read is repeated while the server cannot be reached, such as over its restart.
PATIENCE: Final = timedelta(seconds=60)

KINDS: Final[Mapping[int, type[OneCloudError]]] = {
    401: Unauthenticated,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    413: TooLarge,
    429: Limited,
    503: Unavailable,
}


class ApiClient:
    """Reads and writes API v1 of one server with one access token."""

    def __init__(
        self,
        server: str,
        token: str,
        *,
        transport: httpx2.BaseTransport | None = None,
        wait: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`server` is the address that people use, with or without `/api`; `wait` and `clock` count seconds."""
        address = server.rstrip("/").removesuffix("/api")
        headers = {"Authorization": f"Bearer {token}", "User-Agent": f"onecloud-cli/{__version__}"}
        self._http = httpx2.Client(base_url=f"{address}/api", headers=headers, timeout=30, transport=transport)
        self._address, self._wait, self._clock = address, wait, clock

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._http.close()

    def get(self, path: str, *, patient: bool = False) -> Json:
        """The `data` of an answer. A request over the limit is repeated when its time has come.

        `patient` also repeats while the server is away, such as over its restart; each for a minute at most.
        Raises: Unauthenticated, Forbidden, NotFound, Limited, Unavailable.
        """
        until = self._clock() + PATIENCE.total_seconds()
        pause = 0.5
        while True:
            try:
                return self._send("GET", path)
            except (Limited, Unavailable) as error:
                pause = max(pause, error.retry_after.total_seconds())
                again = patient or isinstance(error, Limited)
                if not again or self._clock() + pause > until:
                    raise
                self._wait(pause)
                pause = min(pause * 2, 5)

    def post(self, path: str, body: JsonObject) -> Json:
        """The `data` of an answer; sent once, because a start must not happen twice.

        Raises: as `get`, and Conflict or another error when the server refuses.
        """
        return self._send("POST", path, body)

    def pause(self, seconds: float) -> None:
        """Wait between two looks at the same thing."""
        self._wait(seconds)

    def _send(self, method: str, path: str, body: JsonObject | None = None) -> Json:
        try:
            answer = self._http.request(method, path, json=body)
        except httpx2.HTTPError as error:
            why = str(error) or type(error).__name__
            message = f"The server at {self._address} cannot be reached: {why}."
            raise Unavailable("server.unreachable", message, retry_after=timedelta(0)) from error
        if answer.is_success:
            try:
                return as_object(parse(answer.content)).get("data")
            except ValueError:
                message = f"{self._address} does not answer as a OneCloud server does; check the address."
                raise Conflict("server.unknown", message) from None
        raise refusal(answer, self._address)


def refusal(answer: httpx2.Response, address: str) -> OneCloudError:
    """The error that an answer of API v1 tells of."""
    try:
        body = as_object(parse(answer.content))
    except ValueError:
        body = {}
    code, said = str(body.get("error") or "server.refused"), str(body.get("error_description") or "")
    message = said or f"{address} answered {answer.status_code} {answer.reason_phrase}."
    kind = KINDS.get(answer.status_code, Conflict)
    if answer.status_code == 401:
        message = f"{message} Put a live access token into {TOKEN_VARIABLE}."
    if issubclass(kind, Limited | Unavailable):
        after = answer.headers.get("Retry-After", "")
        return kind(code, message, retry_after=timedelta(seconds=int(after) if after.isdigit() else 1))
    return kind(code, message)


def open_client(server: str | None) -> ApiClient:
    """A client with the token of the environment.

    Raises: Unauthenticated when the variable is not set.
    """
    token = os.environ.get(TOKEN_VARIABLE, "").strip()
    if not token:
        message = f"Put an access token into the environment variable {TOKEN_VARIABLE} (Admin → API makes one)."
        raise Unauthenticated("token.missing", message)
    return ApiClient(server or os.environ.get(SERVER_VARIABLE) or DEFAULT_SERVER, token)
