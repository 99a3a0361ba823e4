"""API v2: one chain with its published graph. Lists come with `runs/`, which knows the last run."""

from __future__ import annotations

from fastapi import APIRouter

from onecloud.access.permissions import permitted, require
from onecloud.chains import actions
from onecloud.chains.catalog import catalog
from onecloud.chains.shapes import ChainOut, chain_out
from onecloud.infra.http import Caller, Reading
from onecloud.kernel.errors import NotFound
from onecloud.kernel.permission import Level
from onecloud.workspaces import rules as places
from onecloud.workspaces.permits import place_of

router = APIRouter(tags=["chains"])


@router.get("/api/v2/chains/{chain_id}")
async def get_chain(db: Reading, caller: Caller, chain_id: str) -> ChainOut:
    """One chain with its published graph and runtime inputs."""
    row = places.row_id(chain_id)
    if row is None:
        raise NotFound("chain.not_found", f"There is no chain {chain_id}.")
    chain, version = await actions.with_published(db, row)
    place = await place_of(db, chain.environment_id, chain.id)
    require(caller, Level.READ, place)
    return chain_out(chain, version, catalog(), permitted(caller, place))
