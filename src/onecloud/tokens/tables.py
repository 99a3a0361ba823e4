"""Rows of the token service. Of a token only a keyed hash and its last four letters are ever stored."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from onecloud.infra.db import Base, BigId, UtcDateTime


class ApplicationRow(Base):
    """One person's API access. The index allows a person one live application; ended ones stay as history."""

    __tablename__ = "api_application"

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    user_id: Mapped[int] = mapped_column(BigId, ForeignKey("user_account.id", ondelete="CASCADE"))
    client_id: Mapped[str] = mapped_column(String(64), unique=True)
    access_token_days: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        Index(
            "ix_api_application_live_user_id",
            "user_id",
            unique=True,
            sqlite_where=text("revoked_at IS NULL"),
            postgresql_where=text("revoked_at IS NULL"),
        ),
        Index("ix_api_application_user_id", "user_id"),
    )


class FamilyRow(Base):
    """All tokens that descend from one grant.

    `generation` orders them: only the tokens of the current generation live, and raising it is what spends a
    refresh token. `access_epoch` is the person's at the grant; a different one now means the family is dead.
    """

    __tablename__ = "token_family"

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    application_id: Mapped[int] = mapped_column(BigId, ForeignKey("api_application.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[int] = mapped_column(BigId, ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    access_epoch: Mapped[int] = mapped_column(Integer)
    generation: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    refreshed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    refreshed_ip: Mapped[str | None] = mapped_column(String(64))
    refreshed_agent: Mapped[str | None] = mapped_column(String(300))
    idle_expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_reason: Mapped[str | None] = mapped_column(String(32))


class AccessTokenRow(Base):
    """The access token of one generation of a family."""

    __tablename__ = "access_token"

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    family_id: Mapped[int] = mapped_column(BigId, ForeignKey("token_family.id", ondelete="CASCADE"))
    generation: Mapped[int] = mapped_column(Integer)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    last4: Mapped[str] = mapped_column(String(4))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_used_ip: Mapped[str | None] = mapped_column(String(64))
    last_used_agent: Mapped[str | None] = mapped_column(String(300))

    __table_args__ = (UniqueConstraint("family_id", "generation"),)


class RefreshTokenRow(Base):
    """The refresh token of one generation of a family.

    The seals hold the successor pair for a repeated request whose first answer was lost, encrypted under the
    spent token: `keyed_seal` also under the request's Idempotency-Key, `open_seal` without one.
    """

    __tablename__ = "refresh_token"

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    family_id: Mapped[int] = mapped_column(BigId, ForeignKey("token_family.id", ondelete="CASCADE"))
    generation: Mapped[int] = mapped_column(Integer)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    last4: Mapped[str] = mapped_column(String(4))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    spent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    keyed_seal: Mapped[str | None] = mapped_column(Text)
    open_seal: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (
        UniqueConstraint("family_id", "generation"),
        # Finds what is to be wiped without reading the whole table.
        Index(
            "ix_refresh_token_sealed_spent_at",
            "spent_at",
            sqlite_where=text("keyed_seal IS NOT NULL OR open_seal IS NOT NULL"),
            postgresql_where=text("keyed_seal IS NOT NULL OR open_seal IS NOT NULL"),
        ),
    )
