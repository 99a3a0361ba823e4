"""The public door of webhooks: `POST /hooks/{address}`, open to whoever knows a secret address."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import APIRouter, Depends, Request, Response

from onecloud.access.guard import public
from onecloud.infra.http import Ground, GroundPart, ground_of
from onecloud.kernel.errors import NotFound, TooLarge
from onecloud.runs.parts import Parts
from onecloud.triggers import hooks
from onecloud.triggers.firing import Firing
from onecloud.triggers.limits import HookLimits
from onecloud.triggers.shapes import HookOut, hook_out

router = APIRouter(tags=["webhooks"])


async def limits_of(request: Request) -> HookLimits:
    """The counts of the application that serves this request."""
    state = request.app.state
    if not isinstance(getattr(state, "hook_limits", None), HookLimits):
        state.hook_limits = HookLimits(ground_of(request).settings)
    return cast(HookLimits, state.hook_limits)


Limits = Annotated[HookLimits, Depends(limits_of)]


@router.post(
    "/hooks/{address}",
    responses={202: {"model": HookOut, "description": "The run goes on; or it was not waited for."}},
)
@public
async def call_webhook(
    request: Request, response: Response, ground: GroundPart, parts: Parts, limits: Limits, address: str
) -> HookOut:
    """Start the chain of a webhook. 200 when its run has ended, 202 while it goes on.

    The body, the query and the headers are the facts of the trigger. `webhook-id` (or `Idempotency-Key`) makes a
    request that is sent again count once.
    """
    ip = request.client.host if request.client else ""
    limits.check_address(ip)
    try:
        trigger = await hooks.known(ground, address)
    except NotFound:
        limits.note_guess(ip)
        raise
    limits.take_call(trigger.id)
    call = hooks.Call(dict(request.headers), request.query_params.multi_items(), await _body(request, ground))
    fired = await hooks.receive(ground, Firing(ground.keys, parts.signals), trigger, call)
    run = await hooks.outcome(ground, parts.changes, fired, hooks.wait_of(trigger))
    shown = hook_out(fired, run)
    response.status_code = 202 if run is not None and not shown.ended else 200
    response.headers["Cache-Control"] = "no-store"
    return shown


async def _body(request: Request, ground: Ground) -> bytes:
    """The body, no more of it than is allowed.

    Raises: TooLarge, at once when the announced size says so.
    """
    most_kb = ground.settings.hook_body_kb
    announced = request.headers.get("content-length", "")
    found = bytearray()
    too_large = TooLarge(
        "hook.too_large",
        f"The body has more than {most_kb} KB, the limit of a webhook. Send less, such as the address of the data, "
        "or raise the setting ONECLOUD_HOOK_BODY_KB.",
    )
    if announced.isascii() and announced.isdigit() and int(announced[:18]) > most_kb * 1024:
        raise too_large
    async for piece in request.stream():
        found += piece
        if len(found) > most_kb * 1024:
            raise too_large
    return bytes(found)
