"""Rows of chains: the chain with its draft, and one row for every publish."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, ForeignKey, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from onecloud.infra.db import Base, BigId, UtcDateTime


class ChainRow(Base):
    """A chain. Description, tags and the switch for concurrent runs are the published version's, if there is one.

    A deleted chain keeps its row: its runs' history names it. Its own name is free again.
    """

    __tablename__ = "chain"
    __table_args__ = (
        Index(
            "ix_chain_name_of_live",
            "environment_id",
            "name",
            unique=True,
            sqlite_where=text("deleted_at IS NULL"),
            postgresql_where=text("deleted_at IS NULL"),
        ),
        Index("ix_chain_updated_at", "updated_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    environment_id: Mapped[int] = mapped_column(BigId, ForeignKey("environment.id"))
    name: Mapped[str] = mapped_column(String(100))
    description: Mapped[str] = mapped_column(Text)
    disabled: Mapped[bool] = mapped_column(Boolean, default=False)
    allow_concurrent_runs: Mapped[bool] = mapped_column(Boolean, default=False)
    draft: Mapped[str] = mapped_column(Text)  # see codec.py; encrypted variables are sealed
    draft_updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    draft_saved_by: Mapped[int | None] = mapped_column(BigId)  # None: the command line
    draft_revision: Mapped[int] = mapped_column(Integer, default=1)  # one more with every save
    draft_differs: Mapped[bool] = mapped_column(Boolean, default=True)  # from the published version
    tags: Mapped[str] = mapped_column(Text, default="")  # each between two line breaks, to be found by LIKE
    # No foreign key: chain_version already points here, and a circle cannot be created or dropped on SQLite.
    published_version_id: Mapped[int | None] = mapped_column(BigId)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    switched_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # when `disabled` was last changed
    switched_by: Mapped[int | None] = mapped_column(BigId)
    deleted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    deleted_by: Mapped[int | None] = mapped_column(BigId)


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
