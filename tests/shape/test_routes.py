"""What holds for every route of the application."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts

from onecloud.access.guard import guards_of, requires_admin, requires_api_access, requires_session, unguarded
from onecloud.api.app import create_app
from onecloud.infra.crypto import Keyring
from onecloud.infra.db import Database, async_url
from onecloud.infra.http import Ground, open_session
from onecloud.infra.settings import Settings
from tests.people import operations as table
from tests.shape.tree import text

SAFE = {"GET", "HEAD"}


@pytest.fixture
def app(tmp_path: Path) -> FastAPI:
    """The application over a database that is never opened: only its routes are looked at."""
    settings = Settings(data=tmp_path)
    return create_app(Ground(settings, Database(async_url("", tmp_path)), Keyring((b"\x01" * 32,))))


def dependencies(dependant: Dependant | None) -> Iterator[object]:
    """Everything that a route depends on, at any depth."""
    for inner in dependant.dependencies if dependant else ():
        yield inner.call
        yield from dependencies(inner)


def test_every_route_says_who_may_call_it(app: FastAPI) -> None:
    assert unguarded(app.routes) == []


def test_every_route_is_in_the_table_of_permissions_and_says_the_same_of_itself(app: FastAPI) -> None:
    found = {f"{','.join(sorted(r.methods or {'MOUNT'}))} {r.path}": r for r in iter_route_contexts(app.routes)}
    assert len(found) > 80, "the check has lost what it looks for"
    assert not sorted(set(found) - table.EVERY), "say in tests/people/operations.py who may call these"
    assert not sorted(table.EVERY - set(found)), "the table names what is no longer there"
    sets = (
        table.PUBLIC,
        table.EVERYBODY,
        table.SESSION,
        table.API_USERS,
        table.ADMINS,
        table.LISTS,
        table.ASKED,
    )
    assert sum(map(len, (*sets, table.NEEDS))) == len(table.EVERY), "an operation stands in two sets"
    guarded = {name: set(guards_of(getattr(route, "dependant", None))) for name, route in found.items()}
    assert {name for name, guards in guarded.items() if requires_admin in guards} == table.ADMINS
    assert {name for name, guards in guarded.items() if requires_session in guards} == table.SESSION
    assert {name for name, guards in guarded.items() if requires_api_access in guards} == table.API_USERS
    assert {name for name, guards in guarded.items() if not guards} == table.PUBLIC


def test_reading_routes_never_take_the_writing_session(app: FastAPI) -> None:
    routes = list(iter_route_contexts(app.routes))
    assert len(routes) > 40, "the check has lost what it looks for"
    writing = [
        route.path
        for route in routes
        if set(route.methods or ()) <= SAFE and open_session in set(dependencies(getattr(route, "dependant", None)))
    ]
    assert not writing, f"GET never changes anything, and never waits for a writer: take Reading: {writing}"


def test_no_two_operations_share_a_name(app: FastAPI) -> None:
    names = [
        operation["operationId"]
        for path in app.openapi()["paths"].values()
        for operation in path.values()
        if "operationId" in operation
    ]
    assert len(names) > 40, "the check has lost what it looks for"
    assert len(names) == len(set(names))


def test_no_two_shapes_share_a_name(app: FastAPI) -> None:
    schemas = app.openapi()["components"]["schemas"]
    assert len(schemas) > 40, "the check has lost what it looks for"
    shared = [name for name in schemas if "__" in name]
    assert not shared, f"the client would get the modules' names: call one of each differently: {shared}"


def test_the_committed_openapi_document_is_up_to_date(app: FastAPI) -> None:
    assert json.loads(text("web/openapi.json")) == json.loads(json.dumps(app.openapi())), "run `make gen`"


def test_the_walk_sees_routes_at_all(app: FastAPI) -> None:
    assert any(isinstance(route, APIRoute) or hasattr(route, "original_router") for route in app.routes)
