"""What of the published schedules is waiting, and what became of every fire."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from onecloud.infra.db import Base, BigId, UtcDateTime


class ScheduleChainRow(Base):
    """Which published version of a chain the rows below were derived from; also for chains without schedules."""

    __tablename__ = "schedule_chain"

    chain_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    version_id: Mapped[int | None] = mapped_column(BigId)
    disabled: Mapped[bool] = mapped_column(Boolean)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)  # the chain's last change that was seen


class ScheduleStateRow(Base):
    """One published schedule: when it fires next, and whether an operator holds it back.

    `next_at` is null while it does not fire: switched off, paused, its chain disabled, or no time left. It is the
    next planned moment whatever the holidays, which are asked about when the moment comes. `counted_from` is the
    moment after which it was looked for.
    """

    __tablename__ = "schedule_state"
    __table_args__ = (
        UniqueConstraint("chain_id", "name"),
        Index(None, "environment_id", "id"),
        # What the dispatcher looks for every second: only rows that will fire.
        Index(
            "ix_schedule_state_due",
            "next_at",
            "id",
            sqlite_where=text("next_at IS NOT NULL"),
            postgresql_where=text("next_at IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    chain_id: Mapped[int] = mapped_column(BigId)
    environment_id: Mapped[int] = mapped_column(BigId)
    name: Mapped[str] = mapped_column(String(100))
    spec: Mapped[str] = mapped_column(Text)  # the schedule as JSON, so that a fire need not read its chain
    calendar: Mapped[str | None] = mapped_column(String(200))  # of the spec: calendars are read before a claim
    next_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    counted_from: Mapped[datetime] = mapped_column(UtcDateTime)
    paused_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    paused_by: Mapped[int | None] = mapped_column(BigId)  # None: the command line
    paused_by_name: Mapped[str] = mapped_column(String(300), default="")


class ScheduleFireRow(Base):
    """What became of one planned moment of a schedule; that there is one row for it makes it fire once."""

    __tablename__ = "schedule_fire"
    __table_args__ = (UniqueConstraint("chain_id", "name", "planned_at"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    chain_id: Mapped[int] = mapped_column(BigId)
    name: Mapped[str] = mapped_column(String(100))
    planned_at: Mapped[datetime] = mapped_column(UtcDateTime)
    fired_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    run_id: Mapped[int | None] = mapped_column(BigId)
    reason: Mapped[str] = mapped_column(String(60), default="")  # why no run was started: an error code, or ours
    detail: Mapped[str] = mapped_column(Text, default="")
