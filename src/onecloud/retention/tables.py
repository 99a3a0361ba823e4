"""Rows of the retention: its settings, its passes, the lease of the server at work, and files still to be removed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from onecloud.infra.db import Base, BigId, UtcDateTime
from onecloud.kernel.jsonvalue import JsonObject


class RetentionPolicyRow(Base):
    """What a company changed; without a row the defaults are in force. Null sets no limit."""

    __tablename__ = "retention_policy"

    company_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    run_days: Mapped[int | None] = mapped_column(Integer)
    runs_per_chain: Mapped[int | None] = mapped_column(Integer)
    activity_days: Mapped[int | None] = mapped_column(Integer)
    activity_most: Mapped[int | None] = mapped_column(Integer)
    login_days: Mapped[int | None] = mapped_column(Integer)
    login_most: Mapped[int | None] = mapped_column(Integer)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_by: Mapped[int | None] = mapped_column(BigId)  # None: the command line
    changed_by_name: Mapped[str] = mapped_column(String(320))


class RetentionPassRow(Base):
    """One pass and what it has removed so far."""

    __tablename__ = "retention_pass"

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    by: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(20))
    why: Mapped[str] = mapped_column(Text)
    removed: Mapped[JsonObject] = mapped_column(JSON)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class RetentionLeaseRow(Base):
    """Who removes; one row. Its holder renews it with every transaction, a killed one loses it when it runs out."""

    __tablename__ = "retention_lease"

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    holder: Mapped[str] = mapped_column(String(64))
    until: Mapped[datetime] = mapped_column(UtcDateTime)


class BlobRemovalRow(Base):
    """A folder of the file store that no row refers to any more; its row goes when it is gone from the disk.

    Written in the transaction that removes the rows, so that a server which dies in between leaves no file for ever.
    """

    __tablename__ = "blob_removal"

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    folder: Mapped[str] = mapped_column(String(200))
