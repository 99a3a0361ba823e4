"""API v2 for administrators: deliveries, a test mail, and subscriptions to summaries."""

from __future__ import annotations

from datetime import UTC, datetime

from fastapi import APIRouter
from pydantic import SecretStr

from onecloud.access.guard import Admin
from onecloud.infra.http import GroundPart, Reading, Session
from onecloud.kernel.errors import NotFound
from onecloud.kernel.secret import Secret
from onecloud.notify import actions
from onecloud.notify.rules.summaries import not_found
from onecloud.notify.shapes import (
    DeliveryOut,
    DeliveryPage,
    MailTestIn,
    MailTestOut,
    SummaryChange,
    SummaryIn,
    SummaryOut,
    SummaryPage,
    delivery_out,
    summary_out,
)
from onecloud.workspaces.rules import row_id

router = APIRouter(tags=["notify"])


@router.get("/api/v2/admin/deliveries")
async def list_deliveries(
    caller: Admin, db: Reading, state: str | None = None, cursor: str | None = None, limit: int = 50
) -> DeliveryPage:
    """Letters on their way and what became of them, newest first; of one state when `state` is given."""
    found, next_cursor = await actions.deliveries(db, state, cursor, limit)
    return DeliveryPage(items=[delivery_out(delivery) for delivery in found], next_cursor=next_cursor)


@router.post("/api/v2/admin/deliveries/{delivery_id}/retry")
async def retry_delivery(caller: Admin, db: Session, delivery_id: str) -> DeliveryOut:
    """Try a delivery that failed or was given up again, at once."""
    number = row_id(delivery_id)
    if number is None:
        raise NotFound("delivery.not_found", f"There is no delivery {delivery_id[:40]!r}.")
    return delivery_out(await actions.retry(db, caller, number))


@router.post("/api/v2/admin/mail/test")
async def send_test_mail(caller: Admin, ground: GroundPart, body: MailTestIn) -> MailTestOut:
    """Send a mail to any address now; an answer without an error means that the mail server took it."""
    server = await actions.send_test_mail(ground, caller, body.to, datetime.now(UTC))
    return MailTestOut(to=body.to, server=server)


@router.get("/api/v2/admin/summaries")
async def list_summaries(caller: Admin, db: Reading, cursor: str | None = None, limit: int = 50) -> SummaryPage:
    """Subscriptions to summaries of environments, oldest first."""
    found, next_cursor = await actions.list_summaries(db, cursor, limit)
    return SummaryPage(items=[summary_out(summary) for summary in found], next_cursor=next_cursor)


@router.post("/api/v2/admin/summaries", status_code=201)
async def create_summary(caller: Admin, db: Session, ground: GroundPart, body: SummaryIn) -> SummaryOut:
    """Subscribe a user or a channel to the summary of an environment, sent at 09:00 UTC about the days before."""
    environment = row_id(body.environment_id)
    if environment is None:
        raise NotFound("environment.not_found", f"There is no environment {body.environment_id[:40]!r}.")
    made = await actions.create_summary(
        db, ground.keys, caller, environment, body.frequency, email=body.email, apprise=_secret(body.apprise)
    )
    return summary_out(made)


@router.patch("/api/v2/admin/summaries/{summary_id}")
async def change_summary(
    caller: Admin, db: Session, ground: GroundPart, summary_id: str, body: SummaryChange
) -> SummaryOut:
    """Change how often a summary comes, or to whom."""
    changed = await actions.change_summary(
        db,
        ground.keys,
        caller,
        _summary_number(summary_id),
        frequency=body.frequency,
        email=body.email,
        apprise=_secret(body.apprise),
    )
    return summary_out(changed)


@router.delete("/api/v2/admin/summaries/{summary_id}", status_code=204)
async def remove_summary(caller: Admin, db: Session, summary_id: str) -> None:
    """End a subscription."""
    await actions.remove_summary(db, caller, _summary_number(summary_id))


def _summary_number(summary_id: str) -> int:
    number = row_id(summary_id)
    if number is None:
        raise not_found(repr(summary_id[:40]))
    return number


def _secret(text: SecretStr | None) -> Secret | None:
    return None if text is None else Secret(text.get_secret_value())
