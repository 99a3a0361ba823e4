"""API v2: copying a chain, and promoting it to another environment of its workspace."""

from __future__ import annotations

from fastapi import APIRouter

from onecloud.chains import actions
from onecloud.chains.editing_shapes import SavedOut, saved_out
from onecloud.chains.moving_shapes import CopyIn, PlanIn, PlanOut, PromoteIn, order_of, plan_out, which_of
from onecloud.chains.routes.incoming import chain_row, environment_row
from onecloud.infra.http import Caller, GroundPart, Session, Snapshot

router = APIRouter(prefix="/api/v2/chains/{chain_id}")


@router.post("/copy", status_code=201)
async def copy_chain(db: Session, caller: Caller, chain_id: str, body: CopyIn) -> SavedOut:
    """A new chain with the content of this one, in any environment of the workspace; it is not published."""
    row, environment = chain_row(chain_id), environment_row(body.environment_id)
    return saved_out(await actions.copy(db, caller, row, environment, body.name, which_of(body.of)))


@router.post("/promote/plan")
async def plan_promotion(db: Snapshot, caller: Caller, ground: GroundPart, chain_id: str, body: PlanIn) -> PlanOut:
    """What promoting the chain needs (connections, children, variables) and what it would change; nothing is done."""
    row, order = chain_row(chain_id), order_of(body, environment_row(body.environment_id))
    return plan_out(await actions.plan(db, ground.keys, caller, row, order))


@router.post("/promote")
async def promote_chain(db: Session, caller: Caller, ground: GroundPart, chain_id: str, body: PromoteIn) -> SavedOut:
    """Put the chain's content into the draft of the target's chain of that name, or make that chain.

    It arrives unpublished, and what is published there runs on. 412: the target is not what the plan saw.
    """
    row, order = chain_row(chain_id), order_of(body, environment_row(body.environment_id))
    return saved_out(await actions.promote(db, ground.keys, caller, row, order))
