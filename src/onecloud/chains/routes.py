"""API v2: one chain with its published graph. Lists come with `runs/`, which knows the last run."""

from __future__ import annotations

from fastapi import APIRouter

from onecloud.chains import actions
from onecloud.chains.catalog import catalog
from onecloud.chains.shapes import ChainOut, chain_out
from onecloud.infra.http import Caller, Reading
from onecloud.kernel.errors import NotFound
from onecloud.workspaces import rules as places

router = APIRouter(tags=["chains"])


@router.get("/api/v2/chains/{chain_id}")
async def get_chain(db: Reading, caller: Caller, chain_id: str) -> ChainOut:
    """One chain with its published graph and runtime inputs."""
    row = places.row_id(chain_id)
    if row is None or not places.may_see(caller):
        raise NotFound("chain.not_found", f"There is no chain {chain_id}.")
    return chain_out(*await actions.with_published(db, row), catalog())
