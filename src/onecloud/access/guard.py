"""Who may call a route, visible in its signature; and the walk that finds a route that does not say.

A route either takes one of the guards below (or a bare `Caller`, which asks for live credentials only) or is marked
`public`. `unguarded(app.routes)` names every other one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Annotated, Final, TypeVar

from fastapi import Depends, Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts
from starlette.routing import BaseRoute

from onecloud.access import rules
from onecloud.infra.http import Caller, caller_of, ground_of
from onecloud.kernel.errors import Forbidden
from onecloud.kernel.principal import Principal

AnyCallable = TypeVar("AnyCallable", bound=Callable[..., object])
_PUBLIC: Final = "__onecloud_public__"


def public(endpoint: AnyCallable) -> AnyCallable:
    """Mark a route that everybody may call, also without credentials."""
    setattr(endpoint, _PUBLIC, True)
    return endpoint


async def requires_admin(caller: Caller) -> Principal:
    """The caller, who has the administrator right; as a dependency (`Admin`).

    Raises: Unauthenticated; Forbidden `admin.required`.
    """
    if not caller.is_admin:
        raise Forbidden("admin.required", "This needs the administrator right; ask an administrator for it.")
    return caller


async def requires_api_access(caller: Caller) -> Principal:
    """The caller, who may hold API tokens: an administrator, or a member of a group that is open to it (`ApiUser`).

    Raises: Unauthenticated; Forbidden `api_access.not_allowed`.
    """
    if not (caller.is_admin or caller.may_use_api):
        raise rules.not_for_the_api()
    return caller


async def requires_session(caller: Caller) -> Principal:
    """The caller, who signed in with a browser: what is about the session itself means nothing to a token.

    Raises: Unauthenticated; Forbidden `session.required`.
    """
    if caller.via != "session":
        raise Forbidden("session.required", "This is about a signed-in session; a token has none.")
    return caller


Admin = Annotated[Principal, Depends(requires_admin)]
ApiUser = Annotated[Principal, Depends(requires_api_access)]
SignedIn = Annotated[Principal, Depends(requires_session)]


async def requires_own_page(request: Request) -> None:
    """Refuse a public POST that a page of another site makes the browser send.

    Raises: Forbidden `cross_site.refused`.
    """
    headers, public_url = request.headers, ground_of(request).settings.public_url
    rules.check_same_site(
        headers.get("sec-fetch-site"), headers.get("origin"), rules.own_hosts(headers.get("host", ""), public_url)
    )


GUARDS: Final[frozenset[Callable[..., object]]] = frozenset(
    {caller_of, requires_admin, requires_api_access, requires_session}
)


def guards_of(dependant: Dependant | None) -> Iterator[Callable[..., object]]:
    """Every guard among a route's dependencies, at any depth."""
    for inner in dependant.dependencies if dependant else ():
        if inner.call is not None and inner.call in GUARDS:
            yield inner.call
        yield from guards_of(inner)


def unguarded(routes: Sequence[BaseRoute]) -> list[str]:
    """`METHODS path` of each route that has neither a guard nor the `public` mark.

    Routers included in the application are walked too (they stay nested in FastAPI's list of routes). A mounted
    application cannot be looked into and is named as `MOUNT path`: whoever mounts one lists it in the test.

    Raises: LookupError when there is nothing to walk: a check that passes on nothing is worse than none.
    """
    found = list(iter_route_contexts(routes))
    if not found:
        raise LookupError("there is no route to walk")
    return [
        f"{','.join(sorted(route.methods or {'MOUNT'}))} {route.path}"
        for route in found
        if not getattr(route.endpoint, _PUBLIC, False) and not any(guards_of(getattr(route, "dependant", None)))
    ]
