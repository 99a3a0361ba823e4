"""Rows of people: accounts, groups, sessions and one-time links. Secrets are stored as hashes only."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, ForeignKey, Index, Integer, String, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from onecloud.infra.db import Base, BigId, UtcDateTime


class UserRow(Base):
    """A person. `access_epoch` grows whenever every session and token of theirs must die for good."""

    __tablename__ = "user_account"

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)  # lower case
    first_name: Mapped[str] = mapped_column(String(100))
    last_name: Mapped[str] = mapped_column(String(100))
    password_hash: Mapped[str | None] = mapped_column(String(255))  # Argon2id, PHC text
    disabled: Mapped[bool] = mapped_column(Boolean, default=False)
    failed_sign_ins: Mapped[int] = mapped_column(Integer, default=0)
    locked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    access_epoch: Mapped[int] = mapped_column(Integer, default=0)
    sso_enabled: Mapped[bool] = mapped_column(Boolean, default=False)
    time_zone: Mapped[str | None] = mapped_column(String(64))
    last_sign_in_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class GroupRow(Base):
    """A group; rights are given to groups only. `is_default`: came with the product and cannot be deleted.

    Members of a group with `api_access` may hold API tokens, as administrators may.
    """

    __tablename__ = "user_group"

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    name: Mapped[str] = mapped_column(String(100), unique=True)
    description: Mapped[str] = mapped_column(Text, server_default="")
    is_default: Mapped[bool] = mapped_column(Boolean, default=False)
    is_admin: Mapped[bool] = mapped_column(Boolean, default=False)
    api_access: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class GroupUserRow(Base):
    """One person's membership of one group."""

    __tablename__ = "user_group_user"

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    group_id: Mapped[int] = mapped_column(BigId, ForeignKey("user_group.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[int] = mapped_column(BigId, ForeignKey("user_account.id", ondelete="CASCADE"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (UniqueConstraint("user_id", "group_id"),)


class PermissionRow(Base):
    """A level on an object, which groups are given. `object_type` and `object_id` repeat the last of the three places.

    The foreign keys look up to the rooms above on purpose: a permission must die with its object, whoever deletes it
    and however, since SQLite may give a deleted row's id to the next one.
    """

    __tablename__ = "permission"

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    object_type: Mapped[str] = mapped_column(String(20))  # Workspace | Environment | Chain
    object_id: Mapped[int] = mapped_column(BigId)
    level: Mapped[int] = mapped_column(Integer)
    workspace_id: Mapped[int] = mapped_column(BigId, ForeignKey("workspace.id", ondelete="CASCADE"), index=True)
    environment_id: Mapped[int | None] = mapped_column(
        BigId, ForeignKey("environment.id", ondelete="CASCADE"), index=True
    )
    chain_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("chain.id", ondelete="CASCADE"), index=True)

    __table_args__ = (UniqueConstraint("object_type", "object_id", "level"),)


class GroupPermissionRow(Base):
    """One group's permission."""

    __tablename__ = "user_group_permission"

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    group_id: Mapped[int] = mapped_column(BigId, ForeignKey("user_group.id", ondelete="CASCADE"))
    permission_id: Mapped[int] = mapped_column(BigId, ForeignKey("permission.id", ondelete="CASCADE"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (UniqueConstraint("group_id", "permission_id"), Index(None, "permission_id", "group_id"))


class SessionRow(Base):
    """A signed-in browser: the keyed hash of its token and the epoch it was made under."""

    __tablename__ = "web_session"

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    user_id: Mapped[int] = mapped_column(BigId, ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    access_epoch: Mapped[int] = mapped_column(Integer)
    ip: Mapped[str] = mapped_column(String(64))
    agent: Mapped[str] = mapped_column(String(500))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_seen_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class LinkRow(Base):
    """A link that works once: the keyed hash of its token. `user_id` is empty for the setup link."""

    __tablename__ = "one_time_link"

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    kind: Mapped[str] = mapped_column(String(20), index=True)  # setup | reset | invitation
    user_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
