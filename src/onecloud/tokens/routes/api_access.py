"""The API access page over HTTP: for administrators and members of groups open to it, each for their own access."""

from __future__ import annotations

from fastapi import APIRouter, Response

from onecloud.access.guard import ApiUser
from onecloud.infra.http import GroundPart, Reading, Session
from onecloud.tokens import actions
from onecloud.tokens.policy import policy_of
from onecloud.tokens.shapes import ApiAccessOut, ApiSettingsIn, ApiTokensOut, EnableApiIn

router = APIRouter()


@router.get("/api/v2/api-access")
async def get_api_access(caller: ApiUser, db: Reading, ground: GroundPart, response: Response) -> ApiAccessOut:
    """The caller's API access; of tokens only their kind and last four letters."""
    response.headers["Cache-Control"] = "no-store"
    return ApiAccessOut.of(await actions.overview(db, policy_of(ground.settings), caller))


@router.post("/api/v2/api-access", status_code=201)
async def enable_api_access(
    body: EnableApiIn, caller: ApiUser, db: Session, ground: GroundPart, response: Response
) -> ApiTokensOut:
    """Enable API access. The answer is the only time that the tokens are shown."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["Pragma"] = "no-cache"
    issued = await actions.enable(db, ground.keys, policy_of(ground.settings), caller, body.access_token_days)
    return ApiTokensOut.of(issued)


@router.put("/api/v2/api-access/settings")
async def change_api_settings(
    body: ApiSettingsIn, caller: ApiUser, db: Session, ground: GroundPart, response: Response
) -> ApiAccessOut:
    """Choose how many days access tokens live, from the next refresh on; the present token keeps its end."""
    response.headers["Cache-Control"] = "no-store"
    policy = policy_of(ground.settings)
    return ApiAccessOut.of(await actions.change_settings(db, policy, caller, body.access_token_days))


@router.delete("/api/v2/api-access", status_code=204)
async def revoke_api_access(caller: ApiUser, db: Session) -> None:
    """End the caller's API access with every token of it, from the next request on."""
    await actions.revoke(db, caller)
