"""Rows of letters on their way, of digests that are collected, and of subscriptions to summaries."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from onecloud.infra.db import Base, BigId, UtcDateTime
from onecloud.kernel.jsonvalue import Json


class DeliveryRow(Base):
    """One letter to one recipient. Chain and run are numbers without foreign keys: those rooms stand above.

    `next_try_at` is when it is due, and while it is being sent the end of that process's lease: a server that dies in
    between leaves a row that is due again by itself. `attempts` is the fence of a try's result.
    """

    __tablename__ = "delivery"

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    kind: Mapped[str] = mapped_column(String(10))
    recipient: Mapped[str] = mapped_column(String(320))
    sealed_address: Mapped[str | None] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    html: Mapped[str | None] = mapped_column(Text)
    attachments: Mapped[list[dict[str, Json]]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(10))
    attempts: Mapped[int] = mapped_column(Integer)
    next_try_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    give_up_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_error: Mapped[str | None] = mapped_column(Text)
    dedupe_key: Mapped[str | None] = mapped_column(String(200), unique=True)
    environment_id: Mapped[int | None] = mapped_column(BigId)
    chain_id: Mapped[int | None] = mapped_column(BigId)
    run_id: Mapped[int | None] = mapped_column(BigId)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        Index(
            "ix_delivery_due",
            "next_try_at",
            sqlite_where=sql("next_try_at IS NOT NULL"),
            postgresql_where=sql("next_try_at IS NOT NULL"),
        ),
        Index(None, "state", "id"),
        Index(None, "created_at"),
    )


class DigestEntryRow(Base):
    """One line of a digest that is still collected; gone when its digest was queued."""

    __tablename__ = "digest_entry"

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    kind: Mapped[str] = mapped_column(String(10))
    recipient: Mapped[str] = mapped_column(String(320))
    recipient_digest: Mapped[str] = mapped_column(String(320))
    sealed_address: Mapped[str | None] = mapped_column(Text)
    every: Mapped[str] = mapped_column(String(10))
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    status: Mapped[str] = mapped_column(String(10))
    title: Mapped[str] = mapped_column(Text)
    place: Mapped[str] = mapped_column(Text)
    environment_id: Mapped[int] = mapped_column(BigId)
    chain_id: Mapped[int] = mapped_column(BigId)
    run_id: Mapped[int] = mapped_column(BigId)
    happened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    dedupe_key: Mapped[str] = mapped_column(String(200), unique=True)

    __table_args__ = (Index(None, "due_at"),)


class SummaryRow(Base):
    """A subscription to an environment's summary; it goes with the environment."""

    __tablename__ = "summary"

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    environment_id: Mapped[int] = mapped_column(BigId, ForeignKey("environment.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(10))
    recipient: Mapped[str] = mapped_column(String(320))
    recipient_digest: Mapped[str] = mapped_column(String(320))
    sealed_address: Mapped[str | None] = mapped_column(Text)
    frequency: Mapped[str] = mapped_column(String(10))
    next_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (
        UniqueConstraint("environment_id", "recipient_digest", "frequency"),
        Index(None, "next_at"),
    )
