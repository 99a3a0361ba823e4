"""Where an object is, and whether the caller may do something with it: the question that every action asks first.

Administrators cost nothing here: for them the object's workspace is not even looked up.
"""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.access.permissions import is_free, missing, require
from onecloud.kernel.errors import NotFound
from onecloud.kernel.permission import Level, Place
from onecloud.kernel.principal import Principal
from onecloud.workspaces import store


def permit_workspace(
    caller: Principal | None, needed: Level, workspace_id: int, *, hidden: NotFound | None = None
) -> None:
    """Let the caller pass who has the level on the workspace.

    Raises: NotFound when they may not read it; Forbidden `permission.needed`.
    """
    require(caller, needed, Place(workspace_id), hidden=hidden)


async def permit_environment(
    db: AsyncSession, caller: Principal | None, needed: Level, environment_id: int, *, hidden: NotFound | None = None
) -> None:
    """Let the caller pass who has the level on the environment; whether there is one is asked for non-administrators.

    Raises: NotFound when they may not read it; Forbidden `permission.needed`.
    """
    if not is_free(caller):
        require(caller, needed, await place_of(db, environment_id, hidden=hidden), hidden=hidden)


async def permit_chain(
    db: AsyncSession,
    caller: Principal | None,
    needed: Level,
    environment_id: int,
    chain_id: int,
    *,
    hidden: NotFound | None = None,
) -> None:
    """Let the caller pass who has the level on a chain that is in the environment.

    `hidden` is the error for what is asked of the chain, such as a run, when it must not be known.

    Raises: NotFound when they may not read the chain; Forbidden `permission.needed`.
    """
    if not is_free(caller):
        require(caller, needed, await place_of(db, environment_id, chain_id, hidden=hidden), hidden=hidden)


async def place_of(
    db: AsyncSession, environment_id: int, chain_id: int | None = None, *, hidden: NotFound | None = None
) -> Place:
    """An environment, or a chain in it, with its parents.

    Raises: NotFound without such an environment.
    """
    workspace_id = await store.workspace_of(db, environment_id)
    if workspace_id is None:
        raise hidden or missing(Place(0, environment_id))
    return Place(workspace_id, environment_id, chain_id)
