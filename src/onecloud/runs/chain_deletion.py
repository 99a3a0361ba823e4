"""Deleting a chain. It stands here and not in `chains/` because only the runs know whether one is under way."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response
from sqlalchemy.ext.asyncio import AsyncSession

from onecloud.chains import actions as chains
from onecloud.infra.http import Caller, Session
from onecloud.kernel.errors import Conflict
from onecloud.kernel.principal import Principal
from onecloud.runs import store, views

router = APIRouter(tags=["chains"])


async def delete_chain(db: AsyncSession, caller: Principal | None, chain_id: int, *, force: bool = False) -> None:
    """Take a chain out of its environment, when no run of it is under way; the history of its runs stays.

    Raises: NotFound; Forbidden; Conflict `chain.running`, or `chain.in_use` unless with `force`.
    """
    # It locks the chain's row: starts that have it come first and are seen below, later ones find no chain.
    chain = await chains.delete(db, caller, chain_id, force=force)
    run = await store.live_run_of(db, chain_id)
    if run is not None:
        message = (
            f"The chain `{chain.name}` is running (run {run}). Wait for that run or stop it, then delete the chain."
        )
        raise Conflict("chain.running", message)


@router.delete("/api/v2/chains/{chain_id}", status_code=204, response_class=Response)
async def remove_chain(
    db: Session,
    caller: Caller,
    chain_id: str,
    *,
    force: Annotated[bool, Query(description="Delete it although published chains run it.")] = False,
) -> Response:
    """Delete a chain that is not running: its draft and its versions are gone; its runs stay to be read.

    Its name can be given to another chain.
    """
    await delete_chain(db, caller, views.wire_id(chain_id, "chain"), force=force)
    return Response(status_code=204)
