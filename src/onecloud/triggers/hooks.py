"""The use case of a webhook: know the trigger by its secret address, check the request, start the run, wait for it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from onecloud.infra.db import database_now
from onecloud.infra.http import Ground
from onecloud.kernel.errors import Conflict, Malformed, NotFound, OneCloudError, Unauthenticated
from onecloud.runs import store as runs
from onecloud.runs.changes import Changes
from onecloud.runs.model import ENDED_STATES
from onecloud.runs.records import RunRecord
from onecloud.triggers.firing import Fired, Firing, fire
from onecloud.triggers.model import Happened, Trigger, webhook_of
from onecloud.triggers.request import happened
from onecloud.triggers.secrets import ADDRESS, SIGNING, looks_like_address
from onecloud.triggers.signing import check_signed
from onecloud.triggers.store import fires, kept

LOOK_AGAIN_S: Final = 1.0  # a run that another process works on is seen by looking again


@dataclass(frozen=True, slots=True)
class Call:
    """A request to a secret address; header names are in small letters."""

    headers: Mapping[str, str]
    query: Sequence[tuple[str, str]]
    body: bytes


async def known(ground: Ground, address: str) -> Trigger:
    """The webhook with this secret address.

    Raises: NotFound.
    """
    trigger = None
    if looks_like_address(address):
        async with ground.database.reading() as db:
            trigger = await kept.by_address(db, ground.keys.digests(address, ADDRESS))
    if trigger is None:
        raise NotFound("hook.not_found", "There is no webhook at this address. It may have been replaced or removed.")
    return trigger


async def receive(ground: Ground, firing: Firing, trigger: Trigger, call: Call) -> Fired:
    """Deal with a request: a run is started, or not, or was already started by the same delivery.

    Raises: Conflict when the trigger or its chain is disabled, or the chain runs and allows no concurrent runs;
    Unauthenticated for a bad signature; Malformed for a body that cannot be read; Invalid for inputs that do not fit.
    """
    if not trigger.enabled:
        by = f" by {trigger.switched.by_name}" if trigger.switched and trigger.switched.by_name else ""
        raise Conflict(
            "trigger.disabled", f"The trigger `{trigger.name}` was disabled{by}. Enable it, then call again."
        )
    try:
        await _check(ground, trigger, call)
        seen = happened(call.headers, call.query, call.body)
    except (Unauthenticated, Malformed) as error:
        await _write_down(ground, trigger, error)
        raise
    async with ground.database.transaction() as db:
        fired = await fire(db, firing, trigger, seen, again=True)
        if fired is None and seen.key is not None:
            record = await fires.fire_by_key(db, trigger.id, seen.key)
            fired = None if record is None else Fired(record, before=True)
    if fired is None:  # the other delivery was taken back between the two looks
        raise Conflict("hook.again", "The same delivery is being dealt with. Send it again in a moment.")
    if fired.refused is not None:
        raise fired.refused
    return fired


async def outcome(ground: Ground, changes: Changes, fired: Fired, wait_s: float) -> RunRecord | None:
    """The run of a fire, once it has ended or the time is over; None when no run was started."""
    run_id = fired.record.run_id
    if run_id is None:
        return None
    run = await _run(ground, run_id)
    if wait_s == 0:
        return run
    with contextlib.suppress(TimeoutError), changes.watching(run_id) as changed:
        async with asyncio.timeout(wait_s):
            while (run := await _run(ground, run_id)).state not in ENDED_STATES:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(LOOK_AGAIN_S):
                        await changed.wait()
                changed.clear()
    return run


def wait_of(trigger: Trigger) -> float:
    """How long the answer waits for the run's end, in seconds."""
    webhook = webhook_of(trigger.document)
    return 0 if webhook is None else webhook.wait_s


async def _check(ground: Ground, trigger: Trigger, call: Call) -> None:
    webhook = webhook_of(trigger.document)
    if webhook is None or not webhook.signed or trigger.signing_sealed is None:
        return
    async with ground.database.reading() as db:
        now = await database_now(db)
    secret = ground.keys.unseal(trigger.signing_sealed, SIGNING)
    check_signed(secret, call.headers, call.body, now, timedelta(seconds=webhook.replay_window_s))


async def _write_down(ground: Ground, trigger: Trigger, error: OneCloudError) -> None:
    async with ground.database.transaction() as db:
        fire_id = await fires.open_fire(db, trigger.id, Happened(None, "", {}))
        if fire_id is not None:
            await fires.close_fire(db, fire_id, reason=error.code, detail=error.message)


async def _run(ground: Ground, run_id: int) -> RunRecord:
    async with ground.database.reading() as db:
        found = await runs.run(db, run_id)
    if found is None:
        raise NotFound("run.not_found", f"There is no run {run_id} any more.")
    return found
