"""What surrounds every request: its id, its log line, its caller, and headers that every answer has.

Plain ASGI, since this runs for each of many hundred requests a second.
"""

from __future__ import annotations

import random
import time
from typing import Any, Final

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from onecloud.access import actions as access
from onecloud.access import rules as access_rules
from onecloud.access.routes import SESSION_COOKIE
from onecloud.api.errors import answer, error_answer
from onecloud.infra.http import Ground
from onecloud.kernel.errors import OneCloudError, Unauthenticated
from onecloud.tokens import actions as tokens
from onecloud.tokens.last_used import LastUsed
from onecloud.tokens.limits import Allowance, ApiLimits
from onecloud.tokens.model import BearerProblem
from onecloud.tokens.rules import bearer_challenge, bearer_token, invalid_token

log = structlog.get_logger()

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
HOOKS: Final = "/hooks/"  # what follows is a secret
LINKS: Final = "/api/v2/approval-links/"
SESSION_PATHS: Final = "/api/v2/"
BEARER_PATHS: Final = "/api/"  # the token service knows its callers by itself, and answers in its own form

CSP: Final = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; font-src 'self'; worker-src 'self' blob:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)


class Frame:
    """The outermost layer of the application."""

    def __init__(self, app: ASGIApp, ground: Ground, last_used: LastUsed) -> None:
        self._app = app
        self._ground = ground
        self._last_used = last_used
        self._idle = access.idle_time(ground.settings)
        self._limits = ApiLimits(ground.settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request from its first byte to its log line."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        request_id = f"{random.getrandbits(128):032x}"
        scope.setdefault("state", {})["request_id"] = request_id
        status = 500

        async def send_framed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Request-Id"] = request_id
                allowance: Allowance | None = scope["state"].get("allowance")
                if allowance is not None:
                    headers.update(allowance.headers())
                headers.setdefault("X-Content-Type-Options", "nosniff")
                headers.setdefault("Referrer-Policy", "no-referrer")
                headers.setdefault("Content-Security-Policy", CSP)
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                refusal = await self._identify(scope)
                if refusal is not None:
                    await refusal(scope, receive, send_framed)
                else:
                    await self._app(scope, receive, send_framed)
            finally:
                principal = scope["state"].get("principal")
                log.info(
                    "request",
                    method=scope["method"],
                    path=logged_path(scope["path"]),  # never the query: it may hold what does not belong in a log
                    status=status,
                    ms=round((time.perf_counter() - began) * 1000, 1),
                    user=None if principal is None else principal.user_id,
                )

    async def _identify(self, scope: Scope) -> JSONResponse | None:
        """Put the caller on the request; gives the refusal when credentials came and are not good."""
        path: str = scope["path"]
        if not path.startswith(BEARER_PATHS):
            return None
        request_id: str = scope["state"]["request_id"]
        headers = Headers(scope=scope)
        request = Request(scope)
        try:
            came = bearer_token(headers.getlist("authorization"), list(request.query_params))
            if isinstance(came, BearerProblem):
                return bearer_refusal(path, came, request_id)
            if came is not None:
                return await self._by_token(scope, came, headers)
            if path.startswith(SESSION_PATHS):
                await self._by_session(scope, request)
        except OneCloudError as error:
            return error_answer(path, error, request_id)
        return None

    async def _by_token(self, scope: Scope, text: str, headers: Headers) -> JSONResponse | None:
        try:
            async with self._ground.database.reading() as db:
                found = await tokens.authenticate(db, self._ground.keys, text)
        except Unauthenticated as error:
            return bearer_refusal(scope["path"], invalid_token(error), scope["state"]["request_id"])
        client: Any = scope.get("client")
        self._last_used.note(found.token_id, found.at, client[0] if client else "", headers.get("user-agent", ""))
        scope["state"]["principal"] = found.principal
        allowance = scope["state"]["allowance"] = self._limits.take(found.principal.user_id)
        if allowance.allowed:
            return None
        return answer(
            scope["path"],
            allowance.status,
            "rate_limit.exceeded",
            f"Rate limit exceeded. Try again in {allowance.retry_after_s} s.",
            scope["state"]["request_id"],
        )

    async def _by_session(self, scope: Scope, request: Request) -> None:
        """The session's caller, if there is a live one. Unsafe methods must carry its CSRF token."""
        cookie = request.cookies.get(SESSION_COOKIE)
        if not cookie:
            return
        async with self._ground.database.reading() as db:
            found = await access.session_principal(db, self._ground.keys, cookie, self._idle)
        if found is None:
            return
        scope["state"]["principal"] = found.principal
        if scope["method"] not in SAFE_METHODS and not is_door(scope["path"], scope["method"]):
            access_rules.check_csrf(found.csrf_token, request.headers.get("x-csrf-token"))
        if found.touch_due:
            async with self._ground.database.transaction() as db:
                await access.touch_session(db, found, self._idle)


def logged_path(path: str) -> str:
    """A path as it may stand in the log: without the secret address of a webhook."""
    return f"{HOOKS}…" if path.startswith(HOOKS) else path


def is_door(path: str, method: str) -> bool:
    """Whether this is one of the public POSTs, which are checked by where they come from and not by a session."""
    return method == "POST" and (path in access_rules.DOORS or path.startswith(LINKS))


def bearer_refusal(path: str, problem: BearerProblem, request_id: str) -> JSONResponse:
    """The answer to a request whose bearer credentials are not good."""
    headers = {"WWW-Authenticate": bearer_challenge(problem)}
    return answer(path, problem.status, problem.error, problem.description, request_id, headers=headers)
