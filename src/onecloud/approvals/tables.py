"""Rows of what runs ask people. Runs, chains and people are numbers without foreign keys: what was asked outlives them.

`due_at` is filled while something is open and holds when time alone changes it: the loop's index.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from onecloud.infra.db import Base, BigId, UtcDateTime
from onecloud.kernel.jsonvalue import Json


class ApprovalRow(Base):
    """One approval; an engine that asks again after a crash meets the row by its unique place."""

    __tablename__ = "approval"

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    run_id: Mapped[int] = mapped_column(BigId)
    key: Mapped[str] = mapped_column(String(100))
    place: Mapped[str] = mapped_column(String(100))
    attempt: Mapped[int] = mapped_column(Integer)
    workspace_id: Mapped[int] = mapped_column(BigId)
    environment_id: Mapped[int] = mapped_column(BigId)
    chain_id: Mapped[int] = mapped_column(BigId)
    chain_name: Mapped[str] = mapped_column(Text)
    node_name: Mapped[str] = mapped_column(Text)
    started_by: Mapped[int | None] = mapped_column(BigId)
    title: Mapped[str] = mapped_column(Text)
    details: Mapped[str] = mapped_column(Text)
    type: Mapped[str] = mapped_column(String(12))
    due_seconds: Mapped[int] = mapped_column(Integer)
    attachments: Mapped[list[dict[str, Json]]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(10))
    text: Mapped[str] = mapped_column(Text)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        UniqueConstraint("run_id", "key", "place", "attempt"),
        Index(
            "ix_approval_due",
            "due_at",
            sqlite_where=sql("due_at IS NOT NULL"),
            postgresql_where=sql("due_at IS NOT NULL"),
        ),
        Index(None, "state", "id"),
    )


class SeatRow(Base):
    """One approver. `at` is when they came to stand as they do; the other columns belong to one standing each."""

    __tablename__ = "approval_seat"

    approval_id: Mapped[int] = mapped_column(BigId, ForeignKey("approval.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    user_id: Mapped[int] = mapped_column(BigId)
    email: Mapped[str] = mapped_column(String(254))
    name: Mapped[str] = mapped_column(Text)
    standing: Mapped[str] = mapped_column(String(10))
    at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    verdict: Mapped[str | None] = mapped_column(String(6))
    comment: Mapped[str] = mapped_column(Text)
    via: Mapped[str | None] = mapped_column(String(4))

    __table_args__ = (Index(None, "user_id", "standing", "approval_id"),)


class RequesterRow(Base):
    """One person who is told how an approval ended."""

    __tablename__ = "approval_requester"

    approval_id: Mapped[int] = mapped_column(BigId, ForeignKey("approval.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    user_id: Mapped[int] = mapped_column(BigId)
    email: Mapped[str] = mapped_column(String(254))
    name: Mapped[str] = mapped_column(Text)

    __table_args__ = (Index(None, "user_id", "approval_id"),)


class UploadRow(Base):
    """One request for files, met by its unique place as an approval is."""

    __tablename__ = "upload"

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    run_id: Mapped[int] = mapped_column(BigId)
    key: Mapped[str] = mapped_column(String(100))
    place: Mapped[str] = mapped_column(String(100))
    attempt: Mapped[int] = mapped_column(Integer)
    workspace_id: Mapped[int] = mapped_column(BigId)
    environment_id: Mapped[int] = mapped_column(BigId)
    chain_id: Mapped[int] = mapped_column(BigId)
    chain_name: Mapped[str] = mapped_column(Text)
    node_name: Mapped[str] = mapped_column(Text)
    started_by: Mapped[int | None] = mapped_column(BigId)
    title: Mapped[str] = mapped_column(Text)
    details: Mapped[str] = mapped_column(Text)
    endings: Mapped[list[str]] = mapped_column(JSON)
    most_files: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(10))
    text: Mapped[str] = mapped_column(Text)
    comment: Mapped[str] = mapped_column(Text)
    by_id: Mapped[int | None] = mapped_column(BigId)
    by_email: Mapped[str | None] = mapped_column(String(254))
    by_name: Mapped[str | None] = mapped_column(Text)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        UniqueConstraint("run_id", "key", "place", "attempt"),
        Index(
            "ix_upload_due",
            "due_at",
            sqlite_where=sql("due_at IS NOT NULL"),
            postgresql_where=sql("due_at IS NOT NULL"),
        ),
        Index(None, "state", "id"),
    )


class UploaderRow(Base):
    """One person who is asked for files."""

    __tablename__ = "upload_person"

    upload_id: Mapped[int] = mapped_column(BigId, ForeignKey("upload.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    user_id: Mapped[int] = mapped_column(BigId)
    email: Mapped[str] = mapped_column(String(254))
    name: Mapped[str] = mapped_column(Text)

    __table_args__ = (Index(None, "user_id", "upload_id"),)


class UploadFileRow(Base):
    """One file that was given."""

    __tablename__ = "upload_file"

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    upload_id: Mapped[int] = mapped_column(BigId, ForeignKey("upload.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(Text)
    blob: Mapped[str] = mapped_column(Text)
    size_bytes: Mapped[int] = mapped_column(BigId)
    media_type: Mapped[str] = mapped_column(Text)
    by_id: Mapped[int] = mapped_column(BigId)
    by_email: Mapped[str] = mapped_column(String(254))
    by_name: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
