"""Who may do what with chains: the one place that every use case of this room asks.

`caller` None is the operator at the command line, who may do everything. Source: product facts 8.2.
"""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.access.permissions import missing
from onecloud.chains.model import Chain
from onecloud.kernel.errors import Forbidden, NotFound
from onecloud.kernel.permission import Level, Place
from onecloud.kernel.principal import Principal
from onecloud.workspaces.permits import permit_chain, permit_environment


async def to_read(db: AsyncSession, caller: Principal | None, chain: Chain) -> None:
    """Let those pass who may see the chain.

    Raises: NotFound, word for word as for a chain that is not there.
    """
    await permit_chain(db, caller, Level.READ, chain.environment_id, chain.id)


async def to_write(db: AsyncSession, caller: Principal | None, chain: Chain) -> None:
    """Let those pass who may change, publish, switch, rename, export or promote the chain.

    Raises: NotFound; Forbidden.
    """
    await permit_chain(db, caller, Level.WRITE, chain.environment_id, chain.id)


async def to_delete(db: AsyncSession, caller: Principal | None, chain: Chain) -> None:
    """Let those pass who may take the chain away: those who may make chains there.

    Raises: NotFound; Forbidden.
    """
    await permit_chain(db, caller, Level.CREATE, chain.environment_id, chain.id)


async def to_create(db: AsyncSession, caller: Principal | None, environment_id: int) -> None:
    """Let those pass who may make chains in the environment.

    Raises: NotFound; Forbidden.
    """
    await permit_environment(db, caller, Level.CREATE, environment_id)


async def to_put(db: AsyncSession, caller: Principal | None, environment_id: int, chain: Chain | None) -> None:
    """Let those pass who may make the chain of a name, or change the one that has the name.

    One that is hidden from the caller stays hidden. Raises: NotFound; Forbidden.
    """
    if chain is None:
        await to_create(db, caller, environment_id)
    else:
        hidden = missing(Place(0, environment_id))
        await permit_chain(db, caller, Level.WRITE, environment_id, chain.id, hidden=hidden)


async def may_read(db: AsyncSession, caller: Principal | None, chain: Chain) -> bool:
    """Whether the caller may see the chain."""
    try:
        await to_read(db, caller, chain)
    except NotFound:
        return False
    return True


async def may_write(db: AsyncSession, caller: Principal | None, chain: Chain) -> bool:
    """Whether the caller may change the chain."""
    try:
        await to_write(db, caller, chain)
    except (NotFound, Forbidden):
        return False
    return True


def not_found(chain_id: int) -> NotFound:
    """The one sentence for a chain that is not there."""
    return NotFound("chain.not_found", f"There is no chain {chain_id}.")


def who(caller: Principal | None) -> int | None:
    """The person to remember for a change; None for the command line."""
    return caller.user_id if caller is not None and caller.user_id > 0 else None


def version_not_found(chain: Chain, number: int) -> NotFound:
    """The one sentence for a version that a chain does not have."""
    return NotFound("chain.version_not_found", f"The chain `{chain.name}` has no version {number}.")
