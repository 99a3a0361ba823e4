"""Rows of resources and their versions; the bytes are in the file store."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Boolean, ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from onecloud.infra.db import Base, BigId, UtcDateTime


class ResourceRow(Base):
    """A file of a workspace; its name is unique there. `version` is the number of the newest."""

    __tablename__ = "workspace_resource"
    __table_args__ = (UniqueConstraint("workspace_id", "name"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    workspace_id: Mapped[int] = mapped_column(BigId, ForeignKey("workspace.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(100))
    description: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ResourceVersionRow(Base):
    """One content, never changed afterwards."""

    __tablename__ = "workspace_resource_version"
    __table_args__ = (UniqueConstraint("resource_id", "number"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    resource_id: Mapped[int] = mapped_column(BigId, ForeignKey("workspace_resource.id", ondelete="CASCADE"))
    number: Mapped[int] = mapped_column(Integer)
    blob: Mapped[str] = mapped_column(String(200))
    sha256: Mapped[str] = mapped_column(String(64))
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    is_text: Mapped[bool] = mapped_column(Boolean)
    comment: Mapped[str] = mapped_column(String(500))
    created_by: Mapped[int | None] = mapped_column(BigId)  # None: the command line
    created_by_name: Mapped[str] = mapped_column(String(320))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
