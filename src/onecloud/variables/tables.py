"""Rows of workspace variables and of their values in environments; texts of encrypted ones are sealed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from onecloud.infra.db import Base, BigId, UtcDateTime


class VariableRow(Base):
    """A variable; its key is unique in the workspace."""

    __tablename__ = "workspace_variable"

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    workspace_id: Mapped[int] = mapped_column(BigId, ForeignKey("workspace.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(100))
    label: Mapped[str] = mapped_column(String(200))
    default_value: Mapped[str] = mapped_column(Text)
    encrypted: Mapped[bool] = mapped_column(Boolean)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (UniqueConstraint("workspace_id", "key"),)


class EnvironmentValueRow(Base):
    """A variable's own text in one environment; it stands in for the default there."""

    __tablename__ = "environment_value"

    variable_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("workspace_variable.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    environment_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("environment.id", ondelete="CASCADE"), primary_key=True, autoincrement=False, index=True
    )
    value: Mapped[str] = mapped_column(Text)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
