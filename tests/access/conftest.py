"""The room's routes in a small application, with the caller found as the real frame finds it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

import httpx2
import pytest
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from onecloud.access import actions, rules
from onecloud.access.model import SignedIn, User, Visitor
from onecloud.access.routes import SESSION_COOKIE, router
from onecloud.infra.http import Ground
from onecloud.kernel.errors import (
    Conflict,
    Forbidden,
    Invalid,
    Limited,
    Malformed,
    NotFound,
    OneCloudError,
    Unauthenticated,
    Unavailable,
)
from onecloud.kernel.secret import Secret

PASSWORD = "correct-horse-1"
WRONG = "wrong-horse-22"
EMAIL = "ada@example.com"
VISITOR = Visitor("192.0.2.7", "tests")

STATUS: dict[type[OneCloudError], int] = {
    Malformed: 400,
    Unauthenticated: 401,
    Forbidden: 403,
    NotFound: 404,
    Conflict: 409,
    Invalid: 422,
    Limited: 429,
    Unavailable: 503,
}
SAFE = ("GET", "HEAD", "OPTIONS")
DOORS = rules.DOORS


def refusal(error: OneCloudError) -> JSONResponse:
    problems = [{"where": p.where, "message": p.message, "mend": p.mend} for p in error.problems]
    return JSONResponse({"code": error.code, "detail": error.message, "problems": problems}, STATUS[type(error)])


class FindCaller:
    """Puts the session's principal on the request, and checks the CSRF token of unsafe requests."""

    def __init__(self, app: ASGIApp, ground: Ground) -> None:
        self._app, self._ground = app, ground
        self._idle = actions.idle_time(ground.settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            request = Request(scope)
            cookie = request.cookies.get(SESSION_COOKIE)
            async with self._ground.database.reading() as db:
                found = await actions.session_principal(db, self._ground.keys, cookie, self._idle)
            if found is not None:
                door = request.method == "POST" and request.url.path in DOORS
                if request.method not in SAFE and not door:
                    try:
                        rules.check_csrf(found.csrf_token, request.headers.get("x-csrf-token"))
                    except Forbidden as error:
                        return await refusal(error)(scope, receive, send)
                request.state.principal = found.principal
        return await self._app(scope, receive, send)


def small_app(ground: Ground) -> FastAPI:
    app = FastAPI(generate_unique_id_function=lambda route: route.name)
    app.state.ground = ground
    app.include_router(router)
    app.add_middleware(FindCaller, ground=ground)

    async def expected(_request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, OneCloudError)
        return refusal(error)

    app.add_exception_handler(OneCloudError, expected)
    return app


Browser = Callable[[], httpx2.AsyncClient]


@pytest.fixture
async def browser(ground: Ground) -> AsyncIterator[Browser]:
    """Makes browsers: each a client with cookies of its own."""
    app = small_app(ground)
    clients: list[httpx2.AsyncClient] = []

    def make() -> httpx2.AsyncClient:
        transport = httpx2.ASGITransport(app=app, client=("192.0.2.7", 5000))
        clients.append(
            httpx2.AsyncClient(transport=transport, base_url="http://cloud.test", headers={"user-agent": "tests"})
        )
        return clients[-1]

    yield make
    for client in clients:
        await client.aclose()


@pytest.fixture
async def ada(ground: Ground) -> User:
    """An administrator, Ada."""
    return await admin(ground, EMAIL)


async def admin(ground: Ground, email: str) -> User:
    """Create another administrator with the usual password."""
    async with ground.database.transaction() as db:
        return await actions.create_admin(db, email, PASSWORD, "Ada", "Lovelace")


async def enter(ground: Ground, email: str = EMAIL, password: str = PASSWORD) -> SignedIn:
    """Sign in by action."""
    return await actions.sign_in(ground, email, Secret(password), VISITOR)


@dataclass(frozen=True)
class Page:
    """A browser that is signed in, and the CSRF header its pages send."""

    client: httpx2.AsyncClient
    csrf: dict[str, str]


async def signed_in(client: httpx2.AsyncClient, email: str = EMAIL, password: str = PASSWORD) -> Page:
    """Sign a browser in."""
    answer = await client.post("/api/v2/session", json={"email": email, "password": password})
    assert answer.status_code == 201, answer.text
    return Page(client, {"X-CSRF-Token": answer.json()["csrf_token"]})
