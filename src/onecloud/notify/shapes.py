"""What the v2 routes of the room read and answer."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, Field, SecretStr

from onecloud.notify.model import Delivery, DeliveryState, Frequency, Kind, Summary

_EMAIL = Field(None, max_length=1000, description="Email of an active user of this server.")
_APPRISE = Field(None, max_length=4000, description="Apprise address of a channel; kept sealed, and never shown.")


class DeliveryFileOut(BaseModel):
    """A file that goes along with a mail."""

    name: str
    size_bytes: int


class DeliveryOut(BaseModel):
    """A letter on its way. `to` is an email, or an Apprise address as its scheme and a few digits to tell it by."""

    id: str
    kind: Kind
    to: str
    subject: str
    attachments: list[DeliveryFileOut]
    state: DeliveryState
    attempts: int
    next_try_at: datetime | None
    last_error: str | None
    chain_id: str | None
    run_id: str | None
    created_at: datetime
    sent_at: datetime | None


class DeliveryPage(BaseModel):
    """Deliveries, newest first."""

    items: list[DeliveryOut]
    next_cursor: str | None


class MailTestIn(BaseModel):
    """Where the test mail goes."""

    to: str = Field(max_length=1000)


class MailTestOut(BaseModel):
    """The mail server took the test mail."""

    to: str
    server: str


class SummaryIn(BaseModel):
    """A new subscription: an environment, how often, and one recipient."""

    environment_id: str = Field(max_length=100)
    frequency: Frequency
    email: str | None = _EMAIL
    apprise: SecretStr | None = _APPRISE


class SummaryChange(BaseModel):
    """What to change of a subscription; what is left out stays."""

    frequency: Frequency | None = None
    email: str | None = _EMAIL
    apprise: SecretStr | None = _APPRISE


class SummaryOut(BaseModel):
    """A subscription to the summary of an environment."""

    id: str
    environment_id: str
    environment_name: str
    workspace_name: str
    kind: Kind
    to: str
    frequency: Frequency
    next_at: datetime
    created_at: datetime


class SummaryPage(BaseModel):
    """Subscriptions, oldest first."""

    items: list[SummaryOut]
    next_cursor: str | None


def delivery_out(delivery: Delivery) -> DeliveryOut:
    """A delivery as the API shows it."""
    return DeliveryOut(
        id=str(delivery.id),
        kind=delivery.kind,
        to=delivery.to,
        subject=delivery.subject,
        attachments=[DeliveryFileOut(name=file.name, size_bytes=file.size_bytes) for file in delivery.attachments],
        state=delivery.state,
        attempts=delivery.attempts,
        next_try_at=delivery.next_try_at,
        last_error=delivery.last_error,
        chain_id=None if delivery.chain_id is None else str(delivery.chain_id),
        run_id=None if delivery.run_id is None else str(delivery.run_id),
        created_at=delivery.created_at,
        sent_at=delivery.sent_at,
    )


def summary_out(summary: Summary) -> SummaryOut:
    """A subscription as the API shows it."""
    return SummaryOut(
        id=str(summary.id),
        environment_id=str(summary.environment_id),
        environment_name=summary.environment,
        workspace_name=summary.workspace,
        kind=summary.recipient.kind,
        to=summary.recipient.shown,
        frequency=summary.frequency,
        next_at=summary.next_at,
        created_at=summary.created_at,
    )
