"""API v2: what schedules will do and did, the calendar of an environment, and an operator's pause."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Query, Response
from pydantic import AwareDatetime

from onecloud.activity.rules import cursor_id, page_size
from onecloud.infra.http import Caller, Reading, Session
from onecloud.kernel.errors import NotFound
from onecloud.schedules import actions
from onecloud.schedules.overview import overview_of
from onecloud.schedules.parts import CalendarsPart
from onecloud.schedules.shapes import (
    FirePage,
    PlannedPage,
    PreviewIn,
    PreviewOut,
    SchedulesOut,
    fire_out,
    planned_out,
    preview_out,
    schedule_out,
)
from onecloud.workspaces.rules import row_id

router = APIRouter(tags=["schedules"])

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND: Final = timedelta(microseconds=1)


@router.post("/api/v2/schedules/preview")
async def preview_schedule(db: Reading, caller: Caller, calendars: CalendarsPart, body: PreviewIn) -> PreviewOut:
    """The next times of a schedule that is not published yet, with what is unusual about each."""
    environment = None if body.environment_id is None else _number(body.environment_id, "environment")
    preview = await actions.preview_schedule(
        db, caller, calendars, body.schedule, environment_id=environment, after=body.after, count=body.count
    )
    return preview_out(preview)


@router.get("/api/v2/chains/{chain_id}/schedules")
async def list_chain_schedules(
    db: Reading,
    caller: Caller,
    calendars: CalendarsPart,
    chain_id: str,
    upcoming: Annotated[int, Query(ge=1, le=50, description="How many next times of each to give.")] = 5,
) -> SchedulesOut:
    """The schedules of the published version: next times, last fire, and why one will not fire."""
    found = await actions.schedules_of(db, caller, calendars, _number(chain_id, "chain"), upcoming)
    return SchedulesOut(items=[schedule_out(standing) for standing in found])


@router.get("/api/v2/chains/{chain_id}/schedules/{name}/fires")
async def list_schedule_fires(
    db: Reading, caller: Caller, chain_id: str, name: str, cursor: str | None = None, limit: int = 50
) -> FirePage:
    """What became of a schedule's times, newest first: the runs, and why there was none."""
    place, size = cursor_id(cursor), page_size(limit)
    before = None if place is None else EPOCH + min(place, 10**17) * MICROSECOND
    found = await actions.history_of(db, caller, _number(chain_id, "chain"), name, before, size + 1)
    last = (found[size - 1].planned_at - EPOCH) // MICROSECOND if len(found) > size else None
    return FirePage(
        items=[fire_out(record) for record in found[:size]], next_cursor=None if last is None else str(last)
    )


@router.post("/api/v2/chains/{chain_id}/schedules/{name}/pause", status_code=204)
async def pause_schedule(db: Session, caller: Caller, chain_id: str, name: str) -> Response:
    """Hold a schedule back at once, without a publish, until it is resumed."""
    await actions.pause(db, caller, _number(chain_id, "chain"), name)
    return Response(status_code=204)


@router.post("/api/v2/chains/{chain_id}/schedules/{name}/resume", status_code=204)
async def resume_schedule(db: Session, caller: Caller, chain_id: str, name: str) -> Response:
    """Let a paused schedule go on with its next time."""
    await actions.resume(db, caller, _number(chain_id, "chain"), name)
    return Response(status_code=204)


@router.get("/api/v2/environments/{environment_id}/schedules")
async def list_environment_schedules(
    db: Reading,
    caller: Caller,
    calendars: CalendarsPart,
    environment_id: str,
    start: Annotated[AwareDatetime, Query(alias="from", description="Begin of the calendar, with an offset.")],
    end: Annotated[AwareDatetime, Query(alias="to", description="End of the calendar, at most 92 days later.")],
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=50)] = 25,
) -> PlannedPage:
    """Every schedule of an environment's chains between two moments, day by day."""
    number, after = _number(environment_id, "environment"), cursor_id(cursor) or 0
    planned, last = await overview_of(db, caller, calendars, number, (start, end), after, limit)
    return PlannedPage(items=[planned_out(one) for one in planned], next_cursor=None if last is None else str(last))


def _number(wire_id: str, kind: str) -> int:
    number = row_id(wire_id)
    if number is None:
        raise NotFound(f"{kind}.not_found", f"There is no {kind} {wire_id[:40]}.")
    return number
