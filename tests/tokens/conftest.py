"""The token service in a small application: real routes, real databases, a person signed in by header."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest
from fastapi import Depends, FastAPI, Request
from fastapi.responses import JSONResponse, Response
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.access import actions as access
from onecloud.access.actions.accounts import add_admin
from onecloud.access.model import Profile, User
from onecloud.infra.http import Ground, Reading
from onecloud.infra.settings import Settings
from onecloud.kernel.errors import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    OneCloudError,
    Unauthenticated,
)
from onecloud.kernel.principal import Principal
from onecloud.kernel.secret import Secret
from onecloud.tokens import actions, rules
from onecloud.tokens.limits import OAuthLimits
from onecloud.tokens.model import Issued, NewPair
from onecloud.tokens.policy import policy_of
from onecloud.tokens.routes import router
from onecloud.tokens.rules import TokenPolicy
from onecloud.tokens.tables import AccessTokenRow, FamilyRow, RefreshTokenRow

STATUS: dict[type[OneCloudError], int] = {
    Unauthenticated: 401,
    Forbidden: 403,
    NotFound: 404,
    Conflict: 409,
    Invalid: 422,
}
WORKSPACES = "/api/v1/metadata/workspace"


def small_app(ground: Ground) -> FastAPI:
    """Our routers, the error table, one guarded route, and `X-User` in the place of a session."""

    async def find_caller(request: Request) -> None:
        user_id = request.headers.get("x-user")
        if user_id:
            async with ground.database.reading() as db:
                request.state.principal = await access.principal_of(db, int(user_id), "session")

    async def expected(_request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, OneCloudError)
        return JSONResponse({"code": error.code, "detail": error.message}, STATUS[type(error)])

    app = FastAPI(generate_unique_id_function=lambda route: route.name, dependencies=[Depends(find_caller)])
    app.state.ground = ground
    app.state.oauth_limits = OAuthLimits()
    app.include_router(router)
    app.add_exception_handler(OneCloudError, expected)

    @app.get(WORKSPACES)
    async def workspaces(request: Request, db: Reading) -> Response:
        token = rules.bearer_token(request.headers.getlist("authorization"), list(request.query_params.keys()))
        if not isinstance(token, str):
            status = token.status if token else 401
            return JSONResponse({}, status, {"WWW-Authenticate": rules.bearer_challenge(token)})
        try:
            found = await actions.authenticate(db, ground.keys, token)
        except Unauthenticated as error:
            challenge = rules.bearer_challenge(rules.invalid_token(error))
            return JSONResponse({"code": error.code}, 401, {"WWW-Authenticate": challenge})
        return JSONResponse({"email": found.principal.email, "token_id": found.token_id})

    return app


async def add_person(db: AsyncSession, email: str) -> User:
    """An administrator with a ready hash: making one is slow on purpose, and no test here signs in by password."""
    return await add_admin(db, Profile(email, Secret(""), "Ada", "Lovelace"), "no hash", None)


@dataclass(frozen=True)
class House:
    """A running token service and what a test does with it."""

    ground: Ground
    app: FastAPI
    http: httpx2.AsyncClient

    def with_settings(self, **changes: Any) -> None:
        """Change the operator's settings from now on."""
        settings = Settings(**{**self.ground.settings.model_dump(), **changes})
        self.app.state.ground = replace(self.ground, settings=settings)

    async def person(self, email: str = "ada@example.com") -> User:
        async with self.ground.database.transaction() as db:
            return await add_person(db, email)

    @property
    def policy(self) -> TokenPolicy:
        return policy_of(self.app.state.ground.settings)

    async def principal(self, user: User) -> Principal:
        async with self.ground.database.reading() as db:
            caller = await access.principal_of(db, user.id, "session")
        assert caller is not None
        return caller

    def issued(self, client_id: str, access_token: str, refresh_token: str) -> Issued:
        """Tokens that came over HTTP, as the tests pass them on."""
        now = datetime.now(UTC)
        return Issued(client_id, NewPair(Secret(access_token), Secret(refresh_token), now), now)

    async def enable(self, user: User, days: int | None = None) -> Issued:
        caller = await self.principal(user)
        async with self.ground.database.transaction() as db:
            return await actions.enable(db, self.ground.keys, self.policy, caller, days)

    async def access(self, email: str = "ada@example.com", days: int | None = None) -> Issued:
        """A new person's fresh API access."""
        return await self.enable(await self.person(email), days)

    def form(self, issued: Issued | dict[str, str], **changes: str | None) -> dict[str, str]:
        """The body that refreshes with these tokens."""
        if isinstance(issued, Issued):
            issued = {"client_id": issued.client_id, "refresh_token": issued.pair.refresh.reveal()}
        body: dict[str, str | None] = {"grant_type": "refresh_token", **issued, **changes}
        return {name: value for name, value in body.items() if value is not None}

    async def refresh(
        self, issued: Issued | dict[str, str], *, key: str = "", headers: dict[str, str] | None = None
    ) -> httpx2.Response:
        sent = {**({"Idempotency-Key": key} if key else {}), **(headers or {})}
        return await self.http.post("/oauth/token", data=self.form(issued), headers=sent)

    async def call(self, token: str) -> httpx2.Response:
        """Use an access token."""
        return await self.http.get(WORKSPACES, headers={"Authorization": f"Bearer {token}"})

    async def page(self, user: User) -> dict[str, Any]:
        answer = await self.http.get("/api/v2/api-access", headers={"X-User": str(user.id)})
        assert answer.status_code == 200
        return answer.json()

    async def age(self, ago: timedelta) -> None:
        """Let this much time pass: every stored moment moves into the past."""
        async with self.ground.database.transaction() as db:
            await _age(db, ago)


async def _age(db: AsyncSession, ago: timedelta) -> None:
    for table, columns in (
        (FamilyRow, ("created_at", "refreshed_at", "idle_expires_at", "expires_at", "revoked_at")),
        (AccessTokenRow, ("created_at", "expires_at", "revoked_at", "last_used_at")),
        (RefreshTokenRow, ("created_at", "spent_at")),
    ):
        for row in (await db.execute(select(table))).scalars().all():
            moved = {name: getattr(row, name) - ago for name in columns if getattr(row, name) is not None}
            await db.execute(update(table).where(table.id == row.id).values(moved))


@pytest.fixture
async def house(ground: Ground) -> AsyncIterator[House]:
    """The token service on each database."""
    app = small_app(ground)
    transport = httpx2.ASGITransport(app=app, client=("192.0.2.7", 4321))
    async with httpx2.AsyncClient(transport=transport, base_url="http://one.test") as http:
        yield House(ground, app, http)
