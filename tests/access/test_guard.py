"""The walk over all routes finds what nobody guards, and nothing else."""

from __future__ import annotations

from typing import Annotated

import pytest
from fastapi import APIRouter, Depends, FastAPI
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response

from onecloud.access.guard import Admin, SignedIn, public, requires_admin, requires_session, unguarded
from onecloud.infra.http import Caller
from onecloud.kernel.errors import Forbidden
from onecloud.kernel.principal import Principal

TOKEN = Principal(1, "a@b", "A", is_admin=False, via="token")


async def asks_inside(caller: Caller) -> Principal:
    return await requires_admin(caller)


async def by_admin(caller: Admin) -> None: ...
async def by_session(caller: SignedIn) -> None: ...
async def by_caller(caller: Caller) -> None: ...
async def deep(caller: Annotated[Principal, Depends(asks_inside)]) -> None: ...
async def bare() -> None: ...
async def plain(_request: Request) -> Response:
    return Response()


@public
async def everybody() -> None: ...


def app_with(router: APIRouter) -> FastAPI:
    app = FastAPI(openapi_url=None)
    outer = APIRouter(prefix="/outer")
    outer.include_router(router)
    app.include_router(outer)
    return app


def test_guards_of_every_form_are_found_in_nested_routers() -> None:
    router = APIRouter()
    for number, endpoint in enumerate((by_admin, by_session, by_caller, deep, everybody)):
        router.add_api_route(f"/{number}", endpoint)
    router.add_api_route("/by-route", bare, dependencies=[Depends(requires_admin)])
    assert unguarded(app_with(router).routes) == []


def test_guards_given_to_the_including_router_count() -> None:
    router, app = APIRouter(), FastAPI(openapi_url=None)
    router.add_api_route("/x", bare)
    app.include_router(router, dependencies=[Depends(requires_session)])
    assert unguarded(app.routes) == []


def test_a_bare_route_is_named_wherever_it_hides() -> None:
    router = APIRouter()
    router.add_api_route("/bare", bare, methods=["GET", "POST"])
    app = app_with(router)
    app.add_route("/plain", plain)
    app.mount("/files", Starlette())
    assert sorted(unguarded(app.routes)) == ["GET,HEAD /plain", "GET,POST /outer/bare", "MOUNT /files"]


def test_a_walk_over_nothing_is_no_success() -> None:
    with pytest.raises(LookupError):
        unguarded([])
    with pytest.raises(LookupError):
        unguarded(app_with(APIRouter()).routes)


async def test_a_token_is_no_session_and_a_person_no_administrator() -> None:
    with pytest.raises(Forbidden, match="administrator"):
        await requires_admin(TOKEN)
    with pytest.raises(Forbidden, match="session"):
        await requires_session(TOKEN)
