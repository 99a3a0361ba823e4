"""What an environment offers its chains: the workspace's variables and files, the connections enabled in it."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.chains.check import Surroundings
from onecloud.chains.check.notifications import literal_recipients
from onecloud.chains.model import Definition
from onecloud.connections import actions as connections
from onecloud.notify import actions as notify
from onecloud.resources import store as resources
from onecloud.variables import store as variables
from onecloud.workspaces import actions as workspaces


async def surroundings_of(
    db: AsyncSession, environment_id: int, definition: Definition, chain_id: int | None
) -> Surroundings:
    """The names that a chain of this environment may use, and whom of those it names it cannot tell.

    A chain that is not stored yet has no id; then the right to the environment counts.
    """
    refusals = {
        email: why
        for email in sorted(literal_recipients(definition))
        if (why := await notify.refusal(db, email, environment_id, chain_id))
    }
    return Surroundings(
        refusals=refusals,
        variables=[key for key, _, _ in await variables.values_in(db, environment_id)],
        connections=await connections.connectors_by_name(db, environment_id),
        resources=await resources.names(db, (await workspaces.get_environment(db, environment_id)).workspace_id),
    )
