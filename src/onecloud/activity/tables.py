"""Rows of the audit trail and of the sign-in log; only ever added, never changed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, Boolean, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from onecloud.infra.db import Base, BigId, UtcDateTime
from onecloud.kernel.jsonvalue import JsonObject


class LoginActivityRow(Base):
    """One attempt to sign in; `identity` is what was typed, also when nobody has that name.

    There is no foreign key to the user: the log outlives people, and this floor lies under theirs.
    """

    __tablename__ = "login_activity"

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    identity: Mapped[str] = mapped_column(String(254))
    context: Mapped[str] = mapped_column(String(100))
    success: Mapped[bool] = mapped_column(Boolean)
    failure_reason: Mapped[str | None] = mapped_column(String(200))
    user_id: Mapped[int | None] = mapped_column(BigId)
    ip: Mapped[str] = mapped_column(String(64))
    agent: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (Index(None, "user_id", "id"), Index(None, "created_at"))


class ActivityRow(Base):
    """One change: `owner` did `key` to `trackable`, on behalf of or towards `recipient`."""

    __tablename__ = "activity"

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    key: Mapped[str] = mapped_column(String(100))
    owner_type: Mapped[str] = mapped_column(String(50))
    owner_id: Mapped[str] = mapped_column(String(64))
    via: Mapped[str] = mapped_column(String(20))
    trackable_type: Mapped[str] = mapped_column(String(50))
    trackable_id: Mapped[str] = mapped_column(String(64))
    recipient_type: Mapped[str] = mapped_column(String(50))
    recipient_id: Mapped[str] = mapped_column(String(64))
    parameters: Mapped[JsonObject] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (Index(None, "trackable_type", "trackable_id", "id"), Index(None, "created_at"))
