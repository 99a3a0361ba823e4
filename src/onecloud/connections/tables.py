"""Rows of connections; secrets are one sealed JSON text."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from onecloud.infra.db import Base, BigId, UtcDateTime
from onecloud.kernel.jsonvalue import JsonObject


class ConnectionRow(Base):
    """A connection; its name is unique in the workspace."""

    __tablename__ = "connection"

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    workspace_id: Mapped[int] = mapped_column(BigId, ForeignKey("workspace.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(100))
    description: Mapped[str] = mapped_column(Text)
    connector: Mapped[str] = mapped_column(String(100))
    properties: Mapped[JsonObject] = mapped_column(JSON)
    secrets: Mapped[str] = mapped_column(Text)  # sealed
    secret_names: Mapped[list[str]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (UniqueConstraint("workspace_id", "name"),)


class ConnectionEnvironmentRow(Base):
    """Where a connection may be used."""

    __tablename__ = "connection_environment"

    connection_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("connection.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    environment_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("environment.id", ondelete="CASCADE"), primary_key=True, autoincrement=False, index=True
    )
