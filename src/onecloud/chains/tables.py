"""Rows of chains: the chain with its draft, and one row for every publish."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from onecloud.infra.db import Base, BigId, UtcDateTime


class ChainRow(Base):
    """A chain. `description` and `allow_concurrent_runs` are those of the published version, if there is one."""

    __tablename__ = "chain"
    __table_args__ = (UniqueConstraint("environment_id", "name"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    environment_id: Mapped[int] = mapped_column(BigId, ForeignKey("environment.id"))
    name: Mapped[str] = mapped_column(String(100))
    description: Mapped[str] = mapped_column(Text)
    disabled: Mapped[bool] = mapped_column(Boolean, default=False)
    allow_concurrent_runs: Mapped[bool] = mapped_column(Boolean, default=False)
    draft: Mapped[str] = mapped_column(Text)  # see codec.py; encrypted variables are sealed
    draft_updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    # No foreign key: chain_version already points here, and a circle cannot be created or dropped on SQLite.
    published_version_id: Mapped[int | None] = mapped_column(BigId)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ChainVersionRow(Base):
    """One publish, never changed afterwards. Source: product facts 2.18."""

    __tablename__ = "chain_version"
    __table_args__ = (UniqueConstraint("chain_id", "number"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    chain_id: Mapped[int] = mapped_column(BigId, ForeignKey("chain.id"))
    number: Mapped[int] = mapped_column(Integer)  # 1, 2, … within the chain
    definition: Mapped[str] = mapped_column(Text)
    comment: Mapped[str] = mapped_column(Text)
    published_at: Mapped[datetime] = mapped_column(UtcDateTime)
    published_by: Mapped[int | None] = mapped_column(BigId)  # None: the command line
