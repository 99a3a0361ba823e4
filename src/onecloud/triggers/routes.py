"""API v2: the triggers of chains, what became of each time, and what started a run."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from onecloud.activity.rules import cursor_id, page_of, page_size
from onecloud.infra.conditional import IfMatch, etag, required_tag, seen_tag
from onecloud.infra.http import Caller, GroundPart, Reading, Session
from onecloud.kernel.errors import NotFound, Stale
from onecloud.triggers import actions
from onecloud.triggers.model import TriggerDocument
from onecloud.triggers.shapes import (
    RunTriggerOut,
    TriggerFirePage,
    TriggerIn,
    TriggerOut,
    TriggerSavedOut,
    TriggerSecretsOut,
    TriggersOut,
    fire_out,
    run_trigger_out,
    secrets_out,
    trigger_out,
)
from onecloud.workspaces.rules import row_id

router = APIRouter(tags=["triggers"])


@router.get("/api/v2/chains/{chain_id}/triggers")
async def list_triggers(db: Reading, caller: Caller, chain_id: str) -> TriggersOut:
    """The triggers of a chain, oldest first: what each waits for, what was last, and why no run will start."""
    found = await actions.triggers_of(db, caller, _number(chain_id, "chain"))
    return TriggersOut(items=[trigger_out(one) for one in found])


@router.post("/api/v2/chains/{chain_id}/triggers", status_code=201)
async def create_trigger(
    db: Session,
    caller: Caller,
    ground: GroundPart,
    request: Request,
    response: Response,
    chain_id: str,
    body: TriggerIn,
) -> TriggerSavedOut:
    """A new trigger, in force at once; the secrets of a webhook are shown in this answer only."""
    document = TriggerDocument(**{name: getattr(body, name) for name in TriggerDocument.model_fields})
    number = _number(chain_id, "chain")
    saved = await actions.add(db, ground, caller, number, document, enabled=body.enabled)
    response.headers.update(etag(str(saved.trigger.revision)))
    response.headers["Cache-Control"] = "no-store"
    standing = await actions.get(db, caller, saved.trigger.id)
    return TriggerSavedOut(trigger=trigger_out(standing), secrets=secrets_out(saved, _base(ground, request)))


@router.get("/api/v2/triggers/{trigger_id}")
async def get_trigger(db: Reading, caller: Caller, response: Response, trigger_id: str) -> TriggerOut:
    """A trigger and how it stands."""
    standing = await actions.get(db, caller, _number(trigger_id, "trigger"))
    response.headers.update(etag(str(standing.trigger.revision)))
    return trigger_out(standing)


@router.put("/api/v2/triggers/{trigger_id}")
async def change_trigger(
    db: Session,
    caller: Caller,
    ground: GroundPart,
    request: Request,
    response: Response,
    trigger_id: str,
    body: TriggerDocument,
    if_match: IfMatch = None,
) -> TriggerSavedOut:
    """Make a trigger what the document says, in force at once; whether it is enabled stays as it is."""
    number, revision = _number(trigger_id, "trigger"), _revision(required_tag(if_match))
    saved = await actions.change(db, ground, caller, number, body, revision)
    response.headers.update(etag(str(saved.trigger.revision)))
    response.headers["Cache-Control"] = "no-store"
    standing = await actions.get(db, caller, number)
    return TriggerSavedOut(trigger=trigger_out(standing), secrets=secrets_out(saved, _base(ground, request)))


@router.delete("/api/v2/triggers/{trigger_id}", status_code=204)
async def delete_trigger(db: Session, caller: Caller, trigger_id: str, if_match: IfMatch = None) -> Response:
    """Take a trigger away with what is known of its times; a webhook's address is dead at once."""
    await actions.remove(db, caller, _number(trigger_id, "trigger"), _revision(seen_tag(if_match)))
    return Response(status_code=204)


@router.post("/api/v2/triggers/{trigger_id}/enable", status_code=204)
async def enable_trigger(db: Session, caller: Caller, trigger_id: str) -> Response:
    """Let a trigger start runs."""
    await actions.switch(db, caller, _number(trigger_id, "trigger"), enabled=True)
    return Response(status_code=204)


@router.post("/api/v2/triggers/{trigger_id}/disable", status_code=204)
async def disable_trigger(db: Session, caller: Caller, trigger_id: str) -> Response:
    """Keep a trigger from starting runs, until it is enabled; runs under way go on."""
    await actions.switch(db, caller, _number(trigger_id, "trigger"), enabled=False)
    return Response(status_code=204)


@router.post("/api/v2/triggers/{trigger_id}/rotate-address")
async def rotate_trigger_address(
    db: Session, caller: Caller, ground: GroundPart, request: Request, response: Response, trigger_id: str
) -> TriggerSecretsOut:
    """Give a webhook a new secret address, shown in this answer only; the old one is dead at once."""
    saved = await actions.rotate_address(db, ground.keys, caller, _number(trigger_id, "trigger"))
    response.headers["Cache-Control"] = "no-store"
    return secrets_out(saved, _base(ground, request))


@router.post("/api/v2/triggers/{trigger_id}/rotate-signing-secret")
async def rotate_trigger_signing_secret(
    db: Session, caller: Caller, ground: GroundPart, request: Request, response: Response, trigger_id: str
) -> TriggerSecretsOut:
    """Give a signed webhook a new signing secret, shown in this answer only; the old one is dead at once."""
    saved = await actions.rotate_signing_secret(db, ground.keys, caller, _number(trigger_id, "trigger"))
    response.headers["Cache-Control"] = "no-store"
    return secrets_out(saved, _base(ground, request))


@router.get("/api/v2/triggers/{trigger_id}/fires")
async def list_trigger_fires(
    db: Reading, caller: Caller, trigger_id: str, cursor: str | None = None, limit: int = 50
) -> TriggerFirePage:
    """What became of each time, newest first: the runs, and why there was none."""
    before, size = cursor_id(cursor), page_size(limit)
    found = await actions.history_of(db, caller, _number(trigger_id, "trigger"), before, size + 1)
    shown, next_cursor = page_of(found, size)
    return TriggerFirePage(items=[fire_out(one) for one in shown], next_cursor=next_cursor)


@router.get("/api/v2/runs/{run_id}/trigger")
async def get_run_trigger(db: Reading, caller: Caller, run_id: str) -> RunTriggerOut:
    """The trigger that started a run, and what it had seen."""
    return run_trigger_out(*await actions.origin_of(db, caller, _number(run_id, "run")))


def _base(ground: GroundPart, request: Request) -> str:
    """The address that people reach this server by."""
    return ground.settings.public_url.rstrip("/") or str(request.base_url).rstrip("/")


def _revision(tag: str | None) -> int | None:
    number = None if tag is None else row_id(tag)
    if tag is not None and number is None:
        raise Stale("trigger.changed", f"`If-Match` names no revision of a trigger: {tag[:40]}. Read it again.")
    return number


def _number(wire_id: str, kind: str) -> int:
    number = row_id(wire_id)
    if number is None:
        raise NotFound(f"{kind}.not_found", f"There is no {kind} {wire_id[:40]}.")
    return number
