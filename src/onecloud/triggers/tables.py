"""Triggers of chains, and what became of each time that one fired."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from onecloud.infra.db import Base, BigId, UtcDateTime


class TriggerRow(Base):
    """A trigger of a chain. Of its secret address only a keyed hash is stored; `revision` counts its documents."""

    __tablename__ = "chain_trigger"
    __table_args__ = (UniqueConstraint("chain_id", "name"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    chain_id: Mapped[int] = mapped_column(BigId)
    environment_id: Mapped[int] = mapped_column(BigId)
    name: Mapped[str] = mapped_column(String(100))
    kind: Mapped[str] = mapped_column(String(20))
    document: Mapped[str] = mapped_column(Text)  # JSON
    source_chain_id: Mapped[int | None] = mapped_column(BigId, index=True)  # whose runs it waits for
    enabled: Mapped[bool] = mapped_column(Boolean)
    switched_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    switched_by: Mapped[int | None] = mapped_column(BigId)  # None: the command line
    switched_by_name: Mapped[str] = mapped_column(String(300), default="")
    look_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)  # when its folder is looked at next
    looked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    trouble: Mapped[str] = mapped_column(Text, default="")  # of the last look
    address_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    signing_sealed: Mapped[str | None] = mapped_column(Text)
    revision: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class TriggerFireRow(Base):
    """What became of one time; that there is one row for a key makes a trigger fire once for it.

    The key is null where there is nothing to recognise the happening by, or where it may be tried again.
    """

    __tablename__ = "chain_trigger_fire"
    __table_args__ = (
        UniqueConstraint("trigger_id", "key"),
        Index(None, "trigger_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    trigger_id: Mapped[int] = mapped_column(BigId, ForeignKey("chain_trigger.id", ondelete="CASCADE"))
    key: Mapped[str | None] = mapped_column(String(64))  # a hash: what it stands for may be long
    fired_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    about: Mapped[str] = mapped_column(Text)
    run_id: Mapped[int | None] = mapped_column(BigId, index=True)
    reason: Mapped[str] = mapped_column(String(60), default="")
    detail: Mapped[str] = mapped_column(Text, default="")
    depth: Mapped[int] = mapped_column(Integer)


class TriggerFileRow(Base):
    """A file that is in a watched folder, as it was last seen: `version` is its size and when it was written."""

    __tablename__ = "chain_trigger_file"
    __table_args__ = (UniqueConstraint("trigger_id", "path_hash"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    trigger_id: Mapped[int] = mapped_column(BigId, ForeignKey("chain_trigger.id", ondelete="CASCADE"))
    path_hash: Mapped[str] = mapped_column(String(64))
    path: Mapped[str] = mapped_column(Text)
    version: Mapped[str] = mapped_column(String(60))
    since: Mapped[datetime] = mapped_column(UtcDateTime)  # when this version was first seen
    event: Mapped[str] = mapped_column(String(10))
    done: Mapped[bool] = mapped_column(Boolean)  # nothing more comes of this version
