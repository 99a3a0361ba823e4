"""What every route needs from its request: the session, the caller, and nothing that decides.

The caller is found by `api/authenticate.py` and put on the request; the two session kinds are the only ones.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated, Any, cast

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.infra.blobs import Blobs
from onecloud.infra.crypto import Keyring
from onecloud.infra.db import Database
from onecloud.infra.settings import Settings
from onecloud.kernel.errors import Unauthenticated
from onecloud.kernel.principal import Principal


@dataclass(frozen=True, slots=True)
class Ground:
    """The ground floor's parts of one process, made once at start."""

    settings: Settings
    database: Database
    keys: Keyring


def ground_of(request: Request) -> Ground:
    """The ground of the application that serves this request."""
    return cast(Ground, request.app.state.ground)


async def open_session(request: Request) -> AsyncIterator[AsyncSession]:
    """A writing session: one request, one transaction, committed before the answer leaves."""
    async with ground_of(request).database.transaction() as session:
        yield session


async def open_reading(request: Request) -> AsyncIterator[AsyncSession]:
    """A reading session for GET routes."""
    async with ground_of(request).database.reading() as session:
        yield session


async def open_snapshot(request: Request) -> AsyncIterator[AsyncSession]:
    """A session for GET routes whose parts must fit together."""
    async with ground_of(request).database.snapshot() as session:
        yield session


# Dependencies are async although they do not wait: FastAPI runs plain ones in a thread, which costs more than they do.
async def ground_part(request: Request) -> Ground:
    """The ground as a dependency."""
    return ground_of(request)


async def blobs_part(request: Request) -> Blobs:
    """The file store as a dependency."""
    return cast(Blobs, request.app.state.blobs)


async def caller_of(request: Request) -> Principal:
    """Who is calling.

    Raises: Unauthenticated when the request carried no live credentials.
    """
    principal: Any = getattr(request.state, "principal", None)
    if not isinstance(principal, Principal):
        raise Unauthenticated("session.missing", "Sign in first: this request carries no live session or token.")
    return principal


# scope="function" makes the commit happen before the answer: with the default life time a failed
# commit would still answer 200.
Session = Annotated[AsyncSession, Depends(open_session, scope="function")]
Reading = Annotated[AsyncSession, Depends(open_reading, scope="function")]
Snapshot = Annotated[AsyncSession, Depends(open_snapshot, scope="function")]
Caller = Annotated[Principal, Depends(caller_of)]
GroundPart = Annotated[Ground, Depends(ground_part)]
BlobsPart = Annotated[Blobs, Depends(blobs_part)]
