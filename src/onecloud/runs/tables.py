"""The run tables: what people and the API read. The journal is the engine's; these rows tell the same story."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from onecloud.infra.db import Base, BigId, UtcDateTime
from onecloud.kernel.jsonvalue import Json


class ChainRunRow(Base):
    """One run. `fence` counts how often a process took it up: writes under an older count are refused."""

    __tablename__ = "chain_run"
    __table_args__ = (
        Index("ix_chain_run_chain_id_id", "chain_id", "id"),
        Index("ix_chain_run_chain_id_created_at_id", "chain_id", "created_at", "id"),
        Index(
            "ix_chain_run_live",
            "chain_id",
            "state",
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index(
            "ix_chain_run_rerun_of",
            "rerun_of",
            sqlite_where=text("rerun_of IS NOT NULL"),
            postgresql_where=text("rerun_of IS NOT NULL"),
        ),
        Index(
            "ix_chain_run_removed",
            "id",
            sqlite_where=text("removed_at IS NOT NULL"),
            postgresql_where=text("removed_at IS NOT NULL"),
        ),
        Index("ix_chain_run_state", "state"),
        Index("ix_chain_run_environment_id_ended_at", "environment_id", "ended_at"),
        Index("ix_chain_run_environment_id_id", "environment_id", "id"),
        Index("ix_chain_run_parent_run_id_parent_unit", "parent_run_id", "parent_unit", unique=True),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    chain_id: Mapped[int] = mapped_column(BigId)
    environment_id: Mapped[int] = mapped_column(BigId)
    version_id: Mapped[int] = mapped_column(BigId)
    state: Mapped[str] = mapped_column(String(20))
    launch_type: Mapped[str] = mapped_column(String(20))
    user_id: Mapped[int | None] = mapped_column(BigId)
    user_name: Mapped[str | None] = mapped_column(String(300))
    user_email: Mapped[str | None] = mapped_column(String(320))
    inputs: Mapped[dict[str, Json]] = mapped_column(JSON)
    # Values fixed at the start; encrypted ones stay sealed: {"key": {"plain": …} | {"sealed": …}}.
    variables: Mapped[dict[str, Json]] = mapped_column(JSON)
    # Dynamic variables as they are in this run, in the same form; None: the chain has none.
    dynamic: Mapped[dict[str, Json] | None] = mapped_column(JSON)
    # What the chain's outputs came to: as they may be shown, and sealed where that hides a secret.
    outputs: Mapped[dict[str, Json] | None] = mapped_column(JSON)
    outputs_sealed: Mapped[str | None] = mapped_column(Text)
    # The run and the unit of it (`[key, outer, item, attempt]`) whose Run Chain event started this one.
    parent_run_id: Mapped[int | None] = mapped_column(BigId)
    parent_unit: Mapped[str | None] = mapped_column(String(200))
    # The run that this one takes over from, and what (see rerun.py).
    rerun_of: Mapped[int | None] = mapped_column(BigId)
    seed: Mapped[dict[str, Json] | None] = mapped_column(JSON)
    result_text: Mapped[str] = mapped_column(Text, default="")
    fence: Mapped[int] = mapped_column(Integer, default=0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    paused_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    resumed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # Being removed by retention, a few rows at a time: nobody is shown the run any more.
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class NodeRunRow(Base):
    """One node within a run."""

    __tablename__ = "node_run"
    __table_args__ = (UniqueConstraint("run_id", "key"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    run_id: Mapped[int] = mapped_column(BigId, ForeignKey("chain_run.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(100))
    node_id: Mapped[str] = mapped_column(String(36))
    name: Mapped[str] = mapped_column(String(300))
    position: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(20))
    message: Mapped[str] = mapped_column(Text, default="")
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class NodeResultRow(Base):
    """One attempt of one unit: how it ended, its outputs (inline or by file key) and its log's file key.

    `outer` is the pass of the group around it, `item` the pass of its own iterator; -1 where there is none.
    """

    __tablename__ = "node_result"
    __table_args__ = (UniqueConstraint("run_id", "key", "outer", "item", "attempt"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    run_id: Mapped[int] = mapped_column(BigId, ForeignKey("chain_run.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(100))
    outer: Mapped[int] = mapped_column(Integer, default=-1)
    item: Mapped[int] = mapped_column(Integer, default=-1)
    attempt: Mapped[int] = mapped_column(Integer)
    iteration: Mapped[str | None] = mapped_column(String(200))  # the pass's value, cut for lists
    state: Mapped[str] = mapped_column(String(20))
    # What an active attempt waits for: {"kind": "delay" | "approval" | "upload" | "run", …}.
    waits: Mapped[dict[str, Json] | None] = mapped_column(JSON)
    reused_from: Mapped[int | None] = mapped_column(BigId)
    exit_code: Mapped[int | None] = mapped_column(Integer)
    retryable: Mapped[bool] = mapped_column(default=True)
    message: Mapped[str] = mapped_column(Text, default="")
    outputs: Mapped[dict[str, Json] | None] = mapped_column(JSON)
    outputs_sealed: Mapped[str | None] = mapped_column(Text)
    outputs_key: Mapped[str | None] = mapped_column(String(500))
    log_key: Mapped[str] = mapped_column(String(500))
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class RunEventRow(Base):
    """A message to a run's coordinator (see messages.py); read in order, each once."""

    __tablename__ = "run_event"
    __table_args__ = (Index("ix_run_event_run_id_id", "run_id", "id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    run_id: Mapped[int] = mapped_column(BigId, ForeignKey("chain_run.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(20))
    payload: Mapped[dict[str, Json] | None] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class DynamicValueRow(Base):
    """The value that runs of a chain left in a dynamic variable, `{"plain": …}` or `{"sealed": …}`."""

    __tablename__ = "dynamic_value"

    chain_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(100), primary_key=True)
    value: Mapped[dict[str, Json]] = mapped_column(JSON)
    run_id: Mapped[int] = mapped_column(BigId)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class RunEndedRow(Base):
    """A run that ended and that nobody has looked at yet; whoever starts runs after others takes the row away."""

    __tablename__ = "run_ended"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    run_id: Mapped[int] = mapped_column(BigId)
    chain_id: Mapped[int] = mapped_column(BigId)
    state: Mapped[str] = mapped_column(String(20))


class RunUntoldRow(Base):
    """A run that ended outside its turns (stopped, or by a fault) and whose notifications are still to be told."""

    __tablename__ = "run_untold"

    run_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("chain_run.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
